// Answers that come later: from another thread, or when something has happened that is looked for
// at every sweep. Nothing here touches the connection's stream.
#include <memory>
#include <utility>

#include "server/worker_state.h"

namespace portvakt::server {
namespace {

// An answer that another thread makes. Of the worker's thread.
struct Pending {
  std::optional<HttpResponse> response;
  Timer* timer = nullptr;  // null when nobody waits any more
};

}  // namespace

Awaitable<void> Worker::State::AwaitReply(Connection& connection, Reply& reply,
                                          std::optional<HttpResponse>& response) {
  if (waiting >= kMaxWaiting) {
    response = Problem(503, "too_many_waiting", "too many requests wait already; ask again later");
    co_return;
  }
  ++waiting;
  connection.deadline = Clock::time_point::max();
  if (const Later* later = std::get_if<Later>(&reply)) {
    co_await AwaitAnswer(connection, *later, response);
  } else {
    const Watch& watch = std::get<Watch>(reply);
    co_await AwaitEvent(connection, watch, response);
  }
  --waiting;
}

Awaitable<void> Worker::State::AwaitAnswer(Connection& connection, const Later& later,
                                           std::optional<HttpResponse>& response) {
  Timer timer(context);
  timer.expires_at(Clock::time_point::max());
  const auto pending = std::make_shared<Pending>();
  pending->timer = connection.waiting = &timer;
  // Through the mailbox even from this thread, so that the timer is being waited for by then.
  later.start([box = mailbox, pending](HttpResponse made) {
    box->Post([pending, made = std::move(made)] {
      pending->response = made;
      if (pending->timer != nullptr) pending->timer->cancel();
    });
  });
  while (!pending->response && !connection.cut) co_await timer.async_wait(kToken);
  pending->timer = connection.waiting = nullptr;
  response = std::move(pending->response);
}

Awaitable<void> Worker::State::AwaitEvent(Connection& connection, const Watch& watch,
                                          std::optional<HttpResponse>& response) {
  Timer timer(context);
  connection.waiting = &timer;
  const auto end = Clock::now() + std::chrono::milliseconds(watch.wait_ms);
  while (true) {
    Answering answering{session, service, connection.peer, draining, nullptr, {}};
    response = watch.look(answering, draining || Clock::now() >= end);
    if (response || connection.cut) break;
    timer.expires_after(std::chrono::milliseconds(kSweepMs));
    co_await timer.async_wait(kToken);
  }
  connection.waiting = nullptr;
}

}  // namespace portvakt::server
