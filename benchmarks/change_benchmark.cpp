// What does a durable governed change cost, and does one sync serve many writers? Real syncs on the
// disk of the temporary directory; policies/byra, the medium agency.
#include <benchmark/benchmark.h>

#include <atomic>
#include <thread>

#include "benchmarks/world.h"

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

}  // namespace
}  // namespace portvakt::benchmarks
