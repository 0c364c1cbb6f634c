// Decisions with their evidence.
#include "server/deciding.h"

#include <cassert>
#include <chrono>
#include <memory>
#include <utility>

#include "server/decision_log.h"
#include "server/request_counters.h"
#include "server/trace_context.h"
#include "server/wire.h"

namespace portvakt::server {
namespace {

using Clock = std::chrono::steady_clock;

uint64_t NanosecondsSince(Clock::time_point began) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began).count());
}

}  // namespace

engine::Decision SessionDecider::Decide(const engine::Request& request) {
  const Clock::time_point began = Clock::now();
  engine::Decision decision = answering_.session.Decide(request);
  Record(request, decision, NanosecondsSince(began));
  return decision;
}

engine::Explanation SessionDecider::Explain(const engine::Request& request) {
  const Clock::time_point began = Clock::now();
  engine::Explanation explanation = answering_.session.Explain(request);
  Record(request, explanation.decision, NanosecondsSince(began));
  return explanation;
}

void SessionDecider::Record(const engine::Request& request, const engine::Decision& decision,
                            uint64_t duration_ns) {
  Service& service = answering_.service;
  service.counters->CountDecision(decision.verdict, duration_ns);
  if (service.decision_log == nullptr) return;
  LoggedDecision logged{.request = request,
                        .instant_us = engine::SystemNow(),
                        .verdict = decision.verdict,
                        .decided_by = answering_.session.DecidedBy(),
                        .policy_version = decision.policy_version,
                        .revision = decision.revision,
                        .caller = {},
                        .endpoint = answering_.endpoint,
                        .duration_ns = duration_ns,
                        .request_id = {},
                        .trace_id = {}};
  if (answering_.caller != nullptr) logged.caller = answering_.caller->name;
  if (answering_.request != nullptr) {
    logged.request_id = EchoedRequestId(*answering_.request);
    logged.trace_id = TraceIdOf(*answering_.request);
  }
  service.decision_log->Take(logged, answering_.held);
}

Reply WhenLogged(Reply reply, Answering& answering) {
  if (answering.held.count == 0) return reply;
  // Who decides has the answer at once.
  assert(std::holds_alternative<HttpResponse>(reply));
  const auto response = std::make_shared<HttpResponse>(std::move(std::get<HttpResponse>(reply)));
  const auto held = std::make_shared<const HeldDecisions>(std::move(answering.held));
  return Later{[response, held, log = answering.service.decision_log](Respond respond) {
    log->Commit(*held, [response, respond = std::move(respond)](bool is_logged) {
      respond(is_logged ? std::move(*response)
                        : Problem(503, "not_logged",
                                  "the decision was made but could not be logged, and this server "
                                  "answers nothing that is not; ask again later"));
    });
  }};
}

}  // namespace portvakt::server
