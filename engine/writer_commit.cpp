// Writing what a transaction gathered: sorted, each page once.
#include <algorithm>
#include <array>
#include <deque>

#include "engine/writer_state.h"

namespace portvakt::engine {

Status Writer::NextRevision(const Stamp& stamp) { return state_->Seal(stamp); }

Result<uint64_t> Writer::Commit(const Stamp& stamp) {
  State& state = *state_;
  if (Status status = state.Seal(stamp); !status) return status.error();
  if (!state.wrote) {
    state.transaction.Abort();
    return state.state.revision;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(&state.state), sizeof state.state);
  if (Status status = state.transaction.Put(StoreTable::kMeta, kStateKey, bytes); !status) {
    state.transaction.Abort();
    return status.error();
  }
  if (Status status = state.transaction.Commit(); !status) return status.error();
  return state.state.revision;
}

Status Writer::State::Seal(const Stamp& stamp) {
  if (failed) return *failed;
  if (!changed()) return Done{};
  wrote = true;
  Status status = Flush(stamp);
  if (!status) {
    failed = status.error();
    transaction.Abort();
  }
  Forget();
  return status;
}

Status Writer::State::Flush(const Stamp& stamp) {
  Stamp sealed = stamp;
  if (log.size() > 0) {
    if (stamp.idempotency_key.size() > kMaxIdBytes) {
      return Error{Error::Code::kInvalid,
                   "an idempotency key has at most " + std::to_string(kMaxIdBytes) + " bytes"};
    }
    if (ReadIdempotent(transaction, stamp.actor_entity, stamp.idempotency_key)) {
      return Error{Error::Code::kConflict, "this idempotency key was used before"};
    }
    ++state.revision;
    state.instant_us = std::max(state.instant_us, stamp.instant_us);
    sealed.instant_us = state.instant_us;
  }
  // First, while the old values that the cells refer to lie still.
  if (Status status = FlushPastCells(); !status) return status;
  if (Status status = FlushNames(); !status) return status;
  if (Status status = FlushEntities(); !status) return status;
  if (Status status = FlushRecords(); !status) return status;
  if (Status status = FlushPairs(); !status) return status;
  if (Status status = FlushCells(); !status) return status;
  if (Status status = FlushSmallTables(); !status) return status;
  if (Status status = FlushPolicies(sealed.instant_us); !status) return status;
  if (log.size() == 0) return Done{};
  return log.Write(transaction, state.revision, sealed, state.head);
}

void Writer::State::Forget() {
  log = {};
  cells = {};
  names.clear();
  entities.clear();
  removed.clear();
  records.clear();
  counts.clear();
  validities.clear();
  seats.clear();
  policies.clear();
  dropped_policies.clear();
  programs.clear();
  active_before.reset();
}

Status Writer::State::FlushNames() {
  for (const auto& [key, number] : names) {
    std::string value;
    PutNumber(value, number);
    if (Status status = transaction.Put(StoreTable::kNames, key, value); !status) return status;
    const auto space = static_cast<Space>(key.front());
    const std::string_view name = std::string_view(key).substr(1);
    Status status = transaction.Put(StoreTable::kNumbers, NumberKey(space, number), name);
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::FlushEntities() {
  std::vector<BucketChange> changes;
  changes.reserve(entities.size());
  for (const auto& [key, entity] : entities) {
    const auto old = removed.find(key);
    const auto bytes_of = [](const EntityId& id) {
      return std::string_view(reinterpret_cast<const char*>(&id), sizeof id);
    };
    BucketChange change{HashBytes(key, state.seed), key, {}, {}};
    if (old != removed.end()) {
      change.old_value = bytes_of(old->second);
      const auto type = GetBig<uint16_t>(key, 0);
      const Key past = PastIdKey(type, std::string_view(key).substr(sizeof type), state.revision);
      Status status = transaction.Put(StoreTable::kPastIds, past, change.old_value);
      if (!status) return status;
    }
    const auto record = records.find(entity);  // what was numbered but never put has none
    if (record != records.end() && !record->second.empty()) change.value = bytes_of(entity);
    if (!change.value.empty() || !change.old_value.empty()) changes.push_back(change);
  }
  for (const auto& [type, count] : counts) {
    if (count == 0) continue;
    std::string value;
    PutNumber(value, count);
    if (Status status = transaction.Put(StoreTable::kCounts, CountKey(type), value); !status) {
      return status;
    }
  }
  return ApplyToBuckets(transaction, StoreTable::kEntities, state.seed, state.entities, changes);
}

Status Writer::State::FlushRecords() {
  for (auto begin = records.begin(); begin != records.end();) {
    const EntityId block_number = begin->first >> kBlockShift;
    const Key key = RecordBlockKey(begin->first);
    std::string old;
    std::string_view stored;
    if (transaction.Get(StoreTable::kRecords, key, stored)) old = stored;
    std::vector<std::string_view> block;
    std::deque<std::string> stamped;
    for (size_t i = 0; !old.empty() && i < kRecordsPerBlock; ++i) {
      block.push_back(RecordInBlock(old, i));
    }
    auto end = begin;
    for (; end != records.end() && end->first >> kBlockShift == block_number; ++end) {
      const size_t index = IndexInBlock(end->first);
      if (block.size() <= index) block.resize(index + 1);
      if (Status status = FlushRecord(end->first, block[index], end->second); !status) {
        return status;
      }
      std::string& value = stamped.emplace_back();
      if (!end->second.empty()) {
        PutNumber(value, state.revision);
        value.append(end->second);
      }
      block[index] = value;
    }
    while (!block.empty() && block.back().empty()) block.pop_back();
    Status status = block.empty() ? transaction.Delete(StoreTable::kRecords, key)
                                  : transaction.Put(StoreTable::kRecords, key, EncodeBlock(block));
    if (!status) return status;
    begin = end;
  }
  return Done{};
}

// `before` is as stored, with its since.
Status Writer::State::FlushRecord(EntityId entity, std::string_view before,
                                  std::string_view after) {
  Key key;
  key.Add(entity);
  Status status = KeepPast(transaction, StoreTable::kPastRecords, key, state.revision, before);
  if (!status) return status;
  return FlushReferences(entity, WithoutSince(before), after);
}

Status Writer::State::FlushReferences(EntityId entity, std::string_view before,
                                      std::string_view after) {
  std::vector<RecordReference> old;
  std::vector<RecordReference> now;
  CollectReferences(before, old);
  CollectReferences(after, now);
  std::string removal;
  PutNumber(removal, state.revision);
  for (const auto& reference : old) {
    if (std::find(now.begin(), now.end(), reference) != now.end()) continue;
    const Key key = ReferenceKey(reference.attribute, reference.target, entity);
    if (Status status = transaction.Delete(StoreTable::kReferences, key); !status) return status;
    Status status = transaction.Put(StoreTable::kPastReferences, key, removal);
    if (!status) return status;
  }
  for (const auto& [attribute, target] : now) {
    Status status =
        transaction.Put(StoreTable::kReferences, ReferenceKey(attribute, target, entity), {});
    if (!status) return status;
  }
  return Done{};
}

// The old values of cells that change, copied before the first of them is written over.
Status Writer::State::FlushPastCells() {
  std::vector<std::pair<std::string, std::string>> ended;
  for (const DirtyCell& cell : cells.all()) {
    if (!cell.changed || cell.old_value.empty()) continue;
    ended.emplace_back(CellKey(cell.subject, cell.object).view(), cell.old_value);
  }
  std::sort(ended.begin(), ended.end());
  for (const auto& [key, value] : ended) {
    Status status = KeepPast(transaction, StoreTable::kPastCells, key, state.revision, value);
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
  std::string values;
  size_t value_bytes = 0;
  for (const DirtyCell& cell : cells.all()) value_bytes += kSinceBytes + cell.bytes().size();
  values.reserve(value_bytes);  // the views below point into both
  keys.reserve(cells.all().size());
  changes.reserve(cells.all().size());
  for (const DirtyCell& cell : cells.all()) {
    if (!cell.changed) continue;
    const size_t begin = values.size();
    if (!cell.rows.empty()) {
      PutNumber(values, state.revision);
      values.append(cell.bytes());
    }
    const Key key = CellKey(cell.subject, cell.object);
    std::memcpy(keys.emplace_back().bytes, key.view().data(), sizeof(KeyBytes));
    const std::string_view view(keys.back().bytes, sizeof(KeyBytes));
    changes.push_back({cell.hash, view, std::string_view(values).substr(begin), cell.old_value});
  }
  return ApplyToBuckets(transaction, StoreTable::kCells, state.seed, state.cells, changes);
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
    const bool was = !cell.old_value.empty();
    const bool is = !cell.rows.empty();
    if (cell.object == kNoEntity || was == is) continue;
    pairs.push_back({Direction::kObjectsOf, cell.subject, cell.object, was});
    pairs.push_back({Direction::kSubjectsOf, cell.object, cell.subject, was});
  }
  std::sort(pairs.begin(), pairs.end());
  std::string removal;
  PutNumber(removal, state.revision);
  for (const Pair& pair : pairs) {
    const Key key = PairKey(pair.direction, pair.entity, pair.other);
    if (pair.remove) {
      if (Status status = transaction.Put(StoreTable::kPastPairs, key, removal); !status)
        return status;
    }
    Status status = pair.remove ? transaction.Delete(StoreTable::kPairs, key)
                                : transaction.Put(StoreTable::kPairs, key, {});
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::Replace(StoreTable table, StoreTable past, std::string_view key,
                              std::string_view value) {
  std::string_view old;
  if (transaction.Get(table, key, old)) {
    const std::string copy(old);
    Status status = KeepPast(transaction, past, key, state.revision, copy);
    if (!status) return status;
  }
  if (value.empty()) return transaction.Delete(table, key);
  std::string stored;
  PutNumber(stored, state.revision);
  stored.append(value);
  return transaction.Put(table, key, stored);
}

Status Writer::State::FlushSmallTables() {
  for (const auto& [key, validity] : validities) {
    std::string value;
    if (validity) PutNumber(value, *validity);
    Status status = Replace(StoreTable::kValidity, StoreTable::kPastValidity, key, value);
    if (!status) return status;
  }
  for (const auto& [key, count] : seats) {
    std::string value;
    if (count != 0) PutNumber(value, count);
    const Key seats_key = SeatsKey(key.first, key.second);
    Status status = Replace(StoreTable::kSeats, StoreTable::kPastSeats, seats_key, value);
    if (!status) return status;
  }
  return Done{};
}

Status Writer::State::FlushPolicies(int64_t instant_us) {
  for (DirtyPolicy& policy : policies) {
    policy.info.installed_us = instant_us;
    policy.info.revision = state.revision;
    if (Status status = WritePolicy(transaction, policy.info, policy.sources); !status) {
      return status;
    }
  }
  if (active_before) {
    Key key;
    key.Add(state.revision);
    std::string value;
    PutNumber(value, *active_before);
    if (Status status = transaction.Put(StoreTable::kPastPolicies, key, value); !status)
      return status;
  }
  for (const uint32_t version : dropped_policies) {
    if (Status status = RemovePolicy(transaction, version); !status) return status;
  }
  for (const auto& [version, program] : programs) {
    if (Status status = WriteProgram(transaction, version, program); !status) return status;
  }
  return Done{};
}

}  // namespace portvakt::engine
