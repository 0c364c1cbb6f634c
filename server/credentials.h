// What proves callers, as read from the files at one time, and finding the caller of a request in
// it. A value that does not change; internal to authentication.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "server/api_key.h"
#include "server/authentication.h"
#include "server/jwt.h"

namespace portvakt::server {

struct KnownKey {
  ApiKey key;
  std::shared_ptr<const Caller> caller;
};
using KnownKeys = std::map<std::string, KnownKey, std::less<>>;  // by id

struct Credentials {
  AuthenticationOptions options;
  KnownKeys keys;
  std::map<std::string, std::shared_ptr<const Caller>, std::less<>> certificates;  // by subject
  std::vector<TrustedIssuer> issuers;  // in the order of those of the options
};

// Everything that the options name; of use only without faults, which say which file or option is
// wrong.
Credentials ReadCredentials(const AuthenticationOptions& options, SettingFaults& faults);
// Reads what of them comes from that file again. Unchanged on an error.
engine::Status ReadAgain(const std::string& path, Credentials& credentials);
// The files behind them.
std::vector<std::string> FilesOf(const AuthenticationOptions& options);

// Either a caller, or what is wrong: for the log, without any of the credential.
struct Identified {
  std::shared_ptr<const Caller> caller;
  std::string_view proof;  // "none", "certificate", "key", "token", "authorization"
  std::string_view wrong;
  std::string name;  // whose proof it would have been, where that is one of ours; else ""
};
Identified FindCaller(const Credentials& credentials, const HttpRequest& request, const Peer& peer,
                      int64_t now_us);

}  // namespace portvakt::server
