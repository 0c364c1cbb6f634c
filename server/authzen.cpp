// How the decision interface reads requests. A batch's defaults are put in item by item, whole
// member for whole member, and only then is anything checked: an incomplete default that every item
// replaces is no fault, and nothing of a default leaks into an item that brings its own.
#include "server/authzen.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "server/decision_json.h"
#include "server/json.h"
#include "server/limits.h"

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

// What is wrong with a request, for a person.
struct Fault {
  std::string code;
  std::string message;
};

// One of the four members of an evaluation, and where it stood ("" or "/evaluations/3").
struct Part {
  const JsonValue* value = nullptr;
  std::string_view where;
};

struct Parts {
  Part subject;
  Part action;
  Part resource;
  Part context;
};

// The member, or nothing when it is absent or null.
const JsonValue* Member(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.Find(name);
  return value == nullptr || value->is(Kind::kNull) ? nullptr : value;
}

std::string Pointer(const Part& part, std::string_view member, std::string_view inner = {}) {
  std::string pointer = "`";
  pointer.append(part.where).append("/").append(member);
  if (!inner.empty()) pointer.append("/").append(inner);
  return pointer + "`";
}

Fault WrongType(const std::string& pointer, const JsonValue& found, std::string_view wanted) {
  return {"wrong_type", pointer + " is " + std::string(NameOf(found.kind())) + "; it must be " +
                            std::string(wanted)};
}

bool HasControlCharacter(std::string_view text) {
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7F) return true;
  }
  return false;
}

// A required string inside one of the parts.
std::optional<Fault> ReadName(const Part& part, std::string_view member, std::string_view inner,
                              std::string& name) {
  const JsonValue* value = Member(*part.value, inner);
  if (value == nullptr) {
    return Fault{"missing_member", Pointer(part, member, inner) + " is missing; send a string"};
  }
  if (!value->is(Kind::kString)) {
    return WrongType(Pointer(part, member, inner), *value, "a string");
  }
  if (HasControlCharacter(value->text())) {
    return Fault{
        "control_character",
        Pointer(part, member, inner) + " holds a control character; no type, id or name has one"};
  }
  name = value->text();
  return std::nullopt;
}

// Recursion is bounded by the depth that the JSON reader allows.
engine::InputValue ToInput(const JsonValue& value) {
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
      for (const JsonValue& element : value.elements()) input.list.push_back(ToInput(element));
      break;
    case Kind::kObject:
      // No attribute has such a type; the engine takes it as not supplied.
      input.kind = engine::InputValue::Kind::kObject;
      break;
  }
  return input;
}

engine::InputValues ToInputs(const JsonValue& object) {
  engine::InputValues inputs;
  inputs.reserve(object.members().size());
  for (const JsonValue::Member& member : object.members()) {
    inputs.emplace_back(member.first, ToInput(member.second));
  }
  return inputs;
}

std::optional<Fault> ReadProperties(const Part& part, std::string_view member,
                                    engine::InputValues& inputs) {
  const JsonValue* value = Member(*part.value, "properties");
  if (value == nullptr) return std::nullopt;
  if (!value->is(Kind::kObject)) {
    return WrongType(Pointer(part, member, "properties"), *value, "an object");
  }
  inputs = ToInputs(*value);
  return std::nullopt;
}

std::optional<Fault> CheckPart(const Part& part, std::string_view member, std::string_view needs) {
  if (part.value == nullptr) {
    return Fault{"missing_member",
                 Pointer(part, member) + " is missing; send an object with " + std::string(needs)};
  }
  if (part.value->is(Kind::kObject)) return std::nullopt;
  return WrongType(Pointer(part, member), *part.value, "an object with " + std::string(needs));
}

std::optional<Fault> ReadEntity(const Part& part, std::string_view member, engine::EntityName& name,
                                engine::InputValues& properties) {
  if (auto fault = CheckPart(part, member, "`type` and `id`")) return fault;
  if (auto fault = ReadName(part, member, "type", name.type)) return fault;
  if (auto fault = ReadName(part, member, "id", name.id)) return fault;
  return ReadProperties(part, member, properties);
}

