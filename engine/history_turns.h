// When stored values turned into others: the revisions that a reading of the history has to look
// into. Internal to the room.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/lmdb_environment.h"
#include "engine/snapshot_state.h"

namespace portvakt::engine {

// Appends the revisions at which a value with a past began or ended. `present`: with its since.
void AddTurns(const Transaction& transaction, StoreTable past, std::string_view key,
              std::string_view present, std::vector<uint64_t>& out);
void AddCellTurns(const SnapshotTables& tables, EntityId subject, EntityId object,
                  std::vector<uint64_t>& out);
// Of its record, its seats, its own facts, and those that it shares or shared with others.
void AddEntityTurns(const SnapshotTables& tables, EntityId entity, std::vector<uint64_t>& out);

}  // namespace portvakt::engine
