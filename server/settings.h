// What a configuration comes to while the server runs: all of it that may change without a restart.
// It is opened whole before anything of it is used; then each worker takes it over between two
// requests, so that a request is answered by one configuration.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/server.h"

namespace portvakt::server {

class RateLimiter;
struct Service;

// Null: what the configuration leaves out.
struct Settings {
  // Opens what `options` name. `address`: where the server listens. `running`: what is in force,
  // null at the start; logs that it has open go on where they can.
  static engine::Result<std::unique_ptr<const Settings>> Open(const Server::Options& options,
                                                              const std::string& address,
                                                              const Settings* running);
  // Of one worker, on its thread. The settings outlive their use.
  void GiveTo(Service& service) const;

  Server::Options options;
  std::shared_ptr<RateLimiter> rate_limiter;
  std::shared_ptr<CallerAuthenticator> authenticator;
  std::shared_ptr<const Discovery> discovery;
  std::shared_ptr<const Gateway> gateway;
  std::shared_ptr<DecisionLog> decision_log;
  std::shared_ptr<AccessLog> access_log;
};

// Threads that answer.
uint32_t WorkerCount(uint32_t wanted);

// ---- server_check.cpp ---------------------------------------------------------------------------

// Whether the server is guarded enough where `options` say that it listens.
std::optional<SettingFault> JudgeOptions(const Server::Options& options);
// Whether the two are one log's, whose folder it locks; folders may have several names.
bool IsSameLog(const DecisionLogOptions& one, const DecisionLogOptions& other);
// Sets back in `next` what a server that runs with `running` cannot change. The keys of those.
std::vector<std::string> KeepFixed(const Server::Options& running, Server::Options& next);

}  // namespace portvakt::server
