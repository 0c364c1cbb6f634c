// Starting and stopping: a listener that deals connections out to workers in turn, and the order in
// which they end. One listener for all: with few long-lived clients, a socket a worker (where the
// system picks one by a hash of the addresses) leaves workers idle beside busy ones, and a worker
// that closes its socket loses the connections that wait in it.
#include "server/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "server/errands.h"
#include "server/exposure.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/occupancy.h"
#include "server/rate_limiter.h"
#include "server/tls.h"
#include "server/worker.h"

namespace portvakt::server {
namespace {

// Descriptors beside connections: the store, the log, files that are read.
constexpr rlim_t kSpareDescriptors = 64;

// As many as are needed for all connections, if the system lets us.
void RaiseDescriptorLimit(const Limits& limits) {
  rlimit allowed{};
  if (getrlimit(RLIMIT_NOFILE, &allowed) != 0) return;
  const rlim_t wanted = limits.connections + kRefusedConnections + kSpareDescriptors;
  if (allowed.rlim_cur >= wanted) return;
  const rlim_t before = allowed.rlim_cur;
  allowed.rlim_cur = std::min(wanted, allowed.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &allowed) != 0) allowed.rlim_cur = before;
  if (allowed.rlim_cur >= wanted) return;
  Log(LogLevel::kWarning, "few_descriptors", {{"allowed", allowed.rlim_cur}, {"wanted", wanted}});
}

// What `base_url` says, or the address where nothing is said; null where that tells nobody
// anything.
engine::Result<std::unique_ptr<const Discovery>> DiscoveryOf(const Server::Options& options,
                                                             const std::string& address) {
  const std::string& base_url = options.base_url;
  if (const auto fault = BaseUrlFault(base_url); fault && !base_url.empty()) {
    return engine::Error{engine::Error::Code::kInvalid, "`base_url` " + *fault};
  }
  const std::string url =
      base_url.empty() ? DerivedBaseUrl(address, options.tls.enabled()) : base_url;
  return url.empty() ? nullptr : std::make_unique<const Discovery>(url);
}

uint32_t WorkerCount(uint32_t wanted) {
  const uint32_t count = wanted > 0 ? wanted : std::thread::hardware_concurrency();
  return std::clamp(count, uint32_t{1}, kMaxWorkers);
}

Exposure ExposureOf(const Server::Options& options, const ListenAddress& address) {
  return {.listen = options.listen,
          .is_loopback = address.is_loopback,
          .has_tls = options.tls.enabled(),
          .has_callers = options.callers.any(),
          .trusts_callers = options.trust_callers,
          .names_certificates = !options.callers.certificates.empty(),
          .asks_certificates = options.tls.enabled() && options.tls.client_certificates !=
                                                            TlsOptions::ClientCertificates::kNone};
}

}  // namespace

struct Server::State {
  State(engine::Engine& engine, const Options& given)
      : held(given), occupancy(given.limits), service(engine) {
    service.answer = given.answer;
    service.trust_callers = given.trust_callers;
    service.occupancy = &occupancy;
    const uint32_t rate = given.limits.requests_per_second;
    if (rate > 0) rate_limiter.emplace(rate);
    service.rate_limiter = rate_limiter ? &*rate_limiter : nullptr;
    service.run_aside = [this](std::function<void()> task) {
      return errands->Post(std::move(task));
    };
  }

  engine::Status OpenLogs(const Options& options);
  void Deal(Accepted accepted);
  void StopOnce();

  Options held;          // options as they hold now
  std::mutex reloading;  // of options
  Occupancy occupancy;
  std::unique_ptr<Tls> tls;  // null: none
  std::optional<RateLimiter> rate_limiter;
  Service service;
  std::unique_ptr<CallerAuthenticator> authenticator;  // null: everybody may call
  // Before the workers, whose last answers go through them.
  std::unique_ptr<DecisionLog> decision_log;
  std::unique_ptr<AccessLog> access_log;
  std::vector<std::unique_ptr<Worker>> workers;
  size_t next_worker = 0;  // of the listener's thread
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Errands> errands;
  std::once_flag stopped;
  std::mutex joining;
  bool joined = false;
};

engine::Status Server::State::OpenLogs(const Options& options) {
  const uint32_t writers = WorkerCount(options.workers);
  if (!options.decision_log.directory.empty()) {
    auto log = DecisionLog::Open(options.decision_log, writers);
    if (!log) return log.error();
    decision_log = std::move(*log);
    service.decision_log = decision_log.get();
  }
  if (options.access_log.to != AccessLogOptions::To::kOff) {
    auto log = AccessLog::Open(options.access_log, writers);
    if (!log) return log.error();
    access_log = std::move(*log);
    service.access_log = access_log.get();
  }
  return engine::Done{};
}

