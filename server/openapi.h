// The description of the interface for programs: OpenAPI 3.1, in server/openapi.json. A test calls
// every operation of it and compares requests and answers with its schemas.
#pragma once

#include "server/reply.h"

namespace portvakt::server {

// GET /openapi.json
Reply AnswerOpenApi(const HttpRequest& request, Answering& answering);

}  // namespace portvakt::server
