// Statuses of changes.
#include "server/v1_outcome.h"

#include <string>

#include "server/change_json.h"
#include "server/request_json.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

using Outcome = engine::ChangeResult::Outcome;

// "`/changes/2`: david holds no licence"; the first of the verdicts that says why not.
std::string FirstReason(const engine::ChangeResult& result, engine::ChangeVerdict::Outcome wanted) {
  for (size_t index = 0; index < result.verdicts.size(); ++index) {
    const engine::ChangeVerdict& verdict = result.verdicts[index];
    if (verdict.outcome != wanted) continue;
    const std::string where = "change " + std::to_string(index + 1);
    if (verdict.reasons.empty()) return where;
    const engine::ReasonText& reason = verdict.reasons.front();
    return where + ": " + (reason.text.empty() ? reason.code : reason.text);
  }
  return "";
}

std::string Told(const engine::ChangeResult& result, const char* otherwise,
                 engine::ChangeVerdict::Outcome wanted) {
  if (!result.error.empty()) return result.error;
  const std::string reason = FirstReason(result, wanted);
  return reason.empty() ? otherwise : reason;
}

}  // namespace

std::optional<HttpResponse> RefuseChanges(const Caller& caller) {
  if (caller.names_actor || caller.actor) return std::nullopt;
  return Problem(403, "changes_off",
                 "this caller changes nothing, as it is no actor and may name none. Give callers "
                 "credentials, or start the server with `--trust-callers` (`trust_callers: true` "
                 "in its configuration) where only trusted programs reach it; or use "
                 "`portvakt change`");
}

void ReadActor(ObjectReader& body, const Caller& caller, std::optional<engine::EntityName>& actor) {
  if (caller.names_actor) {
    body.Entity("actor", Need::kRequired, actor.emplace());
    return;
  }
  body.Entity("actor", actor);
  if (actor && actor != caller.actor) {
    body.reading().Complain("wrong_actor", "`" + body.PathOf("actor") +
                                               "` is not whom this caller acts as; leave it out");
  }
  actor = caller.actor;
}

HttpResponse ChangeOutcome(const engine::ChangeResult& result, const JsonValue& answer) {
  const auto respond = [&] {
    switch (result.outcome) {
      case Outcome::kApplied:
      case Outcome::kUnchanged:
      case Outcome::kDryRun: return Ok(answer);
      case Outcome::kRefused:
        return Problem(
            422, "refused",
            Told(result, "the policy does not allow it", engine::ChangeVerdict::Outcome::kRefused),
            answer);
      case Outcome::kInvalid:
        return Problem(
            400, "invalid_change",
            Told(result, "a change cannot be understood", engine::ChangeVerdict::Outcome::kInvalid),
            answer);
      case Outcome::kConflict:
        return Problem(409, "conflict",
                       result.error.empty() ? "the store has moved on" : result.error, answer);
      case Outcome::kFailed: break;
    }
    return Problem(503, "not_stored",
                   result.error.empty() ? "the store did not take the change" : result.error,
                   answer);
  };
  HttpResponse response = respond();
  Stamp(response, result.revision, result.policy_version);
  return response;
}

}  // namespace portvakt::server
