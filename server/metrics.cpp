// What the metrics page tells: docs/operations/README.md says what each is good for.
#include <map>
#include <string>

#include "server/access_log.h"
#include "server/change_json.h"
#include "server/decision_line.h"
#include "server/decision_log.h"
#include "server/limits.h"
#include "server/metrics_page.h"
#include "server/occupancy.h"
#include "server/request_counters.h"
#include "server/v1.h"

namespace portvakt::server {
namespace {

constexpr double kMicrosecondsASecond = 1e6;

double Number(uint64_t count) { return static_cast<double>(count); }
double Seconds(int64_t instant_us) {
  return static_cast<double>(instant_us) / kMicrosecondsASecond;
}

void TellStore(engine::Session& session, engine::Store& store, MetricsPage& page) {
  const uint64_t revision = session.snapshot().revision();
  const auto newest = session.snapshot().FindRevision(revision);
  page.Gauge("portvakt_revision", "Newest revision of the store.", Number(revision));
  page.Gauge("portvakt_revision_timestamp_seconds",
             "When the newest revision was made, since 1970; 0 without one.",
             newest ? Seconds(newest->instant_us) : 0);
  page.Gauge("portvakt_store_used_bytes", "Bytes of the store in use.", Number(store.used_bytes()));
  page.Gauge("portvakt_store_map_bytes", "Bytes that the store may grow to.",
             Number(store.map_bytes()));
  page.Gauge("portvakt_store_readers", "Places for readers of the store ever taken at once.",
             Number(store.used_readers()));
  page.Gauge("portvakt_store_readers_max", "Places for readers of the store that there are.",
             Number(store.max_readers()));
}

void TellPolicy(engine::Session& session, bool has_policy, MetricsPage& page) {
  const auto policy = session.snapshot().ActivePolicy();
  page.Gauge("portvakt_policy_version", "Version of the active policy, 0 without one.",
             has_policy ? Number(session.policy_version()) : 0);
  page.Gauge("portvakt_policy_installed_timestamp_seconds",
             "When the active policy was installed, since 1970; 0 without one.",
             policy ? Seconds(policy->installed_us) : 0);
  std::map<std::string, uint64_t> broken;
  if (has_policy) {
    for (const auto& limit : session.BrokenLimits(kMaxBrokenLimits)) ++broken[limit.limit];
  }
  page.BeginGauge("portvakt_limits_not_kept", "Limits that are not kept now, by name.");
  for (const auto& [name, count] : broken) page.Add(Number(count), {"limit", name});
}

void TellRequests(const RequestTotals& totals, MetricsPage& page) {
  page.BeginCounter("portvakt_requests_total", "Answers, by status.");
  for (const auto& [status, count] : totals.answers) {
    page.Add(Number(count), {"status", std::to_string(status)});
  }
  page.BeginHistogram("portvakt_request_duration_seconds",
                      "From a request's first byte until its answer was ready, by endpoint.");
  for (const auto& [endpoint, times] : totals.by_endpoint) {
    page.Add(times, {"endpoint", endpoint.empty() ? "none" : endpoint});
  }
  page.BeginCounter("portvakt_decisions_total", "Decisions, by verdict.");
  for (const engine::Tri verdict :
       {engine::Tri::kTrue, engine::Tri::kFalse, engine::Tri::kUnknown}) {
    page.Add(Number(totals.decisions[static_cast<size_t>(verdict)]),
             {"verdict", VerdictName(verdict)});
  }
  page.BeginHistogram("portvakt_decision_duration_seconds", "Time that one decision took.");
  page.Add(totals.decision_time);
}

void TellChanges(const ChangeCounts& counts, MetricsPage& page) {
  page.BeginCounter("portvakt_changes_total", "Change requests over HTTP, by outcome.");
  for (size_t index = 0; index < counts.by_outcome.size(); ++index) {
    const auto outcome = static_cast<engine::ChangeResult::Outcome>(index);
    page.Add(Number(counts.by_outcome[index].load(std::memory_order_relaxed)),
             {"outcome", OutcomeName(outcome)});
  }
}

void TellLogs(const Service& service, MetricsPage& page) {
  if (const DecisionLog* log = service.decision_log) {
    page.Counter("portvakt_decision_log_lines_total", "Decisions written to the log.",
                 Number(log->written_lines()));
    page.Counter("portvakt_decision_log_lost_total",
                 "Decisions that were to be logged and could not be.", Number(log->lost_lines()));
    page.Gauge("portvakt_decision_log_queue_bytes", "Bytes that wait to be written.",
               Number(log->waiting_bytes()));
    page.Gauge("portvakt_decision_log_queue_bytes_max", "Bytes that may wait to be written.",
               Number(log->capacity_bytes()));
  }
  if (const AccessLog* log = service.access_log) {
    page.Counter("portvakt_access_log_lost_total", "Lines of the access log that were lost.",
                 Number(log->lost_lines()));
  }
}

}  // namespace

Reply AnswerMetrics(const HttpRequest&, Answering& answering) {
  engine::Session& session = answering.session;
  const Service& service = answering.service;
  const bool has_policy = session.Refresh().ok();
  MetricsPage page;
  TellStore(session, answering.service.engine.store(), page);
  TellPolicy(session, has_policy, page);
  TellRequests(service.counters->Collect(), page);
  TellChanges(*service.counts, page);
  TellLogs(service, page);
  if (const Occupancy* occupancy = service.occupancy) {
    page.Gauge("portvakt_connections", "Open connections.", Number(occupancy->connections()));
    page.Gauge("portvakt_requests_in_flight", "Requests that are being read or answered.",
               Number(occupancy->requests_in_flight()));
  }
  HttpResponse response;
  response.content_type = MetricsPage::kContentType;
  response.body = page.Text();
  return response;
}

}  // namespace portvakt::server
