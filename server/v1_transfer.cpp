// Bringing people in and out. The engine makes many changes one after another for each, so they run
// aside and the worker goes on.
#include <string>
#include <utility>

#include "server/answering_task.h"
#include "server/change_json.h"
#include "server/change_read.h"
#include "server/v1.h"
#include "server/v1_outcome.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

// Members that both have.
template <class Query>
void ReadShared(ObjectReader& body, const Caller& caller, Query& query) {
  ReadActor(body, caller, query.actor);
  body.Entity("subject", Need::kRequired, query.subject);
  body.Texts("relations", query.relations);
  body.Values("context", query.context);
  body.Text("reason", Need::kOptional, query.reason);
  body.Text("ticket", Need::kOptional, query.ticket);
  body.Flag("dry_run", query.dry_run);
}

template <class Query>
Reply Aside(Service& service, Query query,
            engine::TransferResult (engine::Engine::*transfer)(const Query&)) {
  return Later{[&service, query = std::move(query), transfer](const Respond& respond) {
    auto make = [&engine = service.engine, counts = service.counts, query, transfer] {
      const engine::TransferResult made = (engine.*transfer)(query);
      counts->Add(made.result.outcome);
      return ChangeOutcome(made.result, TransferJson(made));
    };
    std::function<void()> task = AnsweringTask(std::move(make), respond);
    if (!service.run_aside) {
      task();
    } else if (!service.run_aside(std::move(task))) {
      respond(
          Problem(503, "too_many_waiting", "too many such requests wait already; ask again later"));
    }
  }};
}

}  // namespace

Reply AnswerOnboard(const HttpRequest& request, Answering& answering) {
  if (auto refusal = RefuseChanges(*answering.caller)) return *std::move(refusal);
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::OnboardQuery query;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  ReadShared(body, *answering.caller, query);
  body.Entity("like", Need::kRequired, query.like);
  body.Entities("objects", query.objects);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  return Aside(answering.service, std::move(query), &engine::Engine::Onboard);
}

Reply AnswerOffboard(const HttpRequest& request, Answering& answering) {
  if (auto refusal = RefuseChanges(*answering.caller)) return *std::move(refusal);
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::OffboardQuery query;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  ReadShared(body, *answering.caller, query);
  body.Entity("successor", query.successor);
  ReadChangeItems(body, "closing", Need::kOptional, query.closing);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  return Aside(answering.service, std::move(query), &engine::Engine::Offboard);
}

}  // namespace portvakt::server
