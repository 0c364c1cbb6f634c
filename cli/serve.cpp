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
  // What a flag says is not to be mended in the file.
  const auto set = [&read](const char* key, const auto& flag, auto& target) {
    target = flag;
    read.places.erase(key);
  };
  if (!command.store.empty()) set("store", command.store, config.store);
  if (!command.policy.empty()) set("policy", command.policy, config.policy);
  if (!command.data.empty()) set("data", command.data, config.data);
  if (!command.listen.empty()) set("listen", command.listen, config.server.listen);
  if (command.watch) set("watch", true, config.watch);
  if (command.trust_callers) set("trust_callers", true, config.server.trust_callers);
  if (command.workers > 0) set("workers", command.workers, config.server.workers);
  server::CheckConfig(config, read);
  if (!read.config) return std::nullopt;
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

// A server that runs, and what it was started with or has taken over since.
class Serving {
 public:
  Serving(const ServeCommand& command, server::Config config, engine::Engine& engine,
          server::Server& server)
      : command_(command), config_(std::move(config)), engine_(engine), server_(server) {}

  // As the configuration says. False when there is no thread for the watch.
  bool WatchPolicy() {
    watch_ = config_.watch ? PolicyWatch::Start(engine_, *config_.policy) : nullptr;
    return config_.watch == (watch_ != nullptr);
  }

  // What cannot be used changes nothing.
  void Reload() {
    server_.ReopenLogs();
    server::ConfigRead read;
    const std::optional<server::Config> next = ReadSettings(command_, read);
    for (const dsl::Notice& finding : read.findings) {
      const bool is_error = finding.severity == dsl::Severity::kError;
      Log(is_error ? LogLevel::kError : LogLevel::kWarning, "config_finding",
          {{"finding", server::FindingLine(finding, read.sources)}});
    }
    if (!next) return Refuse("the findings before this line");
    auto reloaded = server_.Reload(next->server);
    if (!reloaded) return Refuse(reloaded.error().message);
    std::vector<std::string> waiting = std::move(*reloaded);
    TakeOver(*next, waiting);
    std::sort(waiting.begin(), waiting.end());
    Log(LogLevel::kInfo, "config_reloaded",
        {{"file", command_.config}, {"at_next_start", Names(waiting)}});
  }

 private:
  void Refuse(const std::string& reason) {
    Log(LogLevel::kError, "config_refused", {{"file", command_.config}, {"reason", reason}});
  }

  // What is not the server's. The store, the policy and the data are opened once, and the policy
  // that is watched is the one that was opened.
  void TakeOver(const server::Config& next, std::vector<std::string>& waiting) {
    if (next.store != config_.store) waiting.emplace_back("store");
    if (next.policy != config_.policy) waiting.emplace_back("policy");
    if (next.data != config_.data) waiting.emplace_back("data");
    if (next.watch == config_.watch) return;
    if (!config_.policy) {
      waiting.emplace_back("watch");
      return;
    }
    config_.watch = next.watch;
    if (WatchPolicy()) return;
    config_.watch = false;
    waiting.emplace_back("watch");
  }

  const ServeCommand& command_;
  server::Config config_;
  engine::Engine& engine_;
  server::Server& server_;
  std::unique_ptr<PolicyWatch> watch_;
};

}  // namespace

int Run(const ServeCommand& command, Console& console) {
  const sigset_t signals = BlockSignals();
  server::ConfigRead read;
  const std::optional<server::Config> config = ReadSettings(command, read);
  PrintNotices(read.findings, read.sources, console.err, console.color);
  if (!config) return kExitUsage;

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

  Serving serving(command, *config, *world.engine, *server.value());
  if (!serving.WatchPolicy()) {
    return Complain(console, "cannot start a thread to watch the policy files");
  }
  // Without a file there is nothing to read again: the terminal has gone, and so do we.
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP && !command.config.empty()) {
    serving.Reload();
  }
  server.value()->Stop();
  server.value()->Wait();
  return kExitOk;
}

}  // namespace portvakt::cli
