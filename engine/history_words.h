// Numbers of the history as names and sentences, and names as numbers: in the words of a policy
// where it knows them, else in the store's. Internal to the room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audit.h"
#include "engine/change.h"
#include "engine/program.h"
#include "engine/snapshot_state.h"

namespace portvakt::engine {

class HistoryWords {
 public:
  // Both live as long as this; the program may be empty.
  HistoryWords(const Program& program, const Snapshot& snapshot)
      : program_(program), snapshot_(snapshot), tables_(snapshot) {}

  // Also of one that was removed.
  EntityName NameOf(EntityId entity) const;
  FactName NameOf(const FactKey& fact) const;
  std::string Sentence(const FactName& fact) const;
  static std::string SeatsSentence(const std::string& licence, const EntityName& pool,
                                   uint32_t seats);
  PastChange Describe(const Change& change) const;
  RevisionStamp StampOf(const RevisionInfo& info) const;
  // As in FactName: "is" for every role. "" when nothing has the number.
  std::string_view RelationWord(uint16_t relation) const;

  // All entities that ever had the name, the present one too.
  std::vector<EntityId> Find(const EntityName& name) const;
  // Its relation and symbol; the entities are left open. The error says which name is unknown.
  Result<FactKey> FindKey(const FactName& fact) const;

 private:
  const FactRecord* FindFact(uint32_t relation) const;
  std::string SymbolName(Space space, uint32_t number) const;
  std::string ValueText(uint16_t attribute, const StoredValue& value) const;
  std::string ScalarText(const ValueTypeRecord* type, const StoredValue& value) const;
  PastChange::Attributes AttributesIn(std::string_view record) const;

  const Program& program_;
  const Snapshot& snapshot_;
  SnapshotTables tables_;
};

// What a number of a declared type says: `2026-05-01`, `bankid`.
std::string NumberText(const Program& program, const ValueTypeRecord& type, int64_t number);

}  // namespace portvakt::engine