// On the listener's thread.
void Server::State::Deal(Accepted accepted) {
  Occupancy::Place place = occupancy.Enter(accepted.network);
  if (place.welcome() == Occupancy::Welcome::kNoRoom) {
    ::close(accepted.descriptor);
    return;
  }
  Worker& worker = *workers[next_worker];
  next_worker = (next_worker + 1) % workers.size();
  worker.Adopt(std::move(accepted), std::move(place));
}

void Server::State::StopOnce() {
  Log(LogLevel::kInfo, "stopping", {{"connections", occupancy.connections()}});
  listener->Stop();
  service.impacts.Stop();
  for (const auto& worker : workers) worker->BeginDrain();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

engine::Result<std::unique_ptr<Server>> Server::Start(engine::Engine& engine,
                                                      const Options& options) {
  const auto wanted = ParseListenAddress(options.listen);
  if (!wanted.ok()) return wanted.error();
  const engine::Status judged = JudgeExposure(ExposureOf(options, wanted.value()));
  if (!judged.ok()) return judged.error();
  RaiseDescriptorLimit(options.limits);
  auto state = std::make_unique<State>(engine, options);
  if (options.tls.enabled()) {
    auto tls = Tls::Open(options.tls);
    if (!tls.ok()) return tls.error();
    state->tls = std::move(*tls);
  }
  if (options.callers.any()) {
    auto authenticator = CallerAuthenticator::Open(options.callers);
    if (!authenticator.ok()) return authenticator.error();
    state->authenticator = std::move(*authenticator);
    state->service.authenticator = state->authenticator.get();
  }
  if (engine::Status opened = state->OpenLogs(options); !opened) return opened.error();
  for (uint32_t count = WorkerCount(options.workers); count > 0; --count) {
    auto session = engine.NewSession();
    if (!session.ok()) return session.error();
    state->workers.push_back(std::make_unique<Worker>(
        std::move(*session), state->service, options.limits, state->occupancy, state->tls.get()));
  }
  auto listener = Listener::Open(wanted.value());
  if (!listener.ok()) return listener.error();
  state->listener = std::move(*listener);
  auto discovery = DiscoveryOf(options, state->listener->address());
  if (!discovery.ok()) return discovery.error();
  state->service.discovery = std::move(*discovery);
  if (options.gateway) {
    auto gateway = Gateway::Make(*options.gateway);
    if (!gateway.ok()) return gateway.error();
    state->service.gateway = std::move(*gateway);
  }

  State& running = *state;
  std::unique_ptr<Server> server(new Server(std::move(state)));
  try {
    running.errands = std::make_unique<Errands>();
    for (const auto& worker : running.workers) worker->Run();
    running.listener->Run([&running](Accepted accepted) { running.Deal(std::move(accepted)); });
  } catch (const std::system_error& fault) {
    return engine::Error{engine::Error::Code::kIo,
                         std::string("cannot start a thread: ") + fault.what()};
  }
  Log(LogLevel::kInfo, "listening",
      {{"address", server->address()},
       {"tls", options.tls.enabled()},
       {"workers", running.workers.size()}});
  return server;
}

Server::~Server() {
  Stop();
  Wait();
}

uint16_t Server::port() const { return state_->listener->port(); }

std::string Server::address() const { return state_->listener->address(); }

std::vector<std::string> Server::Reload(const Options& options) {
  const std::lock_guard lock(state_->reloading);
  Options& held = state_->held;
  std::vector<std::string> waiting;
  if (options.listen != held.listen) waiting.emplace_back("listen");
  if (options.workers != held.workers) waiting.emplace_back("workers");
  if (options.trust_callers != held.trust_callers) waiting.emplace_back("trust_callers");
  if (options.base_url != held.base_url) waiting.emplace_back("base_url");
  if (options.tls != held.tls) waiting.emplace_back("tls");
  if (options.limits.requests_per_second != held.limits.requests_per_second) {
    waiting.emplace_back("limits.requests_per_second");
  }

  RaiseDescriptorLimit(options.limits);
  state_->occupancy.SetLimits(options.limits);
  for (const auto& worker : state_->workers) worker->SetLimits(options.limits);
  const uint32_t rate = held.limits.requests_per_second;
  held.limits = options.limits;
  held.limits.requests_per_second = rate;
  return waiting;
}

void Server::Stop() {
  std::call_once(state_->stopped, [this] { state_->StopOnce(); });
}

void Server::ReopenLogs() {
  if (state_->access_log != nullptr) state_->access_log->Reopen();
}

void Server::Wait() {
  const std::lock_guard lock(state_->joining);
  if (state_->joined) return;
  for (const auto& worker : state_->workers) worker->Join();
  state_->joined = true;
  Log(LogLevel::kInfo, "stopped");
}

}  // namespace portvakt::server
