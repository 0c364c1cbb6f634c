// What is there: the store's status and the active policy.
#include <optional>
#include <utility>

#include "server/change_json.h"
#include "server/limits.h"
#include "server/names_json.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

JsonValue PolicyJson(const engine::PolicyInfo& policy) {
  JsonValue object = JsonValue::Object();
  object.Set("version", policy.version).Set("name", policy.name).Set("digest", policy.digest);
  object.Set("installed", InstantJson(policy.installed_us));
  return object;
}

}  // namespace

Reply AnswerStatus(const HttpRequest&, Answering& answering) {
  engine::Session& session = answering.session;
  // A store without a policy has a status too.
  const bool has_policy = session.Refresh().ok();
  const auto policy = session.snapshot().ActivePolicy();
  engine::Store& store = answering.service.engine.store();
  JsonValue answer = JsonValue::Object();
  answer.Set("revision", session.snapshot().revision());
  const auto newest = session.snapshot().FindRevision(session.snapshot().revision());
  if (newest) answer.Set("instant", InstantJson(newest->instant_us));
  answer.Set("policy", policy ? PolicyJson(*policy) : JsonValue());
  answer.Set("map",
             JsonValue::Object({{"bytes", store.map_bytes()}, {"used_bytes", store.used_bytes()}}));
  answer.Set("limits_not_kept", LimitsJson(has_policy ? session.BrokenLimits(kMaxBrokenLimits)
                                                      : std::vector<engine::LimitReport>()));
  const Caller& caller = *answering.caller;
  answer.Set("takes_changes",
             caller.scopes.Has(Scope::kChange) && (caller.names_actor || caller.actor.has_value()));
  return Answered(answer, session);
}

}  // namespace portvakt::server
