// What of a change's outcome becomes which status, shared by changes and by bringing people in and
// out.
#pragma once

#include <optional>

#include "engine/change.h"
#include "server/json.h"
#include "server/object_reader.h"
#include "server/reply.h"

namespace portvakt::server {

// A problem when this caller can change nothing, whatever it asks for.
std::optional<HttpResponse> RefuseChanges(const Caller& caller);

// Whose the changes are: the request's `actor` where the caller may name one, otherwise the
// caller's own, which the request may leave out but not contradict.
void ReadActor(ObjectReader& body, const Caller& caller, std::optional<engine::EntityName>& actor);

// 200 applied, unchanged or a dry run, with `answer`; 409 conflict, 422 refused, 400 invalid, 503
// failed, each a problem with the members of `answer` besides.
HttpResponse ChangeOutcome(const engine::ChangeResult& result, const JsonValue& answer);

}  // namespace portvakt::server
