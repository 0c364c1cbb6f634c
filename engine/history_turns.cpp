// Turns of values, read from the present tables and those of the past.
#include "engine/history_turns.h"

#include "engine/past.h"

namespace portvakt::engine {

void AddTurns(const Transaction& transaction, StoreTable past, std::string_view key,
              std::string_view present, std::vector<uint64_t>& out) {
  if (!present.empty()) out.push_back(SinceOf(present));
  Cursor cursor(transaction, past);
  for (bool more = cursor.Seek(key); more && cursor.key().starts_with(key); more = cursor.Next()) {
    out.push_back(SinceOf(cursor.value()));
    out.push_back(GetBig<uint64_t>(cursor.key(), cursor.key().size() - sizeof(uint64_t)));
  }
}

void AddCellTurns(const SnapshotTables& tables, EntityId subject, EntityId object,
                  std::vector<uint64_t>& out) {
  AddTurns(tables.transaction, StoreTable::kPastCells, CellKey(subject, object),
           ReadStoredCell(tables.transaction, tables.state, subject, object), out);
}

void AddEntityTurns(const SnapshotTables& tables, EntityId entity, std::vector<uint64_t>& out) {
  Key record;
  AddTurns(tables.transaction, StoreTable::kPastRecords, record.Add(entity),
           ReadStoredRecord(tables.transaction, entity), out);
  AddTurns(tables.transaction, StoreTable::kPastSeats, record, {}, out);
  Cursor seats(tables.transaction, StoreTable::kSeats);
  for (bool more = seats.Seek(record); more && seats.key().starts_with(record.view());
       more = seats.Next()) {
    out.push_back(SinceOf(seats.value()));
  }
  AddCellTurns(tables, entity, kNoEntity, out);
  for (const Direction direction : {Direction::kObjectsOf, Direction::kSubjectsOf}) {
    const Key from = PairKey(direction, entity, 0);
    const std::string_view prefix = from.view().substr(0, 1 + sizeof(EntityId));
    for (const StoreTable table : {StoreTable::kPairs, StoreTable::kPastPairs}) {
      Cursor pairs(tables.transaction, table);
      for (bool more = pairs.Seek(from); more && pairs.key().starts_with(prefix);
           more = pairs.Next()) {
        const auto other = GetBig<EntityId>(pairs.key(), prefix.size());
        const bool subject = direction == Direction::kObjectsOf;
        AddCellTurns(tables, subject ? entity : other, subject ? other : entity, out);
      }
    }
  }
}

}  // namespace portvakt::engine
