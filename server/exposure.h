// Who can reach the server, and whether it is guarded enough for that: on this machine's own
// addresses anybody may ask if the operator wants so; on others connections are encrypted and
// callers known, or the server does not start.
#pragma once

#include <optional>
#include <string>

#include "server/setting_fault.h"

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
// Nothing when it is guarded; else kInvalid: what to set.
std::optional<SettingFault> JudgeExposure(const Exposure& exposure);

}  // namespace portvakt::server
