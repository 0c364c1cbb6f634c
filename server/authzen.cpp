// Single evaluations and batches. A batch's defaults are put in item by item, whole
// member for whole member, and only then is anything checked: an incomplete default that every item
// replaces is no fault, and nothing of a default leaks into an item that brings its own.
#include "server/authzen.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "server/authzen_read.h"
#include "server/decision_json.h"
#include "server/json_document.h"
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
    return own.value || !other.value ? own : other;
  };
  return {choose(item.subject, defaults.subject), choose(item.action, defaults.action),
          choose(item.resource, defaults.resource), choose(item.context, defaults.context)};
}

// ---- the whole body -----------------------------------------------------------------------------

bool WantsExplanation(const HttpRequest& request) {
  const std::string_view* field = request.Field("Portvakt-Explain");
  return field != nullptr && EqualIgnoringCase(*field, "true");
}

// Appends the answer to one question and tells whether it permits.
bool Decide(const engine::Request& request, bool explain, Decider& decider, std::string& out) {
  if (explain) {
    const engine::Explanation explanation = decider.Explain(request);
    out += WriteJson(ExplanationJson(explanation));
    return explanation.decision.permit;
  }
  const engine::Decision decision = decider.Decide(request);
  AppendDecision(decision, out);
  return decision.permit;
}

HttpResponse EvaluateSingle(const JsonView& body, bool explain, Decider& decider) {
  engine::Request request;
  if (const auto fault = ReadRequest(PartsOf(body, ""), request)) return Refuse(*fault);
  HttpResponse response;
  Decide(request, explain, decider, response.body);
  return response;
}

// ---- batches ------------------------------------------------------------------------------------

enum class Semantic { kAll, kUntilDeny, kUntilPermit };

std::variant<Semantic, Fault> ReadSemantic(const JsonView& body) {
  const JsonView options = Member(body, "options");
  if (!options) return Semantic::kAll;
  if (!options.is(Kind::kObject)) return WrongType("`/options`", options, "an object");
  const JsonView semantic = Member(options, "evaluations_semantic");
  if (!semantic) return Semantic::kAll;
  constexpr std::string_view kWanted =
      "`execute_all`, `deny_on_first_deny` or `permit_on_first_permit`";
  if (!semantic.is(Kind::kString)) {
    return WrongType("`/options/evaluations_semantic`", semantic, kWanted);
  }
  if (semantic.text() == "execute_all") return Semantic::kAll;
  if (semantic.text() == "deny_on_first_deny") return Semantic::kUntilDeny;
  if (semantic.text() == "permit_on_first_permit") return Semantic::kUntilPermit;
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
    if (!part->value || part->value.is(Kind::kObject)) continue;
    return WrongType(Pointer(*part, member), part->value, "an object");
  }
  return std::nullopt;
}

void AppendItemError(const Fault& fault, std::string& out) {
  JsonValue error = JsonValue::Object();
  error.Set("status", 400).Set("message", fault.message);
  JsonValue context = JsonValue::Object();
  context.Set("error", std::move(error));
  JsonValue answer = JsonValue::Object();
  out += WriteJson(answer.Set("decision", false).Set("context", std::move(context)));
}

// What is the same for all items of a batch.
struct Batch {
  Parts defaults;
  bool explain = false;
  Decider& decider;
};

// Appends the answer to one item and tells whether it permits.
bool EvaluateItem(const JsonView& item, size_t index, const Batch& batch, std::string& out) {
  constexpr std::string_view kItems = "/evaluations/";
  char text[kItems.size() + 20];
  char* const number = std::copy(kItems.begin(), kItems.end(), text);
  const std::string_view where(text, std::to_chars(number, std::end(text), index).ptr);
  std::optional<Fault> fault;
  engine::Request request;
  if (!item.is(Kind::kObject)) {
    fault = WrongType("`" + std::string(where) + "`", item, "an object");
  } else {
    fault = ReadRequest(WithDefaults(PartsOf(item, where), batch.defaults), request);
  }
  if (!fault) return Decide(request, batch.explain, batch.decider, out);
  AppendItemError(*fault, out);
  return false;
}

}  // namespace

HttpResponse Evaluate(const HttpRequest& request, Decider& decider) {
  JsonDocument body;
  if (const auto fault = ReadBody(request, body)) return Refuse(*fault);
  return EvaluateSingle(body.root(), WantsExplanation(request), decider);
}

HttpResponse EvaluateBatch(const HttpRequest& request, Decider& decider) {
  JsonDocument document;
  if (const auto fault = ReadBody(request, document)) return Refuse(*fault);
  const JsonView body = document.root();
  const bool explain = WantsExplanation(request);

  const JsonView items = body.Find("evaluations");
  if (!items) return EvaluateSingle(body, explain, decider);
  if (!items.is(Kind::kArray)) {
    return Refuse(WrongType("`/evaluations`", items, "an array of evaluations"));
  }
  const size_t count = items.elements().size();
  if (count == 0) return EvaluateSingle(body, explain, decider);
  if (count > kMaxEvaluations) {
    return Refuse({"too_many_evaluations", "`/evaluations` has " + std::to_string(count) +
                                               " items; send at most " +
                                               std::to_string(kMaxEvaluations) + " at a time"});
  }
  const auto semantic = ReadSemantic(body);
  if (const Fault* fault = std::get_if<Fault>(&semantic)) return Refuse(*fault);
  const Batch batch{PartsOf(body, ""), explain, decider};
  if (const auto fault = CheckDefaults(batch.defaults)) return Refuse(*fault);

  const Semantic until = std::get<Semantic>(semantic);
  HttpResponse response;
  response.body = R"({"evaluations":[)";
  size_t index = 0;
  for (const JsonView item : items.elements()) {
    if (index > 0) response.body += ',';
    const bool permit = EvaluateItem(item, index++, batch, response.body);
    if (permit ? until == Semantic::kUntilPermit : until == Semantic::kUntilDeny) break;
  }
  response.body += "]}";
  return response;
}

}  // namespace portvakt::server
