// What does a check cost as of a past moment, against the same check now? A million facts, then a
// hundred thousand revisions that each take one of them away or put it back. Warm, one thread,
// random existing pairs.
#include <benchmark/benchmark.h>

#include <bit>
#include <random>

#include "benchmarks/world.h"

namespace portvakt::benchmarks {
namespace {

using engine::EntityId;

constexpr uint64_t kTicks = 1'000'000;
constexpr int kRevisions = 100'000;
constexpr int kRevisionsPerTransaction = 1'000;

std::optional<EntityId> Find(const engine::View& view, const engine::EntityName& name) {
  const auto type = view.FindNumber(engine::Space::kType, name.type);
  if (!type) return std::nullopt;
  return view.FindEntity(static_cast<uint16_t>(*type), name.id);
}

// A fact about a random asked pair; none when it has none.
std::optional<engine::FactKey> AnyFact(const World& world, const engine::Snapshot& snapshot,
                                       std::mt19937_64& random) {
  const engine::Request& request = world.requests[random() % world.requests.size()];
  const auto subject = Find(snapshot, request.subject);
  const auto object = Find(snapshot, request.resource);
  if (!subject || !object) return std::nullopt;
  const engine::Cell cell = snapshot.FindCell(*subject, *object);
  if (cell.empty()) return std::nullopt;
  const engine::Cell::Row row = cell.at(random() % cell.size());
  const auto bit = static_cast<uint16_t>(std::countr_zero(row.bits));
  return engine::FactKey{row.relation, static_cast<uint16_t>(row.word * 64 + bit), *subject,
                         *object};
}

bool MakeHistory(World& world) {
  std::mt19937_64 random(kSeed);
  auto snapshot = world.engine->store().Read();
  if (!snapshot.ok()) return false;
  for (int made = 0; made < kRevisions;) {
    auto writer = world.engine->store().Begin();
    if (!writer.ok()) return false;
    for (int i = 0; i < kRevisionsPerTransaction; ++made, ++i) {
      const auto fact = AnyFact(world, *snapshot, random);
      if (!fact) continue;
      const auto row = writer->FindCell(fact->subject, fact->object)
                           .Find(fact->relation, static_cast<uint16_t>(fact->symbol / 64));
      const bool there = (row.bits >> (fact->symbol % 64) & 1) != 0;
      const engine::Status status =
          there ? writer->RemoveFact(*fact) : writer->AddFact(*fact, engine::Validity());
      if (!status.ok() || !writer->NextRevision({.instant_us = world.engine->now_us()}).ok()) {
        return false;
      }
    }
    if (!writer->Commit({}).ok()) return false;
  }
  return true;
}

World* WorldWithHistory() {
  static const std::unique_ptr<World> world = [] {
    auto made = MakeWorld(kTicks, Sync::kOff);
    if (made && !MakeHistory(*made)) made.reset();
    return made;
  }();
  return world.get();
}

// The share of the revisions that lie between the moment and now, in percent; 0: now.
void CheckAsOf(benchmark::State& state) {
  World* world = WorldWithHistory();
  if (!world) {
    state.SkipWithError("the agency could not be made");
    return;
  }
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) {
    state.SkipWithError("no session");
    return;
  }
  const uint64_t last = session->revision();
  const uint64_t back = kRevisions * static_cast<uint64_t>(state.range(0)) / 100;
  const engine::Moment moment{
      .revision = last - std::min(back, last), .instant_us = {}, .policy_version = {}};
  if (back > 0 && !session->GoTo(moment).ok()) {
    state.SkipWithError("no such moment");
    return;
  }
  for (const auto& request : world->requests) benchmark::DoNotOptimize(session->Decide(request));
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(session->Decide(world->requests[next]));
    next = (next + 1) % world->requests.size();
  }
}
BENCHMARK(CheckAsOf)->Arg(0)->Arg(1)->Arg(50)->Arg(99);

}  // namespace
}  // namespace portvakt::benchmarks
