// Fetching ahead: a check names a handful of places in a large map, and each look-up is a chain of
// misses of the processor's caches. Chains that do not lean on each other are walked side by side.
#include <array>

#include "engine/buckets.h"
#include "engine/records.h"
#include "engine/snapshot_state.h"
#include "engine/store.h"

namespace portvakt::engine {

void Snapshot::ExpectEntities(const TypedId& one, const TypedId& other) const {
  const StoreState& state = state_->state;
  std::array<BucketHint, 2> hints;
  size_t count = 0;
  for (const TypedId* each : {&one, &other}) {
    if (each->id.size() > kMaxIdBytes) continue;
    const uint64_t hash = HashBytes(EntityKey(each->type, each->id), state.seed);
    hints[count++] = {StoreTable::kEntities, BucketOf(hash, state.entities.buckets), hash};
  }
  Prefetch(state_->transaction, std::span(hints).first(count));
}

void Snapshot::ExpectPair(EntityId subject, EntityId object) const {
  const Transaction& transaction = state_->transaction;
  const StoreState& state = state_->state;
  std::array<BucketHint, 2> hints;
  for (size_t i = 0; i < hints.size(); ++i) {
    const uint64_t hash = HashBytes(CellKey(subject, i == 0 ? object : kNoEntity), state.seed);
    hints[i] = {StoreTable::kCells, BucketOf(hash, state.cells.buckets), hash};
  }
  for (EntityId entity : {subject, object}) {
    transaction.PrefetchPlace(StoreTable::kRecords, RecordBlockNumber(entity));
  }
  Prefetch(transaction, hints);
  for (EntityId entity : {subject, object}) {
    std::string_view block;
    if (transaction.GetNumbered(StoreTable::kRecords, RecordBlockNumber(entity),
                                RecordBlockKey(entity), block)) {
      PrefetchRecord(block, IndexInBlock(entity));
    }
  }
}

}  // namespace portvakt::engine
