// The page for Prometheus is one that Prometheus reads, every name on it is explained, and the
// dashboard asks for no other.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <thread>

#include "server/metrics_page.h"
#include "tests/server/http_fixture.h"
#include "tests/server/scratch_folder.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

// Samples by name and labels. Fails the test at the first line that the text format does not have.
std::map<std::string, double> SamplesOf(const std::string& page) {
  static const std::regex comment("# (HELP|TYPE) [a-z_:]+ .+");
  static const std::regex sample(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{[a-z]+="(?:[^"\\]|\\.)*"(?:,[a-z]+="[^"\\]*")*\})?))re"
      R"re( (\S+))re");
  std::map<std::string, double> samples;
  EXPECT_TRUE(page.ends_with('\n'));
  for (const std::string& line : LinesOf(page)) {
    if (line.starts_with('#')) {
      EXPECT_TRUE(std::regex_match(line, comment)) << line;
      continue;
    }
    std::smatch match;
    EXPECT_TRUE(std::regex_match(line, match, sample)) << line;
    if (match.empty()) continue;
    const std::string number = match[2];
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    EXPECT_EQ(*end, '\0') << line;
    EXPECT_TRUE(samples.emplace(match[1], value).second) << "twice: " << line;
  }
  return samples;
}

// "name" of "# TYPE name kind".
std::map<std::string, std::string> FamiliesOf(const std::string& page) {
  std::map<std::string, std::string> families;
  for (const std::string& line : LinesOf(page)) {
    std::istringstream words(line);
    std::string mark, what, name, kind;
    words >> mark >> what >> name >> kind;
    if (mark != "#" || what != "TYPE") continue;
    EXPECT_TRUE(families.emplace(name, kind).second) << line;
  }
  return families;
}

std::set<std::string> NamesIn(const std::string& text) {
  static const std::regex pattern("portvakt_[a-z_]+");
  return {std::sregex_token_iterator(text.begin(), text.end(), pattern),
          std::sregex_token_iterator()};
}

class MetricsTest : public HttpTest {
 protected:
  void StartLogging() {
    Server::Options options;
    options.decision_log.directory = folder_.Path("decisions");
    options.access_log.to = AccessLogOptions::To::kFile;
    options.access_log.file = folder_.Path("access.jsonl");
    server_ = world_.Serve(std::move(options));
    ASSERT_NE(server_, nullptr);
  }
  std::string Page() {
    const auto response = Fetch(port(), "GET", "/metrics");
    EXPECT_TRUE(response && response->status == 200);
    return response ? response->body : "";
  }

  ScratchFolder folder_;
};

TEST_F(MetricsTest, CountWhatHappens) {
  StartLogging();
  for (const char* action : {"read", "read", "write"}) {
    ASSERT_EQ(Fetch(port(), "POST", kEvaluation, EvaluationBody(action))->status, 200);
  }
  ASSERT_EQ(Fetch(port(), "GET", "/nowhere")->status, 404);
  auto samples = SamplesOf(Page());
  EXPECT_EQ(samples["portvakt_decisions_total{verdict=\"permit\"}"], 2);
  EXPECT_EQ(samples["portvakt_decisions_total{verdict=\"deny\"}"], 1);
  EXPECT_EQ(samples["portvakt_decisions_total{verdict=\"unknown\"}"], 0);
  EXPECT_EQ(samples["portvakt_decision_duration_seconds_count"], 3);
  EXPECT_EQ(samples["portvakt_requests_total{status=\"200\"}"], 3);
  EXPECT_EQ(samples["portvakt_requests_total{status=\"404\"}"], 1);
  const std::string of_evaluation =
      "portvakt_request_duration_seconds_count{endpoint=\"/access/v1/evaluation\"}";
  EXPECT_EQ(samples[of_evaluation], 3);
  EXPECT_EQ(samples["portvakt_request_duration_seconds_count{endpoint=\"none\"}"], 1);
  // Those of before may not have gone yet.
  EXPECT_GE(samples["portvakt_connections"], 1);
  EXPECT_GE(samples["portvakt_requests_in_flight"], 1);
  EXPECT_EQ(samples["portvakt_policy_version"], 1);
  EXPECT_GT(samples["portvakt_revision_timestamp_seconds"], 1.7e9);
  EXPECT_GT(samples["portvakt_policy_installed_timestamp_seconds"], 1.7e9);
  EXPECT_GE(samples["portvakt_store_readers"], 1);
  EXPECT_EQ(samples["portvakt_store_readers_max"], 256);
  EXPECT_GT(samples["portvakt_decision_log_queue_bytes_max"], 0);
  samples = SamplesOf(Page());
  EXPECT_EQ(samples["portvakt_requests_total{status=\"200\"}"], 4) << "the page before";
}

