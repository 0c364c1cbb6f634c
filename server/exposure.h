// Who can reach the server, and whether it is guarded enough for that: on this machine's own
// addresses anybody may ask if the operator wants so; on others connections are encrypted and
// callers known, or the server does not start.
#pragma once

#include <string>

#include "engine/result.h"

namespace portvakt::server {

struct Exposure {
  std::string listen;  // as configured, for messages
  bool is_loopback = false;
  bool has_tls = false;
  bool has_callers = false;  // credentials are configured
  bool trusts_callers = false;
  bool names_certificates = false;  // as callers'
  bool asks_certificates = false;   // of clients, in the handshake
};
// kInvalid: what to set.
engine::Status JudgeExposure(const Exposure& exposure);

}  // namespace portvakt::server
