// Finds the caller of a request from what proves it. One is shared by all workers.
#pragma once

#include <memory>
#include <variant>

#include "server/caller.h"
#include "server/message.h"

namespace portvakt::server {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Any thread; never throws. Without a proof that holds: 401 with `WWW-Authenticate` and a problem
  // that does not tell which part of the proof was wrong.
  virtual std::variant<std::shared_ptr<const Caller>, HttpResponse> Identify(
      const HttpRequest& request, const Peer& peer) = 0;
};

}  // namespace portvakt::server
