// Reading what is and what ended together. The rule is in engine/past.h.
#include "engine/past_view.h"

#include <algorithm>

#include "engine/past.h"
#include "engine/records.h"
#include "engine/snapshot_state.h"

namespace portvakt::engine {

struct PastView::State {
  State(const Snapshot& snapshot, uint64_t at) : present(snapshot), revision(at) {}

  std::string_view StoredRecord(EntityId entity) {
    Key key;
    key.Add(entity);
    return ValueAsOf(records, key, revision, ReadStoredRecord(tables.transaction, entity));
  }

  // Appends the numbers that end the keys with `prefix`, from `from` on and of `type` if any, of
  // what is there now and of what was removed after the revision.
  void Merge(StoreTable now, Cursor& past, const Key& from, size_t prefix_bytes,
             std::optional<uint16_t> type, std::vector<EntityId>& out) const {
    const std::string_view prefix = from.view().substr(0, prefix_bytes);
    const size_t first = out.size();
    const auto walk = [&](Cursor& cursor, bool ended) {
      for (bool more = cursor.Seek(from); more && cursor.key().starts_with(prefix);
           more = cursor.Next()) {
        const auto other = GetBig<EntityId>(cursor.key(), prefix_bytes);
        if (type && TypeOf(other) != *type) break;
        if (!ended || GetNumber<uint64_t>(cursor.value()) > revision) out.push_back(other);
      }
    };
    Cursor present_rows(tables.transaction, now);
    walk(present_rows, false);
    const size_t middle = out.size();
    walk(past, true);
    const auto at = [&](size_t index) { return out.begin() + static_cast<std::ptrdiff_t>(index); };
    std::inplace_merge(at(first), at(middle), out.end());
    out.erase(std::unique(at(first), out.end()), out.end());
  }

