// Bodies, faults and values: the first steps of reading any request.
#include "server/request_json.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

bool IsJson(const std::string_view* content_type) {
  if (content_type == nullptr) return false;
  std::string_view media_type = content_type->substr(0, content_type->find(';'));
  while (!media_type.empty() && (media_type.back() == ' ' || media_type.back() == '\t')) {
    media_type.remove_suffix(1);
  }
  return EqualIgnoringCase(media_type, HttpResponse::kJson);
}

bool HasControlCharacter(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
  constexpr uint64_t kTops = kOnes << 7;
  // Eight bytes at once: a byte below 0x20, and 0x7F turned to 0, borrow from their top bit.
  const auto has = [](uint64_t bytes) {
    const uint64_t deletes = bytes ^ (kOnes * 0x7F);
    return ((((bytes - kOnes * 0x20) & ~bytes) | ((deletes - kOnes) & ~deletes)) & kTops) != 0;
  };
  for (; text.size() >= sizeof(uint64_t); text.remove_prefix(sizeof(uint64_t))) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (has(bytes)) return true;
  }
  uint64_t rest = kOnes * ' ';
  for (char letter : text) rest = rest << 8 | static_cast<unsigned char>(letter);
  return has(rest);
}

constexpr std::string_view kWantedName = "a string";

Fault WrongKind(const std::string& pointer, Kind found, std::string_view wanted) {
  return {"wrong_type",
          pointer + " is " + std::string(NameOf(found)) + "; it must be " + std::string(wanted)};
}

Fault ControlCharacter(const std::string& pointer) {
  return {"control_character", pointer + " holds a control character; no type, id or name has one"};
}

std::string TextOf(const JsonValue& value) { return WriteJson(value); }
std::string TextOf(const JsonView& value) { return WriteJson(value.ToValue()); }

// Of values and of views. Recursion is bounded by the depth that the JSON reader allows.
template <class Json>
engine::InputValue InputOf(const Json& value) {
  engine::InputValue input;
  switch (value.kind()) {
    case Kind::kNull: break;
    case Kind::kBool:
      input.kind = engine::InputValue::Kind::kBool;
      input.boolean = value.boolean();
      break;
    case Kind::kInteger:
      input.kind = engine::InputValue::Kind::kInteger;
      input.integer = value.integer();
      break;
    case Kind::kDouble:
      input.kind = engine::InputValue::Kind::kDouble;
      input.number = value.number();
      break;
    case Kind::kString:
      input.kind = engine::InputValue::Kind::kString;
      input.text = value.text();
      break;
    case Kind::kArray:
      input.kind = engine::InputValue::Kind::kList;
      input.list.reserve(value.elements().size());
      for (const auto& element : value.elements()) input.list.push_back(InputOf(element));
      break;
    case Kind::kObject:
      // No attribute has such a type; the engine takes it as not supplied. The text is for logs.
      input.kind = engine::InputValue::Kind::kObject;
      input.text = TextOf(value);
      break;
  }
  return input;
}

template <class Json>
engine::InputValues InputsOf(const Json& object) {
  engine::InputValues inputs;
  inputs.reserve(object.members().size());
  for (const auto& [name, value] : object.members()) inputs.emplace_back(name, InputOf(value));
  return inputs;
}

}  // namespace

HttpResponse Refuse(const Fault& fault) { return Problem(400, fault.code, fault.message); }

HttpResponse Ok(const JsonValue& answer) {
  HttpResponse response;
  response.body = WriteJson(answer);
  return response;
}

Fault WrongType(const std::string& pointer, const JsonValue& found, std::string_view wanted) {
  return WrongKind(pointer, found.kind(), wanted);
}

Fault WrongType(const std::string& pointer, const JsonView& found, std::string_view wanted) {
  return WrongKind(pointer, found.kind(), wanted);
}

std::optional<Fault> CheckName(const std::string& pointer, const JsonValue& value) {
  if (!value.is(Kind::kString)) return WrongType(pointer, value, kWantedName);
  if (HasControlCharacter(value.text())) return ControlCharacter(pointer);
  return std::nullopt;
}

bool IsName(const JsonView& value) {
  return value.is(Kind::kString) && !HasControlCharacter(value.text());
}

Fault NoName(const std::string& pointer, const JsonView& value) {
  return value.is(Kind::kString) ? ControlCharacter(pointer)
                                 : WrongType(pointer, value, kWantedName);
}

std::optional<Fault> ReadBody(const HttpRequest& request, JsonDocument& body) {
  if (!IsJson(request.Field("Content-Type"))) {
    return Fault{"wrong_content_type", "send the body with `Content-Type: application/json`"};
  }
  if (request.body.empty()) return Fault{"malformed_json", "the body is empty; send a JSON object"};
  if (const auto error = body.Read(request.body)) {
    return Fault{"malformed_json", "the body cannot be read: " + error->message + ", at byte " +
                                       std::to_string(error->offset)};
  }
  if (body.root().is(Kind::kObject)) return std::nullopt;
  return Fault{"malformed_json",
               "the body is " + std::string(NameOf(body.root().kind())) + "; send a JSON object"};
}

std::variant<JsonValue, Fault> ReadBody(const HttpRequest& request) {
  JsonDocument body;
  if (auto fault = ReadBody(request, body)) return *std::move(fault);
  return body.root().ToValue();
}

const JsonValue* Member(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.Find(name);
  return value == nullptr || value->is(Kind::kNull) ? nullptr : value;
}

JsonView Member(const JsonView& object, std::string_view name) {
  const JsonView value = object.Find(name);
  return !value || value.is(Kind::kNull) ? JsonView() : value;
}

engine::InputValues ToInputs(const JsonValue& object) { return InputsOf(object); }
engine::InputValues ToInputs(const JsonView& object) { return InputsOf(object); }

// Recursion is bounded by the depth that the JSON reader allows.
JsonValue Ordered(const JsonValue& value) {
  if (value.is(Kind::kArray)) {
    JsonValue array = JsonValue::Array();
    for (const JsonValue& element : value.elements()) array.Append(Ordered(element));
    return array;
  }
  if (!value.is(Kind::kObject)) return value;
  JsonValue::Members members;
  for (const auto& [name, inner] : value.members()) members.emplace_back(name, Ordered(inner));
  std::sort(members.begin(), members.end(),
            [](const auto& left, const auto& right) { return left.first < right.first; });
  return JsonValue::Object(std::move(members));
}

}  // namespace portvakt::server
