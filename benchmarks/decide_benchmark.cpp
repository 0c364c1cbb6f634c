// What does one check cost in process, and does it grow with the data? Ids as strings, warm, one
// thread, policies/byra, random existing pairs, half of them permits.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "benchmarks/world.h"
#include "dsl/dsl.h"
#include "engine/engine.h"
#include "engine/load.h"

namespace portvakt::benchmarks {
namespace {

void Check(benchmark::State& state) {
  World* world = WorldOf(static_cast<uint64_t>(state.range(0)));
  if (!world) {
    state.SkipWithError("the agency could not be made");
    return;
  }
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) {
    state.SkipWithError("no session");
    return;
  }
  for (const auto& request : world->requests) benchmark::DoNotOptimize(session->Decide(request));
  std::vector<double> costs_ns;
  costs_ns.reserve(1 << 22);
  size_t next = 0, permits = 0;
  for (auto _ : state) {
    const auto begun = std::chrono::steady_clock::now();
    engine::Decision decision = session->Decide(world->requests[next]);
    const auto ended = std::chrono::steady_clock::now();
    permits += decision.permit;
    if (costs_ns.size() < costs_ns.capacity()) {
      costs_ns.push_back(std::chrono::duration<double, std::nano>(ended - begun).count());
    }
    next = (next + 1) % kRequests;
  }
  std::sort(costs_ns.begin(), costs_ns.end());
  state.counters["median_ns"] = Quantile(costs_ns, 0.5);
  state.counters["p99_ns"] = Quantile(costs_ns, 0.99);
  state.counters["permits"] =
      static_cast<double>(permits) / static_cast<double>(state.iterations());
  state.counters["ticks"] = static_cast<double>(world->agency.ticks);
}
BENCHMARK(Check)->RangeMultiplier(10)->Range(1000, 1'000'000)->MinTime(1.0);

void Explain(benchmark::State& state) {
  World* world = WorldOf(static_cast<uint64_t>(state.range(0)));
  if (!world) {
    state.SkipWithError("the agency could not be made");
    return;
  }
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) {
    state.SkipWithError("no session");
    return;
  }
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(session->Explain(world->requests[next]));
    next = (next + 1) % kRequests;
  }
}
BENCHMARK(Explain)->Arg(1'000'000);

void CompilePolicy(benchmark::State& state) {
  for (auto _ : state) {
    dsl::SourceSet sources;
    dsl::Diagnostics findings;
    std::string error;
    dsl::ReadPolicy(PORTVAKT_SOURCE_DIR "/policies/byra", sources, findings, error);
    benchmark::DoNotOptimize(dsl::Compile(sources, findings));
  }
}
BENCHMARK(CompilePolicy)->Unit(benchmark::kMillisecond);

void BulkLoad(benchmark::State& state) {
  World* world = WorldOf(1'000'000);
  if (!world) {
    state.SkipWithError("the agency could not be made");
    return;
  }
  auto module = world->engine->ActiveModule();
  const Agency agency = MakeAgency(**module, static_cast<uint64_t>(state.range(0)), kSeed);
  for (auto _ : state) {
    state.PauseTiming();
    const std::string directory = world->directory + "-load";
    std::filesystem::remove_all(directory);
    engine::Engine::Options options;
    options.store.sync = false;
    auto engine = engine::Engine::Open(directory, options);
    dsl::SourceSet sources;
    dsl::Diagnostics findings;
    std::string error;
    dsl::ReadPolicy(PORTVAKT_SOURCE_DIR "/policies/byra", sources, findings, error);
    auto installed = (*engine)->InstallPolicy(sources, **module, {});
    std::istringstream text(agency.sentences);
    state.ResumeTiming();
    auto report = engine::LoadText(**engine, **module, "agency", text);
    state.PauseTiming();
    state.SetItemsProcessed(state.items_processed() + static_cast<int64_t>(report.statements));
    if (!installed.ok()) state.SkipWithError("the policy could not be installed");
    engine->reset();
    std::filesystem::remove_all(directory);
    state.ResumeTiming();
  }
}
BENCHMARK(BulkLoad)->Arg(1'000'000)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace portvakt::benchmarks

BENCHMARK_MAIN();
