// The metrics page: text format 0.0.4 of Prometheus. Only what is known without counting anything
// on the way of a decision.
#include <map>
#include <string>

#include "server/change_json.h"
#include "server/limits.h"
#include "server/v1.h"

namespace portvakt::server {
namespace {

void Describe(std::string& text, const char* name, const char* type, const char* help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

// A label's value may hold any text, within these escapes.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '\\' || letter == '"') escaped.push_back('\\');
    if (letter == '\n') {
      escaped.append("\\n");
    } else {
      escaped.push_back(letter);
    }
  }
  return escaped;
}

void Sample(std::string& text, const char* name, std::string_view label, std::string_view value,
            uint64_t number) {
  text.append(name).append("{").append(label).append("=\"").append(Escaped(value));
  text.append("\"} ").append(std::to_string(number)).append("\n");
}

void Gauge(std::string& text, const char* name, const char* help, uint64_t number) {
  Describe(text, name, "gauge", help);
  text.append(name).append(" ").append(std::to_string(number)).append("\n");
}

}  // namespace

Reply AnswerMetrics(const HttpRequest&, Answering& answering) {
  engine::Session& session = answering.session;
  const bool has_policy = session.Refresh().ok();
  engine::Store& store = answering.service.engine.store();
  std::string text;
  Gauge(text, "portvakt_revision", "Newest revision of the store.", session.snapshot().revision());
  Gauge(text, "portvakt_policy_version", "Version of the active policy, 0 without one.",
        has_policy ? session.policy_version() : 0);
  Gauge(text, "portvakt_store_used_bytes", "Bytes of the store in use.", store.used_bytes());
  Gauge(text, "portvakt_store_map_bytes", "Bytes that the store may grow to.", store.map_bytes());

  std::map<std::string, uint64_t> broken;
  if (has_policy) {
    for (const auto& limit : session.BrokenLimits(kMaxBrokenLimits)) ++broken[limit.limit];
  }
  Describe(text, "portvakt_limits_not_kept", "gauge", "Limits that are not kept now, by name.");
  for (const auto& [name, count] : broken) {
    Sample(text, "portvakt_limits_not_kept", "limit", name, count);
  }
  Describe(text, "portvakt_changes_total", "counter", "Change requests over HTTP, by outcome.");
  const ChangeCounts& counts = *answering.service.counts;
  for (size_t index = 0; index < counts.by_outcome.size(); ++index) {
    const auto outcome = static_cast<engine::ChangeResult::Outcome>(index);
    Sample(text, "portvakt_changes_total", "outcome", OutcomeName(outcome),
           counts.by_outcome[index].load(std::memory_order_relaxed));
  }
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = std::move(text);
  return response;
}

}  // namespace portvakt::server
