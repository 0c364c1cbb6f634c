// What handlers have to work with, and the three ways in which they answer: at once, later from
// another thread, or when something has happened that the worker looks for every kSweepMs. Nothing
// in a handler ever waits.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "engine/engine.h"
#include "server/authenticator.h"
#include "server/caller.h"
#include "server/decision_line.h"
#include "server/discovery.h"
#include "server/impact_desk.h"
#include "server/message.h"
#include "server/request_counters.h"

namespace portvakt::server {

class AccessLog;
class DecisionLog;
class Occupancy;
class RateLimiter;
struct Answering;
struct Later;
struct Watch;
using Reply = std::variant<HttpResponse, Later, Watch>;
// On a worker's thread; never throws. The request's memory is there until the answer is.
using AnswerFunction = Reply (*)(const HttpRequest&, Answering&);

class Gateway;

// How many changes came out how, by engine::ChangeResult::Outcome; for the metrics. Safe to share.
struct ChangeCounts {
  static constexpr size_t kOutcomes = 7;
  std::array<std::atomic<uint64_t>, kOutcomes> by_outcome{};

  void Add(engine::ChangeResult::Outcome outcome) {
    by_outcome[static_cast<size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
  }
};

// What handlers work with. Each worker has one of its own, whose members a new configuration
// changes between two requests (server/settings.h); what they refer to is shared, and outlives the
// request. What a configuration leaves out is null.
struct Service {
  explicit Service(engine::Engine& shared_engine)
      : engine(shared_engine), impacts(std::make_shared<ImpactDesk>(shared_engine)) {}

  engine::Engine& engine;
  // What workers call with each request that is whole.
  AnswerFunction answer = nullptr;
  // Null: everybody is the anonymous caller, who may do everything but change facts.
  Authenticator* authenticator = nullptr;
  // Null: callers may make any number of requests.
  RateLimiter* rate_limiter = nullptr;
  // The anonymous caller may change facts too, and names the actor.
  bool trust_callers = false;
  // What the server says of itself; null where it cannot tell how it is reached.
  std::shared_ptr<const Discovery> discovery;
  std::shared_ptr<const Gateway> gateway;
  // Also held by answers that are still being made when the server has gone.
  std::shared_ptr<ChangeCounts> counts = std::make_shared<ChangeCounts>();
  std::shared_ptr<RequestCounters> counters = std::make_shared<RequestCounters>();
  DecisionLog* decision_log = nullptr;
  AccessLog* access_log = nullptr;
  const Occupancy* occupancy = nullptr;  // for the metrics
  // Where the impact of policies is reckoned.
  std::shared_ptr<ImpactDesk> impacts;
  // Runs a task that waits for the store on a thread that may; false when too many wait already.
  // Without one the task is run at once.
  std::function<bool(std::function<void()>)> run_aside;
};

// What a handler needs beside the request. One a request.
struct Answering {
  engine::Session& session;
  Service& service;
  const Peer& peer;
  // The server has been told to stop.
  bool draining = false;
  // Found out on the way, for handlers and for logs. The caller is there for handlers whose
  // endpoint is not open to everybody.
  std::shared_ptr<const Caller> caller;
  std::string_view endpoint;  // the path in the table; "" when there is none
  // What is answered; there while a handler runs.
  const HttpRequest* request = nullptr;
  // Decisions that must be logged before the answer goes out (server/deciding.h).
  HeldDecisions held = {};
};

// Called once, from any thread; the connection may be gone by then.
using Respond = std::function<void(HttpResponse)>;

// `start` is called once on the worker's thread and keeps nothing of the request's memory.
struct Later {
  std::function<void(Respond)> start;
};

// `look` is called on the worker's thread, at once and then at each sweep, until it answers; it
// must when `is_last`: the time is over, or the server stops. The request's memory is there
// meanwhile.
struct Watch {
  uint32_t wait_ms = 0;
  std::function<std::optional<HttpResponse>(Answering&, bool is_last)> look;
};

}  // namespace portvakt::server
