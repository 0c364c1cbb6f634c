// One revision after the other against the tables.
#include "engine/audit_fold.h"

#include <algorithm>

#include "engine/past.h"
#include "engine/policies.h"
#include "engine/records.h"

namespace portvakt::engine {
namespace {

Key RecordKey(EntityId entity) {
  Key key;
  key.Add(entity);
  return key;
}

}  // namespace

AuditFold::AuditFold(const Snapshot& snapshot, AuditReport& report)
    : snapshot_(snapshot),
      tables_(snapshot),
      report_(report),
      cells_(tables_.transaction, StoreTable::kPastCells),
      records_(tables_.transaction, StoreTable::kPastRecords),
      validities_(tables_.transaction, StoreTable::kPastValidity),
      seats_(tables_.transaction, StoreTable::kPastSeats) {}

void AuditFold::Fault(const std::string& what) {
  if (report_.faults.size() < kMaxFaults) report_.faults.push_back({revision_, what});
}

std::string_view AuditFold::EndedAt(StoreTable past, std::string_view key) const {
  std::string_view value;
  tables_.transaction.Get(past, PastKey(key, revision_), value);
  return value;
}

// ---- what a revision says ---------------------------------------------------------------------

void AuditFold::Add(uint64_t revision, const Change& change) {
  revision_ = revision;
  switch (change.kind) {
    case Change::Kind::kAddFact:
    case Change::Kind::kRemoveFact: return AddFactChange(change);
    case Change::Kind::kPutEntity:
    case Change::Kind::kRemoveEntity: return AddRecordChange(change);
    case Change::Kind::kSetSeats: {
      const auto [at, fresh] = touched_seats_.try_emplace({change.entity, change.licence});
      Turn<uint32_t>& seats = at->second;
      if (fresh) {
        seats.before = EndedAt(StoreTable::kPastSeats, SeatsKey(change.entity, change.licence));
        seats.now = SeatsIn(seats.before);
      }
      Expect(seats.now == change.number_before, "seats were others before than it says");
      seats.now = change.number;
      return;
    }
    case Change::Kind::kInstallPolicy:
    case Change::Kind::kActivatePolicy:
    case Change::Kind::kDropPolicy: return AddPolicyChange(change);
  }
}

void AuditFold::AddFactChange(const Change& change) {
  const FactKey& fact = change.fact;
  const auto [at, fresh] = touched_cells_.try_emplace({fact.subject, fact.object});
  CellFold& cell = at->second;
  if (fresh) {
    cell.before = EndedAt(StoreTable::kPastCells, CellKey(fact.subject, fact.object));
    cell.rows = CellRows(Cell(WithoutSince(cell.before)));
  }
  const bool adds = change.kind == Change::Kind::kAddFact;
  const CellRows::Bit bit = cell.rows.Find(fact.relation, fact.symbol);
  Expect(bit.holds == (!adds || change.existed), "a fact was not there before as it says");
  if (!change.validity.always() || !change.validity_before.always()) {
    const auto [timed, first] = touched_validities_.try_emplace(fact);
    Turn<Validity>& validity = timed->second;
    if (first) {
      validity.before = EndedAt(StoreTable::kPastValidity, ValidityKey(fact));
      validity.now = ValidityIn(validity.before);
    }
    Expect(validity.now == change.validity_before, "a fact held for another time before");
    validity.now = adds ? change.validity : Validity();
  }
  if (adds) {
    cell.rows.Set(fact.relation, fact.symbol, !change.validity.always());
  } else {
    cell.rows.Clear(fact.relation, fact.symbol);
  }
}

void AuditFold::AddRecordChange(const Change& change) {
  const auto [at, fresh] = touched_records_.try_emplace(change.entity);
  Turn<std::string>& record = at->second;
  if (fresh) {
    record.before = EndedAt(StoreTable::kPastRecords, RecordKey(change.entity));
    record.now = WithoutSince(record.before);
  }
  Expect(record.now == change.record_before, "an entity was another before than it says");
  record.now = change.record;
}

void AuditFold::AddPolicyChange(const Change& change) {
  if (change.kind == Change::Kind::kActivatePolicy) {
    Expect(change.number_before == active_policy_, "another policy was active before");
    if (!active_before_) active_before_ = active_policy_;
    active_policy_ = change.number;
    return;
  }
  if (change.kind == Change::Kind::kDropPolicy) {
    ++dropped_policies_;
    Expect(missing_policies_.erase(change.number) == 1,
           "policy version " + std::to_string(change.number) + " is there, though it was dropped");
    return;
  }
  Expect(change.number == ++policies_, "policy versions do not follow each other");
  const auto info = ReadPolicy(tables_.transaction, change.number, 0);
  if (!info) {  // a later revision must have dropped it
    missing_policies_.insert(change.number);
    return;
  }
  const std::string version = "policy version " + std::to_string(change.number);
  Expect(info->digest == change.record && info->revision == revision_ &&
             DigestOf(ReadSources(tables_.transaction, change.number)) == change.record,
         version + " has other sources than were installed");
}

// ---- what it left -----------------------------------------------------------------------------

void AuditFold::Settle(Tally& tally, std::string_view key, std::string_view present,
                       std::string_view before, std::string_view after, const char* what) {
  if (!before.empty()) ++tally.past_values;
  const std::string_view left = ValueAsOf(tally.past, key, revision_, present);
  const bool good =
      after.empty() ? left.empty() : SinceOf(left) == revision_ && WithoutSince(left) == after;
  Expect(good, std::string(what) + " that it left are not there as it left them");
  if (!after.empty() && SinceOf(present) == revision_) ++tally.present_values;
}

void AuditFold::SettleRemoval(StoreTable table, std::string_view key, uint64_t& count,
                              const char* what) {
  std::string_view value;
  const bool found = tables_.transaction.Get(table, key, value) &&
                     value.size() == sizeof(uint64_t) && GetNumber<uint64_t>(value) >= revision_;
  Expect(found, std::string("the removal of ") + what + " left no trace");
  if (found && GetNumber<uint64_t>(value) == revision_) ++count;
}

void AuditFold::SettleRecord(EntityId entity, std::string_view before, std::string_view after) {
  const std::string_view present = ReadStoredRecord(tables_.transaction, entity);
  Settle(records_, RecordKey(entity), present, before, after, "entities");
  std::vector<RecordReference> old;
  std::vector<RecordReference> now;
  CollectReferences(WithoutSince(before), old);
  CollectReferences(after, now);
  for (const RecordReference& reference : old) {
    if (std::find(now.begin(), now.end(), reference) != now.end()) continue;
    const Key key = ReferenceKey(reference.attribute, reference.target, entity);
    SettleRemoval(StoreTable::kPastReferences, key, past_references_, "a reference");
  }
  if (before.empty() || !after.empty()) return;
  std::string_view id_row;
  const Key key = PastIdKey(TypeOf(entity), Record(WithoutSince(before)).id(), revision_);
  const bool found = tables_.transaction.Get(StoreTable::kPastIds, key, id_row) &&
                     id_row.size() == sizeof(EntityId) && GetNumber<EntityId>(id_row) == entity;
  Expect(found, "the removal of an entity left no trace of its id");
  ++past_ids_;
}

void AuditFold::Close(const RevisionInfo& info, const Sha256& request) {
  revision_ = info.revision;
  ++revisions_;
  for (const auto& [pair, cell] : touched_cells_) {
    const auto& [subject, object] = pair;
    Settle(cells_, CellKey(subject, object),
           ReadStoredCell(tables_.transaction, tables_.state, subject, object), cell.before,
           cell.rows.bytes(), "facts");
    if (object == kNoEntity || cell.before.empty() || !cell.rows.empty()) continue;
    for (const Key& key : {PairKey(Direction::kObjectsOf, subject, object),
                           PairKey(Direction::kSubjectsOf, object, subject)}) {
      SettleRemoval(StoreTable::kPastPairs, key, past_pairs_, "a pair");
    }
  }
  for (const auto& [fact, validity] : touched_validities_) {
    std::string after;
    if (!validity.now.always()) PutNumber(after, validity.now);
    const Key key = ValidityKey(fact);
    std::string_view present;
    tables_.transaction.Get(StoreTable::kValidity, key, present);
    Settle(validities_, key, present, validity.before, after, "validities");
  }
  for (const auto& [entity, record] : touched_records_) {
    SettleRecord(entity, record.before, record.now);
  }
  for (const auto& [pool, seats] : touched_seats_) {
    std::string after;
    if (seats.now != 0) PutNumber(after, seats.now);
    const Key key = SeatsKey(pool.first, pool.second);
    std::string_view present;
    tables_.transaction.Get(StoreTable::kSeats, key, present);
    Settle(seats_, key, present, seats.before, after, "seats");
  }
  std::string_view row;
  if (active_before_) {
    const Key key = RecordKey(revision_);
    Expect(tables_.transaction.Get(StoreTable::kPastPolicies, key, row) &&
               row.size() == sizeof(uint32_t) && GetNumber<uint32_t>(row) == *active_before_,
           "the policy that was active before is not known");
    ++past_policies_;
  }
  Expect(tables_.transaction.Get(StoreTable::kActors, ActorKey(info.actor_entity, revision_), row),
         "it is not listed under its actor");
  if (!info.idempotency_key.empty()) {
    ++idempotency_keys_;
    const auto made = ReadIdempotent(tables_.transaction, info.actor_entity, info.idempotency_key);
    Expect(made && made->revision == revision_ && made->digest == request,
           "its idempotency key is not kept as it was given");
  }
  touched_cells_.clear();
  touched_validities_.clear();
  touched_records_.clear();
  touched_seats_.clear();
  active_before_.reset();
}

}  // namespace portvakt::engine
