// One thread with its own connections and its own session of the engine. Workers share nothing, so
// that nothing on the way of a request takes a lock. The event loop and the HTTP parser are behind
// worker_state.h and its two units.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/engine.h"
#include "server/limits.h"
#include "server/reply.h"

namespace portvakt::server {

class Worker {
 public:
  // `open_connections` counts those of all workers; it and the service outlive them.
  Worker(engine::Session session, Service& service, const Limits& limits,
         std::atomic<uint32_t>& open_connections);
  // After Join.
  ~Worker();

  void Run();
  // Any thread, until BeginDrain: serves a connected socket (counted by the caller), or tells it
  // 503 and closes it.
  enum class Welcome : uint8_t { kServe, kRefuse };
  void Adopt(int descriptor, Welcome welcome);
  // Any thread: see Server::Stop. The thread ends when the last connection has.
  void BeginDrain();
  void Join();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::server
