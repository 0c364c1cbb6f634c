// A question as people write it, `david lon.las alfa`, and the request that it stands for. Plain
// ids are looked up among the types that the permission's rules admit.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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

// What exists, wherever it is kept.
struct Known {
  using Exists = std::function<bool(const std::string& type, std::string_view id)>;
  // Ids of a type; none when there are more than `most`.
  using Ids = std::function<std::vector<std::string>(const std::string& type, size_t most)>;
  Known(Exists exists_, Ids ids_) : exists(std::move(exists_)), ids(std::move(ids_)) {}
  // The view must outlive it.
  Known(const engine::View& view);  // NOLINT

  Exists exists;
  Ids ids;
};

enum class QuestionPlace { kSubject, kObject };
// Entity types that may stand in that place of a question about the permission. Without such a
// permission or any rule about it: those of all rules, then all types.
std::set<dsl::TypeId> AdmittedTypes(const dsl::Module& module, const std::string& permission,
                                    QuestionPlace place);
std::set<dsl::TypeId> AllTypes(const dsl::Module& module);
// A name that nobody has is of one of the types; an id that several have is an error.
engine::Result<engine::EntityName> ResolveEntity(const dsl::Module& module, const Known& known,
                                                 const WrittenEntity& written,
                                                 const std::set<dsl::TypeId>& admitted);

// Finds the types. A name that nobody has stays a request, which the engine denies; an id that
// several types have is an error that says how to choose.
engine::Result<engine::Request> Resolve(const dsl::Module& module, const Known& known,
                                        const Question& question);

// For a request that names something unknown: what may have been meant, as sentences.
std::vector<std::string> MisspeltNames(const dsl::Module& module, const Known& known,
                                       const engine::Request& request);

}  // namespace portvakt::cli
