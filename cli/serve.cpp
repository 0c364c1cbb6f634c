// `portvakt serve`: flags over the configuration file over defaults; then the server runs until a
// signal. Signals are blocked in all threads and waited for in this one, so that nothing runs in a
// handler and a temporary store is always removed.
#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/notices.h"
#include "cli/policy_watch.h"
#include "cli/world.h"
#include "server/config.h"
#include "server/log.h"
#include "server/server.h"

namespace portvakt::cli {

namespace {

using server::JsonValue;
using server::Log;
using server::LogLevel;

// What the file says, with flags over it. `read` keeps the findings.
std::optional<server::Config> ReadSettings(const ServeCommand& command, server::ConfigRead& read) {
  read = command.config.empty() ? server::ParseConfig("", "") : server::ReadConfig(command.config);
  if (!read.config) return std::nullopt;
  server::Config config = *read.config;
  if (!command.store.empty()) config.store = command.store;
  if (!command.policy.empty()) config.policy = command.policy;
  if (!command.data.empty()) config.data = command.data;
  if (!command.listen.empty()) config.server.listen = command.listen;
  if (command.watch) config.watch = true;
  if (command.trust_callers) config.server.trust_callers = true;
  if (command.workers > 0) config.server.workers = command.workers;
  return config;
}

// Blocked from here on in this thread and those that it starts.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A reader of our output that goes away must not take the server with it.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

JsonValue Names(const std::vector<std::string>& names) {
  JsonValue list = JsonValue::Array();
  for (const std::string& name : names) list.Append(name);
  return list;
}

// What cannot be used changes nothing. `config` is what the process was started with, since the
// store, the policy and the data are opened once.
void Reload(const ServeCommand& command, const server::Config& config, server::Server& server) {
  server::ConfigRead read;
  const std::optional<server::Config> next = ReadSettings(command, read);
  for (const dsl::Notice& finding : read.findings) {
    const bool is_error = finding.severity == dsl::Severity::kError;
    Log(is_error ? LogLevel::kError : LogLevel::kWarning, "config_finding",
        {{"finding", server::FindingLine(finding, read.sources)}});
  }
  if (!next) {
    Log(LogLevel::kError, "config_refused", {{"file", command.config}});
    return;
  }
  std::vector<std::string> waiting = server.Reload(next->server);
  if (next->store != config.store) waiting.emplace_back("store");
  if (next->policy != config.policy) waiting.emplace_back("policy");
  if (next->data != config.data) waiting.emplace_back("data");
  if (next->watch != config.watch) waiting.emplace_back("watch");
  std::sort(waiting.begin(), waiting.end());
  Log(LogLevel::kInfo, "config_reloaded",
      {{"file", command.config}, {"at_next_start", Names(waiting)}});
}

}  // namespace

int Run(const ServeCommand& command, Console& console) {
  const sigset_t signals = BlockSignals();
  server::ConfigRead read;
  const std::optional<server::Config> config = ReadSettings(command, read);
  PrintNotices(read.findings, read.sources, console.err, console.color);
  if (!config) return kExitUsage;
  if (config->watch && !config->policy) {
    return Complain(console, "there are no policy files to watch; name them with --policy PATH");
  }

  World world;
  WorldOptions options;
  options.store = config->store.value_or("");
  options.policy = config->policy.value_or("");
  options.data = config->data;
  const int exit_code = OpenWorld(options, world, console);
  if (exit_code != kExitOk) return exit_code;

  auto server = server::Server::Start(*world.engine, config->server);
  if (!server) return Complain(console, server.error().message);
  console.out << "listening on " << (config->server.tls.enabled() ? "https://" : "http://")
              << server.value()->address() << std::endl;

  std::unique_ptr<PolicyWatch> watch;
  if (config->watch) {
    watch = PolicyWatch::Start(*world.engine, *config->policy);
    if (!watch) return Complain(console, "cannot start a thread to watch the policy files");
  }
  // Without a file there is nothing to read again: the terminal has gone, and so do we.
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP && !command.config.empty()) {
    server.value()->ReopenLogs();
    Reload(command, *config, *server.value());
  }
  server.value()->Stop();
  server.value()->Wait();
  return kExitOk;
}

}  // namespace portvakt::cli
