// How the decision interface reads subject, action, resource and context: each from where it stands
// (a request or an item of a batch), members that we do not know ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/decision.h"
#include "server/json_document.h"
#include "server/request_json.h"

namespace portvakt::server {

// One of the four members of an evaluation, and where it stood ("" or "/evaluations/3").
struct Part {
  JsonView value;  // none when it is absent or null
  std::string_view where;
};

struct Parts {
  Part subject;
  Part action;
  Part resource;
  Part context;
};

Parts PartsOf(const JsonView& object, std::string_view where);

// "`/evaluations/3/subject/id`"
std::string Pointer(const Part& part, std::string_view member, std::string_view inner = {});

std::optional<Fault> ReadSubject(const Parts& parts, engine::Request& request);
std::optional<Fault> ReadAction(const Parts& parts, engine::Request& request);
std::optional<Fault> ReadResource(const Parts& parts, engine::Request& request);
std::optional<Fault> ReadContext(const Parts& parts, engine::Request& request);
// Of an entity that is searched for: its type and nothing else, whatever else is there.
std::optional<Fault> ReadSearched(const Part& part, std::string_view member,
                                  engine::EntityName& name);

}  // namespace portvakt::server
