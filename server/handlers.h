// Which request goes where: the table of endpoints, and the functions behind it. Sockets are not
// needed to call them.
//
//   POST /access/v1/evaluation    one decision            (server/authzen.h)
//   POST /access/v1/evaluations   a batch of decisions
//   GET  /healthz                 the process answers
//   GET  /readyz                  there is an active policy, and the server is not about to stop
#pragma once

#include <string_view>
#include <vector>

#include "server/message.h"
#include "server/reply.h"

namespace portvakt::server {

// Never throws: what goes wrong inside is a 500. `target`s compare byte by byte, without decoding;
// what is not in the table is 404, a known target with another method 405 with `Allow`.
Reply Answer(const HttpRequest& request, Answering& answering);

// What Answer would refuse before it looks at the body: nothing when there is such an endpoint.
// For callers that ask before they send (`Expect: 100-continue`).
bool HasEndpoint(std::string_view method, std::string_view target);

// All that is served, for documents and tests.
struct EndpointInfo {
  std::string_view method;
  std::string_view path;  // one that ends with a slash stands for every path below it too
  Scope scope;
};
std::vector<EndpointInfo> ListEndpoints();

}  // namespace portvakt::server
