// Subjects, actions, resources and moments of requests to /v1.
#include "server/v1_request.h"

#include <string>

namespace portvakt::server {
namespace {

void ReadPart(ObjectReader& body, const char* member, bool with_id, engine::EntityName& name,
              engine::InputValues& properties) {
  const JsonValue* value = body.Object(member, Need::kRequired);
  if (value == nullptr) return;
  ObjectReader part(*value, body.PathOf(member), body.reading());
  part.Text("type", Need::kRequired, name.type);
  if (with_id) part.Text("id", Need::kRequired, name.id);
  part.Values("properties", properties);
  part.Close();
}

}  // namespace

void ReadQuestion(ObjectReader& body, const QuestionNeeds& needs, engine::Request& request) {
  ReadPart(body, "subject", needs.subject_id, request.subject, request.subject_properties);
  if (needs.action) {
    if (const JsonValue* value = body.Object("action", Need::kRequired)) {
      ObjectReader action(*value, body.PathOf("action"), body.reading());
      action.Text("name", Need::kRequired, request.action);
      action.Values("properties", request.action_properties);
      action.Close();
    }
  }
  ReadPart(body, "resource", needs.resource_id, request.resource, request.resource_properties);
  body.Values("context", request.context);
}

void ReadAsOf(ObjectReader& body, std::optional<engine::Moment>& moment) {
  const JsonValue* value = body.Object("as_of", Need::kOptional);
  if (value == nullptr) return;
  ObjectReader reader(*value, body.PathOf("as_of"), body.reading());
  engine::Moment read;
  uint64_t revision = 0;
  int64_t instant_us = 0;
  uint32_t policy = 0;
  if (reader.Number("revision", Need::kOptional, revision)) read.revision = revision;
  if (reader.Instant("instant", Need::kOptional, instant_us)) read.instant_us = instant_us;
  if (reader.Number("policy", Need::kOptional, policy)) read.policy_version = policy;
  reader.Close();
  if (read.revision && read.instant_us) {
    body.reading().Complain("wrong_value",
                            "`/as_of` has both `revision` and `instant`; send one of them");
  }
  moment = read;
}

std::optional<HttpResponse> Stand(engine::Session& session,
                                  const std::optional<engine::Moment>& moment) {
  const engine::Status stands = moment ? session.GoTo(*moment) : session.Refresh();
  if (stands.ok()) return std::nullopt;
  if (moment && stands.error().code != engine::Error::Code::kCorrupt &&
      stands.error().code != engine::Error::Code::kIo) {
    return Problem(400, "no_such_moment", "`/as_of`: " + stands.error().message);
  }
  return Problem(503, "no_policy",
                 "there is no policy to decide by; install one and ask again when /readyz is 200");
}

void Stamp(HttpResponse& response, uint64_t revision, uint32_t policy_version) {
  response.fields.emplace_back("Portvakt-Revision", std::to_string(revision));
  response.fields.emplace_back("Portvakt-Policy", std::to_string(policy_version));
}

HttpResponse Answered(const JsonValue& answer, const engine::Session& session) {
  HttpResponse response = Ok(answer);
  Stamp(response, session.revision(), session.policy_version());
  return response;
}

}  // namespace portvakt::server
