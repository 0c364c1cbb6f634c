// What lies in the tables besides what the history told of: nothing, or somebody put it there.
#include <bit>

#include "engine/audit_fold.h"
#include "engine/past.h"
#include "engine/records.h"

namespace portvakt::engine {

void AuditFold::Count(StoreTable table, uint64_t expected, const char* what) {
  const uint64_t found = tables_.transaction.Count(table);
  Expect(found == expected, "there are " + std::to_string(found) + " " + what +
                                ", the history tells of " + std::to_string(expected));
}

void AuditFold::CompareTables() {
  revision_ = tables_.state.revision;
  CompareCells();
  CompareRecords();
  CompareNames();
  Expect(active_policy_ == tables_.state.active_policy && policies_ == tables_.state.policies,
         "the active policy is not the one that was activated last");
  for (const uint32_t version : missing_policies_) {
    Fault("policy version " + std::to_string(version) + " is missing");
  }
  Count(StoreTable::kPolicies, policies_ - dropped_policies_, "policies");
  Count(StoreTable::kValidity, validities_.present_values, "facts with a validity");
  Count(StoreTable::kSeats, seats_.present_values, "pools of seats");
  Count(StoreTable::kPastCells, cells_.past_values, "past states of facts");
  Count(StoreTable::kPastRecords, records_.past_values, "past states of entities");
  Count(StoreTable::kPastValidity, validities_.past_values, "past validities");
  Count(StoreTable::kPastSeats, seats_.past_values, "past seats");
  Count(StoreTable::kPastPairs, past_pairs_, "pairs that were removed");
  Count(StoreTable::kPastReferences, past_references_, "references that were removed");
  Count(StoreTable::kPastIds, past_ids_, "entities that were removed");
  Count(StoreTable::kPastPolicies, past_policies_, "activations of policies");
  Count(StoreTable::kActors, revisions_, "revisions listed under actors");
  Count(StoreTable::kIdempotency, idempotency_keys_, "idempotency keys");
}

void AuditFold::CompareCells() {
  uint64_t cells = 0;
  uint64_t pairs = 0;
  std::string_view none;
  Cursor buckets(tables_.transaction, StoreTable::kCells);
  for (bool more = buckets.Seek({}); more; more = buckets.Next()) {
    const BucketView bucket(buckets.value());
    for (uint32_t i = 0; i < bucket.size(); ++i) {
      ++cells;
      const Cell cell(WithoutSince(bucket.ValueAt(i)));
      for (size_t row = 0; row < cell.size(); ++row) {
        report_.facts += static_cast<uint64_t>(std::popcount(cell.at(row).bits));
      }
      const auto subject = GetBig<EntityId>(bucket.KeyAt(i), 0);
      const auto object = GetBig<EntityId>(bucket.KeyAt(i), sizeof(EntityId));
      if (object == kNoEntity) continue;
      pairs += 2;
      Expect(tables_.transaction.Get(StoreTable::kPairs,
                                     PairKey(Direction::kObjectsOf, subject, object), none) &&
                 tables_.transaction.Get(StoreTable::kPairs,
                                         PairKey(Direction::kSubjectsOf, object, subject), none),
             "facts about two entities are missing from their list of pairs");
    }
  }
  Expect(cells == cells_.present_values && cells == tables_.state.cells.entries,
         "there are facts about " + std::to_string(cells) + " entities and pairs, the history " +
             "tells of " + std::to_string(cells_.present_values));
  Count(StoreTable::kPairs, pairs, "rows of pairs");
}

void AuditFold::CompareRecords() {
  uint64_t records = 0;
  uint64_t references = 0;
  std::string_view none;
  std::vector<RecordReference> refers;
  Cursor blocks(tables_.transaction, StoreTable::kRecords);
  for (bool more = blocks.Seek({}); more; more = blocks.Next()) {
    const EntityId first = GetBig<uint64_t>(blocks.key(), 0) << kBlockShift;
    for (size_t i = 0; i < kRecordsPerBlock; ++i) {
      const std::string_view record = WithoutSince(RecordInBlock(blocks.value(), i));
      if (record.empty()) continue;
      ++records;
      const EntityId entity = first + i;
      const auto named =
          ReadEntity(tables_.transaction, tables_.state, TypeOf(entity), Record(record).id());
      Expect(named == entity, "an id leads to another entity than its own");
      Expect(first + i < MakeEntity(TypeOf(entity), snapshot_.NextIndex(TypeOf(entity))),
             "an entity has a number that was not given yet");
      refers.clear();
      CollectReferences(record, refers);
      references += refers.size();
      for (const auto& [attribute, target] : refers) {
        Expect(tables_.transaction.Get(StoreTable::kReferences,
                                       ReferenceKey(attribute, target, entity), none),
               "a reference is missing from its list");
      }
    }
  }
  Expect(records == records_.present_values, "there are " + std::to_string(records) +
                                                 " entities, the history tells of " +
                                                 std::to_string(records_.present_values));
  Count(StoreTable::kReferences, references, "references");
  uint64_t ids = 0;
  Cursor buckets(tables_.transaction, StoreTable::kEntities);
  for (bool more = buckets.Seek({}); more; more = buckets.Next()) {
    ids += BucketView(buckets.value()).size();
  }
  Expect(ids == records,
         "there are " + std::to_string(ids) + " ids of " + std::to_string(records) + " entities");
}

// Names have no revision; they must lead to their numbers and back.
void AuditFold::CompareNames() {
  uint64_t given = 0;
  for (const uint32_t numbers : tables_.state.numbers) given += numbers;
  Count(StoreTable::kNames, given, "names");
  Count(StoreTable::kNumbers, given, "numbers of names");
  Cursor numbers(tables_.transaction, StoreTable::kNumbers);
  for (bool more = numbers.Seek({}); more; more = numbers.Next()) {
    const auto space = static_cast<Space>(numbers.key().front());
    Expect(ReadNumber(tables_.transaction, space, numbers.value()) ==
               GetBig<uint32_t>(numbers.key(), 1),
           "a name leads to another number than its own");
  }
}

}  // namespace portvakt::engine
