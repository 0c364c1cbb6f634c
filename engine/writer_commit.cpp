// Writing what a transaction gathered: sorted, each page once.
#include <algorithm>
#include <array>

#include "engine/writer_state.h"

namespace portvakt::engine {

Result<uint64_t> Writer::Commit(const Stamp& stamp) {
  State& state = *state_;
  if (!state.changed()) {
    state.transaction.Abort();
    return state.state.revision;
  }
  if (Status status = state.Flush(stamp); !status) {
    state.transaction.Abort();
    return status.error();
  }
  if (Status status = state.transaction.Commit(); !status) return status.error();
  return state.state.revision;
}

Status Writer::State::Flush(const Stamp& stamp) {
  if (Status status = FlushNames(); !status) return status;
  if (Status status = FlushEntities(); !status) return status;
  if (Status status = FlushRecords(); !status) return status;
  if (Status status = FlushPairs(); !status) return status;
  if (Status status = FlushCells(); !status) return status;
  if (Status status = FlushSmallTables(); !status) return status;
  if (Status status = FlushPolicies(stamp.instant_us); !status) return status;
  if (log.size() > 0) {
    ++state.revision;
    Status status = log.Write(transaction, state.revision, stamp, state.head);
    if (!status) return status;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(&state), sizeof state);
  return transaction.Put(Table::kMeta, kStateKey, bytes);
}

Status Writer::State::FlushNames() {
  for (const auto& [key, number] : names) {
    std::string value;
    PutNumber(value, number);
    if (Status status = transaction.Put(Table::kNames, key, value); !status) return status;
    const auto space = static_cast<Space>(key.front());
    const std::string_view name = std::string_view(key).substr(1);
    Status status = transaction.Put(Table::kNumbers, NumberKey(space, number), name);
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::FlushEntities() {
  std::vector<BucketChange> changes;
  changes.reserve(entities.size());
  for (const auto& [key, entity] : entities) {
    if (!records.contains(entity)) continue;  // numbered, never put
    const std::string_view value(reinterpret_cast<const char*>(&entity), sizeof entity);
    changes.push_back({HashBytes(key, state.seed), key, value, {}});
  }
  for (const auto& [type, count] : counts) {
    if (count == 0) continue;
    std::string value;
    PutNumber(value, count);
    if (Status status = transaction.Put(Table::kCounts, CountKey(type), value); !status) {
      return status;
    }
  }
  return ApplyToBuckets(transaction, Table::kEntities, state.seed, state.entities, changes);
}

Status Writer::State::FlushRecords() {
  for (auto begin = records.begin(); begin != records.end();) {
    const EntityId block_number = begin->first >> kBlockShift;
    const Key key = RecordBlockKey(begin->first);
    std::string old;
    std::string_view stored;
    if (transaction.Get(Table::kRecords, key, stored)) old = stored;
    std::vector<std::string_view> block;
    for (size_t i = 0; !old.empty() && i < kRecordsPerBlock; ++i) {
      block.push_back(RecordInBlock(old, i));
    }
    auto end = begin;
    for (; end != records.end() && end->first >> kBlockShift == block_number; ++end) {
      const size_t index = IndexInBlock(end->first);
      if (block.size() <= index) block.resize(index + 1);
      if (Status status = FlushReferences(end->first, block[index], end->second); !status) {
        return status;
      }
      block[index] = end->second;
    }
    while (!block.empty() && block.back().empty()) block.pop_back();
    if (Status status = transaction.Put(Table::kRecords, key, EncodeBlock(block)); !status) {
      return status;
    }
    begin = end;
  }
  return Done{};
}

Status Writer::State::FlushReferences(EntityId entity, std::string_view before,
                                      std::string_view after) {
  std::vector<RecordReference> references;
  CollectReferences(before, references);
  for (const auto& [attribute, target] : references) {
    Status status = transaction.Delete(Table::kReferences, ReferenceKey(attribute, target, entity));
    if (!status) return status;
  }
  references.clear();
  CollectReferences(after, references);
  for (const auto& [attribute, target] : references) {
    Status status =
        transaction.Put(Table::kReferences, ReferenceKey(attribute, target, entity), {});
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::FlushCells() {
  struct KeyBytes {
    char bytes[2 * sizeof(EntityId)];
  };
  std::vector<KeyBytes> keys;
  std::vector<BucketChange> changes;
  keys.reserve(cells.all().size());  // the views below point into it
  changes.reserve(cells.all().size());
  for (const DirtyCell& cell : cells.all()) {
    if (!cell.changed) continue;
    const Key key = CellKey(cell.subject, cell.object);
    std::memcpy(keys.emplace_back().bytes, key.view().data(), sizeof(KeyBytes));
    const std::string_view view(keys.back().bytes, sizeof(KeyBytes));
    changes.push_back({cell.hash, view, cell.bytes(), cell.old_bytes});
  }
  return ApplyToBuckets(transaction, Table::kCells, state.seed, state.cells, changes);
}

Status Writer::State::FlushPairs() {
  struct Pair {
    Direction direction;
    EntityId entity;
    EntityId other;
    bool remove;
    auto operator<=>(const Pair&) const = default;
  };
  std::vector<Pair> pairs;
  for (const DirtyCell& cell : cells.all()) {
    const bool was = !cell.old_bytes.empty();
    const bool is = !cell.rows.empty();
    if (cell.object == kNoEntity || was == is) continue;
    pairs.push_back({Direction::kObjectsOf, cell.subject, cell.object, was});
    pairs.push_back({Direction::kSubjectsOf, cell.object, cell.subject, was});
  }
  std::sort(pairs.begin(), pairs.end());
  for (const Pair& pair : pairs) {
    const Key key = PairKey(pair.direction, pair.entity, pair.other);
    Status status = pair.remove ? transaction.Delete(Table::kPairs, key)
                                : transaction.Put(Table::kPairs, key, {});
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::FlushSmallTables() {
  for (const auto& [key, validity] : validities) {
    std::string value;
    if (validity) PutNumber(value, *validity);
    Status status = validity ? transaction.Put(Table::kValidity, key, value)
                             : transaction.Delete(Table::kValidity, key);
    if (!status) return status;
  }
  for (const auto& [key, count] : seats) {
    std::string value;
    PutNumber(value, count);
    Status status = transaction.Put(Table::kSeats, SeatsKey(key.first, key.second), value);
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::FlushPolicies(int64_t instant_us) {
  for (DirtyPolicy& policy : policies) {
    policy.info.installed_us = instant_us;
    if (Status status = WritePolicy(transaction, policy.info, policy.sources); !status) {
      return status;
    }
  }
  for (const auto& [version, program] : programs) {
    if (Status status = WriteProgram(transaction, version, program); !status) return status;
  }
  return Done{};
}

}  // namespace portvakt::engine
