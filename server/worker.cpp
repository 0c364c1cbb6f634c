// The event loop of a worker: deadlines, start and stop. A deadline is a time in each connection,
// looked at by one timer a worker: an operation that is too late is cancelled.
#include "server/worker.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "server/log.h"
#include "server/worker_state.h"

namespace portvakt::server {

// ---- deadlines ----------------------------------------------------------------------------------

Awaitable<void> Worker::State::Sweep() {
  Timer timer(context);
  while (!draining || live > 0) {
    Tick();
    timer.expires_after(std::chrono::milliseconds(kSweepMs));
    co_await timer.async_wait(kToken);
  }
}

void Worker::State::Tick() {
  const Clock::time_point now = Clock::now();
  const bool is_over = draining && now >= drain_end;
  for (Connection& connection : connections) {
    error_code ignored;
    if (is_over) {
      connection.socket.close(ignored);
      connection.cut = true;
      if (connection.waiting != nullptr) connection.waiting->cancel();
    } else if (connection.deadline <= now) {
      // Again at each tick: an operation that had just ended was not cancelled by the last one.
      connection.expired = true;
      connection.socket.cancel(ignored);
    }
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  if (seconds == date_seconds) return;
  date_seconds = seconds;
  date = HttpDate(seconds);
  // Once a second an idle worker goes to the newest revision, so that it pins no old pages of the
  // store. What goes wrong here goes wrong for the next request too, and is told there.
  static_cast<void>(session.Refresh());
  if (tls != nullptr) tls->Look();
}

// ---- the worker from outside --------------------------------------------------------------------

Worker::Worker(engine::Session session, Service& service, const Limits& limits,
               Occupancy& occupancy, Tls* tls)
    : state_(std::make_unique<State>(std::move(session), service, limits, occupancy, tls)) {}

Worker::~Worker() = default;

void Worker::Run() {
  State& state = *state_;
  asio::co_spawn(state.context, state.Sweep(), asio::detached);
  state.thread = std::thread([&state] {
    while (true) {
      try {
        state.context.run();
        return;
      } catch (const std::exception& fault) {
        // Memory for a connection could not be had; the others go on.
        Log(LogLevel::kError, "connection_failed", {{"fault", fault.what()}});
      }
    }
  });
}

void Worker::Adopt(Accepted accepted, Occupancy::Place place) {
  State& state = *state_;
  auto adopt = [&state, accepted = std::move(accepted), place = std::move(place)]() mutable {
    Socket socket(state.context);
    error_code error;
    // The family matters to no call that is made on it here.
    socket.assign(asio::ip::tcp::v4(), accepted.descriptor, error);
    if (error) {
      ::close(accepted.descriptor);
      return;
    }
    ++state.live;
    Peer peer{std::move(accepted.address), false, {}};
    asio::co_spawn(state.context, state.Serve(std::move(socket), std::move(peer), std::move(place)),
                   asio::detached);
  };
  asio::post(state.context, std::move(adopt));
}

void Worker::TakeOver(const Limits& limits, std::function<void()> beside) {
  State& state = *state_;
  asio::post(state.context, [&state, limits, beside = std::move(beside)] {
    state.limits = limits;
    beside();
  });
}

void Worker::BeginDrain() {
  State& state = *state_;
  asio::post(state.context, [&state] {
    const Clock::time_point now = Clock::now();
    state.draining = true;
    state.drain_end = now + std::chrono::milliseconds(state.limits.drain_ms);
    for (Connection& connection : state.connections) {
      if (connection.phase == Phase::kBusy) continue;
      connection.deadline =
          std::min(connection.deadline, now + std::chrono::milliseconds(kDrainIdleMs));
    }
  });
}

void Worker::Join() {
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace portvakt::server