std::optional<Fault> ReadRequest(const Parts& parts, engine::Request& request) {
  if (auto fault =
          ReadEntity(parts.subject, "subject", request.subject, request.subject_properties)) {
    return fault;
  }
  if (auto fault = CheckPart(parts.action, "action", "`name`")) return fault;
  if (auto fault = ReadName(parts.action, "action", "name", request.action)) return fault;
  if (auto fault = ReadProperties(parts.action, "action", request.action_properties)) return fault;
  if (auto fault =
          ReadEntity(parts.resource, "resource", request.resource, request.resource_properties)) {
    return fault;
  }
  if (parts.context.value == nullptr) return std::nullopt;
  if (!parts.context.value->is(Kind::kObject)) {
    return WrongType(Pointer(parts.context, "context"), *parts.context.value, "an object");
  }
  request.context = ToInputs(*parts.context.value);
  return std::nullopt;
}

Parts PartsOf(const JsonValue& object, std::string_view where) {
  return {{Member(object, "subject"), where},
          {Member(object, "action"), where},
          {Member(object, "resource"), where},
          {Member(object, "context"), where}};
}

Parts WithDefaults(const Parts& item, const Parts& defaults) {
  const auto choose = [](const Part& own, const Part& other) {
    return own.value != nullptr || other.value == nullptr ? own : other;
  };
  return {choose(item.subject, defaults.subject), choose(item.action, defaults.action),
          choose(item.resource, defaults.resource), choose(item.context, defaults.context)};
}

// ---- the whole body -----------------------------------------------------------------------------

bool IsJson(const std::string_view* content_type) {
  if (content_type == nullptr) return false;
  std::string_view media_type = content_type->substr(0, content_type->find(';'));
  while (!media_type.empty() && (media_type.back() == ' ' || media_type.back() == '\t')) {
    media_type.remove_suffix(1);
  }
  return EqualIgnoringCase(media_type, HttpResponse::kJson);
}

bool WantsExplanation(const HttpRequest& request) {
  const std::string_view* field = request.Field("Portvakt-Explain");
  return field != nullptr && EqualIgnoringCase(*field, "true");
}

std::variant<JsonValue, Fault> ReadBody(const HttpRequest& request) {
  if (!IsJson(request.Field("Content-Type"))) {
    return Fault{"wrong_content_type", "send the body with `Content-Type: application/json`"};
  }
  if (request.body.empty()) return Fault{"malformed_json", "the body is empty; send a JSON object"};
  JsonRead read = ReadJson(request.body);
  if (!read.value) {
    return Fault{"malformed_json", "the body cannot be read: " + read.error.message + ", at byte " +
                                       std::to_string(read.error.offset)};
  }
  if (!read.value->is(Kind::kObject)) {
    return Fault{"malformed_json",
                 "the body is " + std::string(NameOf(read.value->kind())) + "; send a JSON object"};
  }
  return std::move(*read.value);
}

JsonValue Decided(const engine::Request& request, bool explain, Decider& decider) {
  return explain ? ExplanationJson(decider.Explain(request))
                 : DecisionJson(decider.Decide(request));
}

HttpResponse Ok(const JsonValue& answer) {
  HttpResponse response;
  response.body = WriteJson(answer);
  return response;
}

HttpResponse Refuse(const Fault& fault) { return Problem(400, fault.code, fault.message); }

HttpResponse EvaluateSingle(const JsonValue& body, bool explain, Decider& decider) {
  engine::Request request;
  if (const auto fault = ReadRequest(PartsOf(body, ""), request)) return Refuse(*fault);
  return Ok(Decided(request, explain, decider));
}

// ---- batches ------------------------------------------------------------------------------------

enum class Semantic { kAll, kUntilDeny, kUntilPermit };

