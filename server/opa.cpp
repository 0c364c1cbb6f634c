// Inputs read as evaluations are, answers as OPA's callers read them.
#include "server/opa.h"

#include <optional>
#include <string>

#include "server/authzen_read.h"
#include "server/deciding.h"
#include "server/json_document.h"
#include "server/names_json.h"

namespace portvakt::server {
namespace {

constexpr std::string_view kAllow = "/v1/data/portvakt/allow";
constexpr std::string_view kDecision = "/v1/data/portvakt/decision";

HttpResponse OpaError(int status, std::string_view code, std::string_view message) {
  JsonValue error = JsonValue::Object();
  HttpResponse response = Ok(error.Set("code", code).Set("message", message));
  response.status = status;
  return response;
}

HttpResponse Invalid(std::string_view message) {
  return OpaError(400, "invalid_parameter", message);
}

HttpResponse Result(JsonValue result) {
  JsonValue answer = JsonValue::Object();
  return Ok(answer.Set("result", std::move(result)));
}

std::optional<Fault> ReadInput(const JsonView& input, engine::Request& request) {
  const Parts parts = PartsOf(input, "/input");
  if (auto fault = ReadSubject(parts, request)) return fault;
  if (auto fault = ReadAction(parts, request)) return fault;
  if (auto fault = ReadResource(parts, request)) return fault;
  return ReadContext(parts, request);
}

// What APISIX and Kong read of an object.
JsonValue DecisionOf(const engine::Explanation& explanation) {
  JsonValue result = JsonValue::Object();
  result.Set("allow", explanation.decision.permit);
  if (explanation.decision.permit) return result;
  result.Set("status_code", 403);
  if (!explanation.reasons.empty()) {
    const engine::ReasonText& first = explanation.reasons.front();
    result.Set("reason", first.text.empty() ? first.code : first.text);
  }
  return result;
}

HttpResponse AnswerInput(std::string_view document, const HttpRequest& request, Decider& decider) {
  JsonDocument body;
  if (const auto error = body.Read(request.body)) {
    return Invalid("the body cannot be read: " + error->message + ", at byte " +
                   std::to_string(error->offset));
  }
  const JsonView input = Member(body.root(), "input");
  if (!input || !input.is(JsonValue::Kind::kObject)) {
    return Invalid("`/input` must be an object with `subject`, `action` and `resource`");
  }
  engine::Request asked;
  if (const auto fault = ReadInput(input, asked)) return Invalid(fault->message);
  if (document == kAllow) return Result(decider.Decide(asked).permit);
  return Result(DecisionOf(decider.Explain(asked)));
}

}  // namespace

Reply AnswerOpaData(const HttpRequest& request, Answering& answering) {
  const std::string_view document = request.target.substr(0, request.target.find('?'));
  if (document != kAllow && document != kDecision) return Ok(JsonValue::Object());
  HttpResponse response =
      Decided(answering, [&](Decider& decider) { return AnswerInput(document, request, decider); });
  if (response.status == 503) {
    return OpaError(500, "internal_error", "there is no policy to decide by");
  }
  return response;
}

}  // namespace portvakt::server
