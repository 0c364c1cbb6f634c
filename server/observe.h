// What is told of every request when its answer is ready: to the counters and the access log.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "server/caller.h"
#include "server/message.h"
#include "server/reply.h"

namespace portvakt::server {

// What a connection knows of the request that it serves.
struct Exchange {
  std::chrono::steady_clock::time_point began;  // its first byte
  std::string_view endpoint;                    // of Answering; "" when it did not come so far
  std::shared_ptr<const Caller> caller;
};

// `bytes` of the answer, head and body. Any thread; waits for nobody.
void Observe(Service& service, const HttpRequest& request, const Peer& peer,
             const Exchange& exchange, int status, size_t bytes);

}  // namespace portvakt::server
