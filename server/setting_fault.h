// What keeps a server from working with its options, and where the configuration says it.
#pragma once

#include <string>
#include <vector>

#include "engine/result.h"

namespace portvakt::server {

struct SettingFault {
  // From the root of the configuration: "tls.certificate", "callers.issuers[1].jwks_file".
  std::string key;
  engine::Error error;
};
using SettingFaults = std::vector<SettingFault>;

// All of them as one error, with the code of the first; there is at least one.
inline engine::Error Joined(const SettingFaults& faults) {
  engine::Error error = faults.front().error;
  for (size_t index = 1; index < faults.size(); ++index) {
    error.message += "; " + faults[index].error.message;
  }
  return error;
}

}  // namespace portvakt::server
