// What a policy would change, reckoned at the impact desk. Who posts may wait for the answer, or
// come back for it.
#include <utility>

#include "server/impact_desk.h"
#include "server/policy_json.h"
#include "server/v1_policies.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

HttpResponse OutcomeOf(const ImpactDesk::Outcome& outcome) {
  if (outcome) {
    JsonValue answer = JsonValue::Object({{"state", "done"}});
    return Ok(answer.Set("impact", ImpactJson(*outcome)));
  }
  if (outcome.error().code == engine::Error::Code::kConflict) {
    return Problem(503, "stopping", "the server is about to stop; the comparison was given up");
  }
  return PolicyProblem(outcome.error());
}

HttpResponse Running(const ImpactDesk::Progress& progress) {
  return Ok(JsonValue::Object({{"state", "running"},
                               {"subjects_done", progress.subjects_done},
                               {"subjects", progress.subjects}}));
}

HttpResponse Look(const ImpactDesk& desk, uint32_t version) {
  const auto progress = desk.Look(version);
  if (!progress) {
    return Problem(404, "no_comparison",
                   "nobody has asked for the impact of this version, or somebody for that of "
                   "another one since; POST asks for it");
  }
  return progress->running ? Running(*progress) : OutcomeOf(*progress->outcome);
}

struct Wanted {
  engine::ImpactQuery query;
  bool wait = true;
};

Reply Begin(ImpactDesk& desk, const Wanted& wanted) {
  const HttpResponse busy =
      Problem(503, "too_many_waiting", "another comparison runs; ask again when it is done");
  if (!wanted.wait) {
    if (!desk.Begin(wanted.query, nullptr)) return busy;
    HttpResponse response = Running({true, 0, 0, nullptr});
    response.status = 202;
    return response;
  }
  return Later{[&desk, query = wanted.query, busy](const Respond& respond) {
    const bool begun = desk.Begin(
        query, [respond](const ImpactDesk::Outcome& outcome) { respond(OutcomeOf(outcome)); });
    if (!begun) respond(busy);
  }};
}

}  // namespace

Reply AnswerImpact(const HttpRequest& request, Answering& answering, const PolicyPath& path) {
  const auto version = path.Resolve(answering.service.engine);
  if (!version) return PolicyProblem(version.error());
  ImpactDesk& desk = *answering.service.impacts;
  if (request.method != "POST") return Look(desk, *version);
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  Wanted wanted;
  uint32_t before = 0;
  if (body.Number("before", Need::kOptional, before, 1)) wanted.query.before = before;
  body.Values("context", wanted.query.context);
  body.Flag("wait", wanted.wait);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  wanted.query.after = *version;
  return Begin(desk, wanted);
}

}  // namespace portvakt::server
