// Starting and stopping: a listener that deals connections out to workers in turn, and the order in
// which they end. One listener for all: with few long-lived clients, a socket a worker (where the
// system picks one by a hash of the addresses) leaves workers idle beside busy ones, and a worker
// that closes its socket loses the connections that wait in it.
#include "server/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <latch>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "server/errands.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/occupancy.h"
#include "server/settings.h"
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

}  // namespace

struct Server::State {
  State(engine::Engine& engine, const Limits& limits) : occupancy(limits), service(engine) {
    service.occupancy = &occupancy;
    service.run_aside = [this](std::function<void()> task) {
      return errands->Post(std::move(task));
    };
  }

  engine::Status MakeWorkers(uint32_t count);
  void TakeOver(std::unique_ptr<const Settings> next);
  void Deal(Accepted accepted);
  void StopOnce();

  Occupancy occupancy;
  std::unique_ptr<Tls> tls;  // null: none
  // Before the workers, whose last answers use them.
  std::unique_ptr<const Settings> settings;
  std::mutex reloading;                            // of settings
  bool is_stopping = false;                        // of the same mutex
  Service service;                                 // what workers begin with
  std::vector<std::unique_ptr<Service>> services;  // theirs
  std::vector<std::unique_ptr<Worker>> workers;
  size_t next_worker = 0;  // of the listener's thread
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Errands> errands;
  std::once_flag stopped;
  std::mutex joining;
  bool joined = false;
};

engine::Status Server::State::MakeWorkers(uint32_t count) {
  settings->GiveTo(service);
  for (; count > 0; --count) {
    auto session = service.engine.NewSession();
    if (!session.ok()) return session.error();
    services.push_back(std::make_unique<Service>(service));
    workers.push_back(std::make_unique<Worker>(std::move(*session), *services.back(),
                                               settings->options.limits, occupancy, tls.get()));
  }
  return engine::Done{};
}

// What was in force goes when no worker uses it any more: here, since closing a log waits for it to
// be written, and a worker must not.
void Server::State::TakeOver(std::unique_ptr<const Settings> next) {
  const Limits& limits = next->options.limits;
  RaiseDescriptorLimit(limits);
  occupancy.SetLimits(limits);
  // Shared: the last to count down may still be at it when the waiting ends.
  const auto taken = std::make_shared<std::latch>(static_cast<ptrdiff_t>(workers.size()));
  for (size_t index = 0; index < workers.size(); ++index) {
    workers[index]->TakeOver(limits, [&next, taken, own = services[index].get()] {
      next->GiveTo(*own);
      taken->count_down();
    });
  }
  taken->wait();
  settings = std::move(next);
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
  // Workers that stop take nothing over.
  const std::lock_guard lock(reloading);
  is_stopping = true;
  Log(LogLevel::kInfo, "stopping", {{"connections", occupancy.connections()}});
  listener->Stop();
  service.impacts->Stop();
  for (const auto& worker : workers) worker->BeginDrain();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

engine::Result<std::unique_ptr<Server>> Server::Start(engine::Engine& engine,
                                                      const Options& options) {
  if (const SettingFaults faults = Check(options); !faults.empty()) return Joined(faults);
  const auto wanted = ParseListenAddress(options.listen);
  if (!wanted.ok()) return wanted.error();
  RaiseDescriptorLimit(options.limits);
  auto state = std::make_unique<State>(engine, options.limits);
  auto listener = Listener::Open(wanted.value());
  if (!listener.ok()) return listener.error();
  state->listener = std::move(*listener);
  if (options.tls.enabled()) {
    auto tls = Tls::Open(options.tls);
    if (!tls.ok()) return tls.error();
    state->tls = std::move(*tls);
  }
  auto settings = Settings::Open(options, state->listener->address(), nullptr);
  if (!settings.ok()) return settings.error();
  state->settings = std::move(*settings);
  if (engine::Status made = state->MakeWorkers(WorkerCount(options.workers)); !made) {
    return made.error();
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

engine::Result<std::vector<std::string>> Server::Reload(const Options& options) {
  using engine::Error;
  State& state = *state_;
  const std::lock_guard lock(state.reloading);
  if (state.is_stopping) return Error{Error::Code::kConflict, "the server is about to stop"};
  if (const SettingFaults faults = Check(options); !faults.empty()) return Joined(faults);
  Options next = options;
  std::vector<std::string> waiting = KeepFixed(state.settings->options, next);
  if (const auto fault = JudgeOptions(next)) {
    return Error{fault->error.code,
                 "with what changes at the next start alone: " + fault->error.message};
  }
  std::unique_ptr<Tls> tls;
  if (next.tls.enabled()) {
    auto opened = Tls::Open(next.tls);
    if (!opened.ok()) return opened.error();
    tls = std::move(*opened);
  }
  auto settings = Settings::Open(next, state.listener->address(), state.settings.get());
  if (!settings.ok()) return settings.error();
  // From here on nothing fails.
  if (tls != nullptr) state.tls->TakeOver(*tls);
  state.TakeOver(std::move(*settings));
  return waiting;
}

void Server::Stop() {
  std::call_once(state_->stopped, [this] { state_->StopOnce(); });
}

void Server::ReopenLogs() {
  const std::lock_guard lock(state_->reloading);
  if (state_->settings->access_log != nullptr) state_->settings->access_log->Reopen();
}

void Server::Wait() {
  const std::lock_guard lock(state_->joining);
  if (state_->joined) return;
  for (const auto& worker : state_->workers) worker->Join();
  state_->joined = true;
  Log(LogLevel::kInfo, "stopped");
}

}  // namespace portvakt::server
