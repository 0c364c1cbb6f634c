// Why, and what is missing.
#include "server/decision_json.h"
#include "server/limits.h"
#include "server/missing_json.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {

Reply AnswerExplain(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::Request question;
  std::optional<engine::Moment> moment;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  ReadQuestion(body, {}, question);
  ReadAsOf(body, moment);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, moment)) return *std::move(problem);
  return Answered(ExplanationJson(answering.session.Explain(question)), answering.session);
}

Reply AnswerMissing(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::MissingQuery query;
  std::optional<engine::Moment> moment;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  ReadQuestion(body, {}, query.request);
  body.Entity("actor", query.actor);
  body.Number("max_plans", Need::kOptional, query.max_plans, 1, kMaxPlans);
  body.Number("max_who", Need::kOptional, query.max_who, 0, kMaxWhoNamed);
  ReadAsOf(body, moment);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, moment)) return *std::move(problem);
  return Answered(MissingJson(answering.session.Missing(query)), answering.session);
}

}  // namespace portvakt::server
