// `portvakt serve`: flags over the configuration file over defaults; then the server runs until a
// signal. Signals are blocked in all threads and waited for in this one, so that nothing runs in a
// handler and a temporary store is always removed.
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/notices.h"
#include "cli/policy_watch.h"
#include "cli/world.h"
#include "server/config.h"
#include "server/server.h"

namespace portvakt::cli {

namespace {

// False after telling what is wrong with the file.
bool ReadSettings(const ServeCommand& command, server::Config& config, Console& console) {
  if (!command.config.empty()) {
    server::ConfigRead read = server::ReadConfig(command.config);
    PrintNotices(read.findings, read.sources, console.err, console.color);
    if (!read.config) return false;
    config = *std::move(read.config);
  }
  if (!command.store.empty()) config.store = command.store;
  if (!command.policy.empty()) config.policy = command.policy;
  if (!command.data.empty()) config.data = command.data;
  if (!command.listen.empty()) config.server.listen = command.listen;
  if (command.watch) config.watch = true;
  if (command.trust_callers) config.server.trust_callers = true;
  if (command.workers > 0) config.server.workers = command.workers;
  if (!config.watch || config.policy) return true;
  Complain(console, "there are no policy files to watch; name them with --policy PATH");
  return false;
}

// SIGTERM and SIGINT, blocked from here on in this thread and those that it starts.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A reader of our output that goes away must not take the server with it.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

int Run(const ServeCommand& command, Console& console) {
  const sigset_t stop_signals = BlockStopSignals();
  server::Config config;
  if (!ReadSettings(command, config, console)) return kExitUsage;

  World world;
  WorldOptions options;
  options.store = config.store.value_or("");
  options.policy = config.policy.value_or("");
  options.data = config.data;
  const int exit_code = OpenWorld(options, world, console);
  if (exit_code != kExitOk) return exit_code;

  auto server = server::Server::Start(*world.engine, config.server);
  if (!server) return Complain(console, server.error().message);
  console.out << "listening on " << (config.server.tls.enabled() ? "https://" : "http://")
              << server.value()->address() << std::endl;

  std::unique_ptr<PolicyWatch> watch;
  if (config.watch) {
    watch = PolicyWatch::Start(*world.engine, *config.policy);
    if (!watch) return Complain(console, "cannot start a thread to watch the policy files");
  }
  int signal = 0;
  sigwait(&stop_signals, &signal);
  server.value()->Stop();
  server.value()->Wait();
  return kExitOk;
}

}  // namespace portvakt::cli
