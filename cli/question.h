// A question as people write it, `david lon.las alfa`, and the request that it stands for. Plain
// ids are looked up among the types that the permission's rules admit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/module.h"
#include "engine/decision.h"
#include "engine/result.h"
#include "engine/store.h"

namespace portvakt::cli {

// An entity as written. `type` is "" when only an id was given.
struct WrittenEntity {
  std::string type;
  std::string id;
};

struct Question {
  WrittenEntity subject;
  std::string permission;
  WrittenEntity object;
};

// `type:id` where the first part is a type of the policy; all else is an id, colons and all.
WrittenEntity ReadEntity(const dsl::Module& module, const std::string& text);

// Three words with blanks between them. An id with blanks stands in quotation marks, `"a b"` or
// `user:"a b"`; there \" and \\ mean themselves.
engine::Result<Question> SplitQuestion(const dsl::Module& module, std::string_view text);

// `david lon.las alfa`, with quotation marks where they are needed.
std::string WriteQuestion(const Question& question);

// Finds the types. A name that nobody has stays a request, which the engine denies; an id that
// several types have is an error that says how to choose.
engine::Result<engine::Request> Resolve(const dsl::Module& module, const engine::Snapshot& snapshot,
                                        const Question& question);

// For a request that names something unknown: what may have been meant, as sentences.
std::vector<std::string> MisspeltNames(const dsl::Module& module, const engine::Snapshot& snapshot,
                                       const engine::Request& request);

}  // namespace portvakt::cli
