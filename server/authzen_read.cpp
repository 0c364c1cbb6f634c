// Parts of evaluations and searches, checked one by one.
#include "server/authzen_read.h"

#include <array>

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

// The members of these names, in one walk; none where it is absent or null. Names stand once.
template <size_t count>
std::array<JsonView, count> Pick(const JsonView& object,
                                 const std::array<std::string_view, count>& names) {
  std::array<JsonView, count> found;
  if (!object.is(Kind::kObject)) return found;
  for (const auto [name, value] : object.members()) {
    for (size_t i = 0; i < count; ++i) {
      if (name == names[i] && !value.is(Kind::kNull)) found[i] = value;
    }
  }
  return found;
}

constexpr std::array<std::string_view, 4> kPartNames = {"subject", "action", "resource", "context"};
constexpr std::array<std::string_view, 3> kEntityNames = {"type", "id", "properties"};
constexpr std::array<std::string_view, 2> kActionNames = {"name", "properties"};

// `value` is the required string `inner` of one of the parts, if it is there.
std::optional<Fault> ReadName(const Part& part, std::string_view member, std::string_view inner,
                              const JsonView& value, std::string& name) {
  if (!value) {
    return Fault{"missing_member", Pointer(part, member, inner) + " is missing; send a string"};
  }
  if (!IsName(value)) return NoName(Pointer(part, member, inner), value);
  name = value.text();
  return std::nullopt;
}

std::optional<Fault> ReadProperties(const Part& part, std::string_view member,
                                    const JsonView& value, engine::InputValues& inputs) {
  if (!value) return std::nullopt;
  if (!value.is(Kind::kObject)) {
    return WrongType(Pointer(part, member, "properties"), value, "an object");
  }
  inputs = ToInputs(value);
  return std::nullopt;
}

std::optional<Fault> CheckPart(const Part& part, std::string_view member, std::string_view needs) {
  if (!part.value) {
    return Fault{"missing_member",
                 Pointer(part, member) + " is missing; send an object with " + std::string(needs)};
  }
  if (part.value.is(Kind::kObject)) return std::nullopt;
  return WrongType(Pointer(part, member), part.value, "an object with " + std::string(needs));
}

std::optional<Fault> ReadEntity(const Part& part, std::string_view member, engine::EntityName& name,
                                engine::InputValues& properties) {
  if (auto fault = CheckPart(part, member, "`type` and `id`")) return fault;
  const auto [type, id, given] = Pick(part.value, kEntityNames);
  if (auto fault = ReadName(part, member, "type", type, name.type)) return fault;
  if (auto fault = ReadName(part, member, "id", id, name.id)) return fault;
  return ReadProperties(part, member, given, properties);
}

}  // namespace

std::string Pointer(const Part& part, std::string_view member, std::string_view inner) {
  std::string pointer = "`";
  pointer.append(part.where).append("/").append(member);
  if (!inner.empty()) pointer.append("/").append(inner);
  return pointer + "`";
}

Parts PartsOf(const JsonView& object, std::string_view where) {
  const auto [subject, action, resource, context] = Pick(object, kPartNames);
  return {{subject, where}, {action, where}, {resource, where}, {context, where}};
}

std::optional<Fault> ReadSubject(const Parts& parts, engine::Request& request) {
  return ReadEntity(parts.subject, "subject", request.subject, request.subject_properties);
}

std::optional<Fault> ReadAction(const Parts& parts, engine::Request& request) {
  if (auto fault = CheckPart(parts.action, "action", "`name`")) return fault;
  const auto [name, given] = Pick(parts.action.value, kActionNames);
  if (auto fault = ReadName(parts.action, "action", "name", name, request.action)) return fault;
  return ReadProperties(parts.action, "action", given, request.action_properties);
}

std::optional<Fault> ReadResource(const Parts& parts, engine::Request& request) {
  return ReadEntity(parts.resource, "resource", request.resource, request.resource_properties);
}

std::optional<Fault> ReadContext(const Parts& parts, engine::Request& request) {
  if (!parts.context.value) return std::nullopt;
  if (!parts.context.value.is(Kind::kObject)) {
    return WrongType(Pointer(parts.context, "context"), parts.context.value, "an object");
  }
  request.context = ToInputs(parts.context.value);
  return std::nullopt;
}

std::optional<Fault> ReadSearched(const Part& part, std::string_view member,
                                  engine::EntityName& name) {
  if (auto fault = CheckPart(part, member, "`type`")) return fault;
  return ReadName(part, member, "type", Member(part.value, "type"), name.type);
}

}  // namespace portvakt::server
