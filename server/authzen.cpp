// Single evaluations and batches. A batch's defaults are put in item by item, whole
// member for whole member, and only then is anything checked: an incomplete default that every item
// replaces is no fault, and nothing of a default leaks into an item that brings its own.
#include "server/authzen.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "server/authzen_read.h"
#include "server/decision_json.h"
#include "server/json.h"
#include "server/limits.h"

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

std::optional<Fault> ReadRequest(const Parts& parts, engine::Request& request) {
  if (auto fault = ReadSubject(parts, request)) return fault;
  if (auto fault = ReadAction(parts, request)) return fault;
  if (auto fault = ReadResource(parts, request)) return fault;
  return ReadContext(parts, request);
}

Parts WithDefaults(const Parts& item, const Parts& defaults) {
  const auto choose = [](const Part& own, const Part& other) {
    return own.value != nullptr || other.value == nullptr ? own : other;
  };
  return {choose(item.subject, defaults.subject), choose(item.action, defaults.action),
          choose(item.resource, defaults.resource), choose(item.context, defaults.context)};
}

// ---- the whole body -----------------------------------------------------------------------------

bool WantsExplanation(const HttpRequest& request) {
  const std::string_view* field = request.Field("Portvakt-Explain");
  return field != nullptr && EqualIgnoringCase(*field, "true");
}

JsonValue Decided(const engine::Request& request, bool explain, Decider& decider) {
  return explain ? ExplanationJson(decider.Explain(request))
                 : DecisionJson(decider.Decide(request));
}

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