  const Snapshot& present;
  uint64_t revision;
  SnapshotTables tables{present};
  Cursor cells{tables.transaction, StoreTable::kPastCells};
  Cursor records{tables.transaction, StoreTable::kPastRecords};
  Cursor validities{tables.transaction, StoreTable::kPastValidity};
  Cursor seats{tables.transaction, StoreTable::kPastSeats};
  Cursor pairs{tables.transaction, StoreTable::kPastPairs};
  Cursor references{tables.transaction, StoreTable::kPastReferences};
  Cursor ids{tables.transaction, StoreTable::kPastIds};
};

PastView::PastView(const Snapshot& present, uint64_t revision)
    : state_(std::make_unique<State>(present, revision)) {}
PastView::~PastView() = default;

uint32_t PastView::active_policy() const {
  Key key;
  key.Add(state_->revision + 1);
  Cursor cursor(state_->tables.transaction, StoreTable::kPastPolicies);
  return cursor.Seek(key) ? GetNumber<uint32_t>(cursor.value())
                          : state_->tables.state.active_policy;
}

uint64_t PastView::revision() const { return state_->revision; }

std::optional<uint32_t> PastView::FindNumber(Space space, std::string_view name) const {
  return state_->present.FindNumber(space, name);
}
std::string_view PastView::NameOf(Space space, uint32_t number) const {
  return state_->present.NameOf(space, number);
}

std::optional<EntityId> PastView::FindEntity(uint16_t type, std::string_view id) const {
  if (id.size() > kMaxIdBytes) return std::nullopt;
  const auto now = state_->present.FindEntity(type, id);
  if (now && !state_->StoredRecord(*now).empty()) return now;
  // The first that lost the id after the revision; it had it then if it was there already.
  const Key key = PastIdKey(type, id, state_->revision + 1);
  const std::string_view prefix = key.view().substr(0, key.view().size() - sizeof(uint64_t));
  if (!state_->ids.Seek(key) || !state_->ids.key().starts_with(prefix)) return std::nullopt;
  const auto then = GetNumber<EntityId>(state_->ids.value());
  if (state_->StoredRecord(then).empty()) return std::nullopt;
  return then;
}

Record PastView::FindRecord(EntityId entity) const {
  return Record(WithoutSince(state_->StoredRecord(entity)));
}

Cell PastView::FindCell(EntityId subject, EntityId object) const {
  const SnapshotTables& tables = state_->tables;
  const std::string_view now = ReadStoredCell(tables.transaction, tables.state, subject, object);
  const Key key = CellKey(subject, object);
  return Cell(WithoutSince(ValueAsOf(state_->cells, key, state_->revision, now)));
}

Validity PastView::FindValidity(const FactKey& fact) const {
  const Key key = ValidityKey(fact);
  std::string_view now;
  state_->tables.transaction.Get(StoreTable::kValidity, key, now);
  return ValidityIn(ValueAsOf(state_->validities, key, state_->revision, now));
}

uint32_t PastView::FindSeats(EntityId tenant, uint16_t licence) const {
  const Key key = SeatsKey(tenant, licence);
  std::string_view now;
  state_->tables.transaction.Get(StoreTable::kSeats, key, now);
  return SeatsIn(ValueAsOf(state_->seats, key, state_->revision, now));
}

void PastView::Neighbours(Direction direction, EntityId entity, uint16_t type,
                          std::vector<EntityId>& out) const {
  const Key from = PairKey(direction, entity, MakeEntity(type, 0));
  state_->Merge(StoreTable::kPairs, state_->pairs, from, 1 + sizeof(EntityId), type, out);
}

void PastView::Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const {
  const Key from = ReferenceKey(attribute, target, 0);
  state_->Merge(StoreTable::kReferences, state_->references, from,
                sizeof(uint16_t) + sizeof(EntityId), std::nullopt, out);
}

void PastView::Entities(uint16_t type, std::vector<EntityId>& out) const {
  const size_t first = out.size();
  Cursor blocks(state_->tables.transaction, StoreTable::kRecords);
  for (bool more = blocks.Seek(RecordBlockKey(MakeEntity(type, 0))); more; more = blocks.Next()) {
    const EntityId base = GetBig<uint64_t>(blocks.key(), 0) << kBlockShift;
    if (TypeOf(base) != type) break;
    for (size_t i = 0; i < kRecordsPerBlock; ++i) {
      const std::string_view record = RecordInBlock(blocks.value(), i);
      if (!record.empty() && SinceOf(record) <= state_->revision) out.push_back(base + i);
    }
  }
  const size_t middle = out.size();
  // Of each entity whose record ended some day, the first end after the revision decides.
  Cursor& past = state_->records;
  for (EntityId entity = MakeEntity(type, 0); TypeOf(entity) == type;) {
    Key from;
    if (!past.Seek(from.Add(entity).Add(state_->revision + 1))) break;
    const auto found = GetBig<EntityId>(past.key(), 0);
    if (found != entity) {
      entity = found;
      // A row of another entity may be one that ended too early: look at its own.
      if (GetBig<uint64_t>(past.key(), sizeof(EntityId)) <= state_->revision) continue;
      if (TypeOf(found) != type) break;
    }
    if (SinceOf(past.value()) <= state_->revision) out.push_back(entity);
    ++entity;
  }
  const auto at = [&](size_t index) { return out.begin() + static_cast<std::ptrdiff_t>(index); };
  std::inplace_merge(at(first), at(middle), out.end());
}

uint64_t PastView::NextIndex(uint16_t type) const { return state_->present.NextIndex(type); }

uint64_t RevisionAt(const Snapshot& snapshot, int64_t instant_us) {
  uint64_t low = 0;
  for (uint64_t high = snapshot.revision(); low < high;) {
    const uint64_t middle = low + (high - low + 1) / 2;
    const auto info = snapshot.FindRevision(middle);
    if (info && info->instant_us <= instant_us) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace portvakt::engine
