// One thread with its own connections and its own session of the engine. Workers share nothing, so
// that nothing on the way of a request takes a lock. The event loop and the HTTP parser are behind
// worker_state.h and its two units.
#pragma once

#include <functional>
#include <memory>

#include "engine/engine.h"
#include "server/limits.h"
#include "server/listener.h"
#include "server/occupancy.h"
#include "server/reply.h"
#include "server/tls.h"

namespace portvakt::server {

class Worker {
 public:
  // What is shared with other workers outlives them all. `tls` is null without TLS.
  Worker(engine::Session session, Service& service, const Limits& limits, Occupancy& occupancy,
         Tls* tls);
  // After Join.
  ~Worker();

  void Run();
  // Any thread, until BeginDrain: serves a connected socket, or tells it why not and closes it, as
  // its place says.
  void Adopt(Accepted accepted, Occupancy::Place place);
  // Any thread, until BeginDrain: the limits hold for each request from its next byte on. `beside`
  // is called after them on the worker's thread, where no answer is being made.
  void TakeOver(const Limits& limits, std::function<void()> beside);
  // Any thread: see Server::Stop. The thread ends when the last connection has.
  void BeginDrain();
  void Join();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::server
