// What does a durable governed change cost, and does one sync serve many writers? Real syncs on the
// disk of the temporary directory; policies/byra, the medium agency. And what does a question about
// the past cost against one about now?
#include <benchmark/benchmark.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "benchmarks/world.h"
#include "engine/load.h"

namespace portvakt::benchmarks {
namespace {

// Own clients' administrators tick permissions for consultants that they see.
engine::ChangeRequest Tick(const Agency& agency, size_t pair_number, bool add) {
  const Agency::Pair& pair = agency.pairs[pair_number % agency.pairs.size()];
  engine::ChangeRequest request;
  request.actor = engine::EntityName{"user", "o" + pair.client.substr(1)};
  engine::ChangeItem item;
  item.kind = add ? engine::ChangeItem::Kind::kAdd : engine::ChangeItem::Kind::kRemove;
  item.fact.subject = {"user", pair.consultant};
  item.fact.relation = "granted";
  item.fact.symbol = pair.ticked[pair_number / agency.pairs.size() % pair.ticked.size()];
  item.fact.object = engine::EntityName{"client", pair.client};
  request.changes.push_back(item);
  return request;
}

// Pairs whose client has an administrator of its own.
std::vector<size_t> OwnPairs(const Agency& agency) {
  std::vector<size_t> pairs;
  for (size_t i = 0; i < agency.pairs.size(); ++i) {
    if (std::stoul(agency.pairs[i].client.substr(1)) % 2 == 0) pairs.push_back(i);
  }
  return pairs;
}

void DurableChanges(benchmark::State& state) {
  static const std::unique_ptr<World> world = MakeWorld(kMediumTicks, Sync::kOn);
  if (!world) return state.SkipWithError("the agency could not be made");
  const std::vector<size_t> pairs = OwnPairs(world->agency);
  const auto writers = static_cast<size_t>(state.range(0));
  constexpr size_t kEach = 50;
  std::atomic<size_t> refused = 0;
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (size_t writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, writer] {
        for (size_t i = 0; i < kEach; ++i) {
          // Takes a tick away and gives it back, each writer its own pairs.
          const size_t pair = pairs[(writer * kEach + i / 2) % pairs.size()];
          const auto result = world->engine->Change(Tick(world->agency, pair, i % 2 == 1));
          if (result.outcome != engine::ChangeResult::Outcome::kApplied) ++refused;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  if (refused > 0) state.SkipWithError("changes were refused");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(writers * kEach));
}
BENCHMARK(DurableChanges)->Arg(1)->Arg(4)->Arg(16)->UseRealTime()->Unit(benchmark::kMillisecond);

// 10^6 ticks, then 10^5 revisions that take ticks away and give them back.
World* WorldWithPast() {
  static const std::unique_ptr<World> world = [] {
    std::unique_ptr<World> made = MakeWorld(1'000'000, Sync::kOff);
    if (!made) return made;
    const std::vector<size_t> pairs = OwnPairs(made->agency);
    std::atomic<size_t> left = 0;
    constexpr size_t kRevisions = 100'000;
    for (size_t i = 0; i < kRevisions; ++i) {
      ++left;
      made->engine->SubmitChange(Tick(made->agency, pairs[i / 2 % pairs.size()], i % 2 == 1),
                                 [&](engine::ChangeResult) { --left; });
      while (left >= 1'000) std::this_thread::yield();
    }
    while (left > 0) std::this_thread::yield();
    return made;
  }();
  return world.get();
}

// Argument: percent of the revisions that lie between the question and now.
void CheckAsOf(benchmark::State& state) {
  World* world = WorldWithPast();
  if (!world) return state.SkipWithError("the agency could not be made");
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) return state.SkipWithError("no session");
  const uint64_t newest = session->revision();
  if (state.range(0) > 0) {
    const uint64_t back = newest / 100 * static_cast<uint64_t>(state.range(0));
    const engine::Status gone = session->GoTo(
        {.revision = newest - back, .instant_us = std::nullopt, .policy_version = std::nullopt});
    if (!gone.ok()) return state.SkipWithError("the past is not there");
  }
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(session->Decide(world->requests[next]));
    next = (next + 1) % kRequests;
  }
  state.counters["revisions"] = static_cast<double>(newest);
}
BENCHMARK(CheckAsOf)->Arg(0)->Arg(1)->Arg(50)->Arg(99);

}  // namespace
}  // namespace portvakt::benchmarks
