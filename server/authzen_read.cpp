// Parts of evaluations and searches, checked one by one.
#include "server/authzen_read.h"

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

// A required string inside one of the parts.
std::optional<Fault> ReadName(const Part& part, std::string_view member, std::string_view inner,
                              std::string& name) {
  const JsonView value = Member(part.value, inner);
  if (!value) {
    return Fault{"missing_member", Pointer(part, member, inner) + " is missing; send a string"};
  }
  if (!IsName(value)) return NoName(Pointer(part, member, inner), value);
  name = value.text();
  return std::nullopt;
}

std::optional<Fault> ReadProperties(const Part& part, std::string_view member,
                                    engine::InputValues& inputs) {
  const JsonView value = Member(part.value, "properties");
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
  if (auto fault = ReadName(part, member, "type", name.type)) return fault;
  if (auto fault = ReadName(part, member, "id", name.id)) return fault;
  return ReadProperties(part, member, properties);
}

}  // namespace

std::string Pointer(const Part& part, std::string_view member, std::string_view inner) {
  std::string pointer = "`";
  pointer.append(part.where).append("/").append(member);
  if (!inner.empty()) pointer.append("/").append(inner);
  return pointer + "`";
}

Parts PartsOf(const JsonView& object, std::string_view where) {
  return {{Member(object, "subject"), where},
          {Member(object, "action"), where},
          {Member(object, "resource"), where},
          {Member(object, "context"), where}};
}

std::optional<Fault> ReadSubject(const Parts& parts, engine::Request& request) {
  return ReadEntity(parts.subject, "subject", request.subject, request.subject_properties);
}

std::optional<Fault> ReadAction(const Parts& parts, engine::Request& request) {
  if (auto fault = CheckPart(parts.action, "action", "`name`")) return fault;
  if (auto fault = ReadName(parts.action, "action", "name", request.action)) return fault;
  return ReadProperties(parts.action, "action", request.action_properties);
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
  return ReadName(part, member, "type", name.type);
}

}  // namespace portvakt::server
