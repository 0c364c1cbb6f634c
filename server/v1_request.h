// What the requests of /v1 have in common: who is asked about, as of when, and on whose behalf.
#pragma once

#include <optional>

#include "engine/engine.h"
#include "server/object_reader.h"
#include "server/reply.h"

namespace portvakt::server {

// `subject`, `action` and `resource` as in an evaluation, with their properties, and `context`.
struct QuestionNeeds {
  bool subject_id = true;
  bool action = true;
  bool resource_id = true;
};
void ReadQuestion(ObjectReader& body, const QuestionNeeds& needs, engine::Request& request);

// `as_of`: {"revision": 7} or {"instant": ".."}, with another {"policy": 3} if wanted.
void ReadAsOf(ObjectReader& body, std::optional<engine::Moment>& moment);

// Puts the session where the question wants it: a problem when it cannot be there.
std::optional<HttpResponse> Stand(engine::Session& session,
                                  const std::optional<engine::Moment>& moment);

// Names the revision and the policy that an answer comes from.
void Stamp(HttpResponse& response, uint64_t revision, uint32_t policy_version);
// 200 with the value, stamped with where the session stands.
HttpResponse Answered(const JsonValue& answer, const engine::Session& session);

}  // namespace portvakt::server
