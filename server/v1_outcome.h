// What of a change's outcome becomes which status, shared by changes and by bringing people in and
// out.
#pragma once

#include <optional>

#include "engine/change.h"
#include "server/json.h"
#include "server/reply.h"

namespace portvakt::server {

// A problem when this server takes no changes over HTTP.
std::optional<HttpResponse> RefuseChanges(const Service& service);

// 200 applied, unchanged or a dry run, with `answer`; 409 conflict, 422 refused, 400 invalid, 503
// failed, each a problem with the members of `answer` besides.
HttpResponse ChangeOutcome(const engine::ChangeResult& result, const JsonValue& answer);

}  // namespace portvakt::server