TEST_F(MetricsTest, AreExplainedAndNothingElseIs) {
  StartLogging();
  const std::string docs = TextOf(PORTVAKT_SOURCE_DIR "/docs/operations/README.md");
  const size_t begin = docs.find("\n## Metrics\n");
  const size_t end = docs.find("\n## Alerts worth having\n");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  std::set<std::string> told;
  for (const auto& [name, kind] : FamiliesOf(Page())) told.insert(name);
  EXPECT_EQ(told, NamesIn(docs.substr(begin, end - begin)));
}

TEST_F(MetricsTest, AreWhatTheDashboardAndTheAlertsAskFor) {
  StartLogging();
  std::set<std::string> exported;
  for (const auto& [name, kind] : FamiliesOf(Page())) {
    if (kind != "histogram") exported.insert(name);
    if (kind == "histogram") {
      for (const char* end : {"_bucket", "_sum", "_count"}) exported.insert(name + end);
    }
  }
  const std::string text = TextOf(PORTVAKT_SOURCE_DIR "/docs/operations/grafana.json");
  const JsonRead dashboard = ReadJson(text);
  ASSERT_TRUE(dashboard.value) << dashboard.error.message;
  std::string asked = TextOf(PORTVAKT_SOURCE_DIR "/docs/operations/README.md");
  asked.erase(0, asked.find("\n## Alerts worth having\n"));
  for (const JsonValue& panel : dashboard.value->Find("panels")->elements()) {
    const JsonValue* targets = panel.Find("targets");
    ASSERT_NE(targets, nullptr);
    EXPECT_FALSE(targets->elements().empty()) << panel.Find("title")->text();
    for (const JsonValue& target : targets->elements()) {
      asked += target.Find("expr")->text() + "\n";
    }
  }
  const std::set<std::string> names = NamesIn(asked);
  EXPECT_GT(names.size(), 15u);
  for (const std::string& name : names) EXPECT_TRUE(exported.contains(name)) << name;
  for (const std::string& name : NamesIn(text)) {
    EXPECT_TRUE(exported.contains(name) || name == "portvakt_revision") << name;
  }
}

TEST(MetricsPage, EscapesLabelsAndAddsUpBuckets) {
  MetricsPage page;
  page.BeginGauge("some_gauge", "Help.");
  page.Add(3, {"limit", "a\"b\\c\nd"});
  TimeTotals times;
  times.counts[0] = 2;
  times.counts[3] = 1;
  times.counts.back() = 4;
  times.sum_ns = 1'500'000'000;
  page.BeginHistogram("some_seconds", "Help.");
  page.Add(times);
  const std::string text = page.Text();
  EXPECT_THAT(text, HasSubstr("some_gauge{limit=\"a\\\"b\\\\c\\nd\"} 3\n"));
  auto samples = SamplesOf(text);
  EXPECT_EQ(samples["some_seconds_count"], 7);
  EXPECT_EQ(samples["some_seconds_sum"], 1.5);
  EXPECT_EQ(samples["some_seconds_bucket{le=\"+Inf\"}"], 7);
  EXPECT_THAT(text, HasSubstr("some_seconds_bucket{le=\"5\"} 3\n"));
}

TEST(RequestCounters, AddUpWhatManyThreadsCount) {
  RequestCounters counters;
  constexpr std::string_view kPath = "/path";
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < 1000; ++i) {
        counters.CountAnswer(kPath, 200, i * 1000);
        counters.CountDecision(engine::Tri::kUnknown, 10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  counters.CountAnswer(kPath, -5, 0);
  counters.CountAnswer("", 5000, 0);
  const RequestTotals totals = counters.Collect();
  EXPECT_EQ(totals.answers, (std::map<int, uint64_t>{{0, 1}, {200, 4000}, {599, 1}}));
  EXPECT_EQ(totals.decisions[static_cast<size_t>(engine::Tri::kUnknown)], 4000u);
  EXPECT_EQ(totals.by_endpoint.at("/path").sum_ns, 4u * 999 * 1000 / 2 * 1000);
  // 0 and 1 µs, as the ends of buckets belong to them.
  EXPECT_EQ(totals.by_endpoint.at("/path").counts[0], 4u * 2 + 1);
}

}  // namespace
}  // namespace portvakt::server
