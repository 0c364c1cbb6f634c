// What does it cost to be told what is missing? policies/byra, the medium agency, denied questions:
// ticks that are missing, and consultants who have nothing to do with the client yet.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "benchmarks/world.h"

namespace portvakt::benchmarks {
namespace {

std::vector<engine::MissingQuery> Denied(World& world, engine::Session& session) {
  std::vector<engine::MissingQuery> queries;
  const auto add = [&](const engine::Request& request) {
    engine::MissingQuery query;
    query.request = request;
    if (!session.Decide(request).permit) queries.push_back(query);
  };
  for (size_t i = 0; i < world.requests.size() && queries.size() < 2'000; ++i) {
    engine::Request request = world.requests[i];
    add(request);
    request.subject.id = world.requests[(i * 7 + 1) % world.requests.size()].subject.id;
    add(request);
  }
  return queries;
}

void Missing(benchmark::State& state) {
  World* world = MediumWorld();
  if (!world) return state.SkipWithError("the agency could not be made");
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) return state.SkipWithError("no session");
  const std::vector<engine::MissingQuery> queries = Denied(*world, *session);
  if (queries.empty()) return state.SkipWithError("nothing is denied");
  std::vector<double> costs_us;
  size_t next = 0;
  size_t plans = 0;
  for (auto _ : state) {
    const auto begun = std::chrono::steady_clock::now();
    const engine::MissingAnswer answer = session->Missing(queries[next]);
    const auto ended = std::chrono::steady_clock::now();
    plans += answer.plans.size();
    costs_us.push_back(std::chrono::duration<double, std::micro>(ended - begun).count());
    next = (next + 1) % queries.size();
  }
  std::sort(costs_us.begin(), costs_us.end());
  state.counters["median_us"] = Quantile(costs_us, 0.5);
  state.counters["p99_us"] = Quantile(costs_us, 0.99);
  state.counters["plans"] = static_cast<double>(plans) / static_cast<double>(state.iterations());
}
BENCHMARK(Missing)->Unit(benchmark::kMicrosecond)->MinTime(1.0);

}  // namespace
}  // namespace portvakt::benchmarks