std::variant<Semantic, Fault> ReadSemantic(const JsonValue& body) {
  const JsonValue* options = Member(body, "options");
  if (options == nullptr) return Semantic::kAll;
  if (!options->is(Kind::kObject)) return WrongType("`/options`", *options, "an object");
  const JsonValue* semantic = Member(*options, "evaluations_semantic");
  if (semantic == nullptr) return Semantic::kAll;
  constexpr std::string_view kWanted =
      "`execute_all`, `deny_on_first_deny` or `permit_on_first_permit`";
  if (!semantic->is(Kind::kString)) {
    return WrongType("`/options/evaluations_semantic`", *semantic, kWanted);
  }
  if (semantic->text() == "execute_all") return Semantic::kAll;
  if (semantic->text() == "deny_on_first_deny") return Semantic::kUntilDeny;
  if (semantic->text() == "permit_on_first_permit") return Semantic::kUntilPermit;
  return Fault{"unknown_semantic",
               "`/options/evaluations_semantic` must be " + std::string(kWanted)};
}

// Defaults that are there must be objects, even if every item replaces them: the body is malformed.
std::optional<Fault> CheckDefaults(const Parts& defaults) {
  const std::pair<std::string_view, const Part*> all[] = {{"subject", &defaults.subject},
                                                          {"action", &defaults.action},
                                                          {"resource", &defaults.resource},
                                                          {"context", &defaults.context}};
  for (const auto& [member, part] : all) {
    if (part->value == nullptr || part->value->is(Kind::kObject)) continue;
    return WrongType(Pointer(*part, member), *part->value, "an object");
  }
  return std::nullopt;
}

JsonValue ItemError(const Fault& fault) {
  JsonValue error = JsonValue::Object();
  error.Set("status", 400).Set("message", fault.message);
  JsonValue context = JsonValue::Object();
  context.Set("error", std::move(error));
  JsonValue answer = JsonValue::Object();
  return std::move(answer.Set("decision", false).Set("context", std::move(context)));
}

JsonValue EvaluateItem(const JsonValue& item, const std::string& where, const Parts& defaults,
                       bool explain, Decider& decider) {
  if (!item.is(Kind::kObject)) {
    return ItemError(WrongType("`" + where + "`", item, "an object"));
  }
  engine::Request request;
  const auto fault = ReadRequest(WithDefaults(PartsOf(item, where), defaults), request);
  return fault ? ItemError(*fault) : Decided(request, explain, decider);
}

}  // namespace

HttpResponse Evaluate(const HttpRequest& request, Decider& decider) {
  const auto body = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&body)) return Refuse(*fault);
  return EvaluateSingle(std::get<JsonValue>(body), WantsExplanation(request), decider);
}

HttpResponse EvaluateBatch(const HttpRequest& request, Decider& decider) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  const JsonValue& body = std::get<JsonValue>(read);
  const bool explain = WantsExplanation(request);

  const JsonValue* items = body.Find("evaluations");
  if (items == nullptr) return EvaluateSingle(body, explain, decider);
  if (!items->is(Kind::kArray)) {
    return Refuse(WrongType("`/evaluations`", *items, "an array of evaluations"));
  }
  if (items->elements().empty()) return EvaluateSingle(body, explain, decider);
  if (items->elements().size() > kMaxEvaluations) {
    return Refuse({"too_many_evaluations",
                   "`/evaluations` has " + std::to_string(items->elements().size()) +
                       " items; send at most " + std::to_string(kMaxEvaluations) + " at a time"});
  }
  const auto semantic = ReadSemantic(body);
  if (const Fault* fault = std::get_if<Fault>(&semantic)) return Refuse(*fault);
  const Parts defaults = PartsOf(body, "");
  if (const auto fault = CheckDefaults(defaults)) return Refuse(*fault);

  const Semantic until = std::get<Semantic>(semantic);
  JsonValue answers = JsonValue::Array();
  for (size_t index = 0; index < items->elements().size(); ++index) {
    const std::string where = "/evaluations/" + std::to_string(index);
    JsonValue answer = EvaluateItem(items->elements()[index], where, defaults, explain, decider);
    const bool permit = answer.Find("decision")->boolean();
    answers.Append(std::move(answer));
    if (permit ? until == Semantic::kUntilPermit : until == Semantic::kUntilDeny) break;
  }
  JsonValue all = JsonValue::Object();
  return Ok(all.Set("evaluations", std::move(answers)));
}

}  // namespace portvakt::server
