// What all readers of JSON requests share: bodies, faults, and values for the engine. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/decision.h"
#include "server/json.h"
#include "server/json_document.h"
#include "server/message.h"

namespace portvakt::server {

// What is wrong with a request: a stable code, and for a person what, where and what to do.
struct Fault {
  std::string code;
  std::string message;
};

// 400 with the fault.
HttpResponse Refuse(const Fault& fault);
// 200 with the value.
HttpResponse Ok(const JsonValue& answer);

// "`/subject/id` is a number; it must be a string"; `pointer` is with its quotes.
Fault WrongType(const std::string& pointer, const JsonValue& found, std::string_view wanted);
Fault WrongType(const std::string& pointer, const JsonView& found, std::string_view wanted);
// A name's value: a string without control characters.
std::optional<Fault> CheckName(const std::string& pointer, const JsonValue& value);
// The same in two steps, for those who tell where only when something is wrong.
bool IsName(const JsonView& value);
Fault NoName(const std::string& pointer, const JsonView& value);

// The body as an object. Faults: wrong_content_type, malformed_json.
std::variant<JsonValue, Fault> ReadBody(const HttpRequest& request);
// The same where it lies: the document's root is an object when there is no fault.
std::optional<Fault> ReadBody(const HttpRequest& request, JsonDocument& body);

// The member, or null pointer (no view) when it is absent or null.
const JsonValue* Member(const JsonValue& object, std::string_view name);
JsonView Member(const JsonView& object, std::string_view name);

// Values as the engine takes them.
engine::InputValues ToInputs(const JsonValue& object);
engine::InputValues ToInputs(const JsonView& object);

// The same value with the members of all its objects in the order of their names, so that requests
// that mean the same have the same bytes.
JsonValue Ordered(const JsonValue& value);

}  // namespace portvakt::server
