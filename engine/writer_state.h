// What a Writer gathers until a revision is sealed. Nothing is written before: a look-up sees what
// was gathered first and the transaction's own pages else, so that views into those pages stay
// good. Internal to the store.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/cell_rows.h"
#include "engine/history.h"
#include "engine/policies.h"
#include "engine/records.h"
#include "engine/store_state.h"

namespace portvakt::engine {

// A cell as it will be.
struct DirtyCell {
  EntityId subject;
  EntityId object;
  uint64_t hash;               // of its key, as in the buckets
  std::string_view old_value;  // as stored; good until the first write
  bool changed;
  CellRows rows;

  std::string_view bytes() const { return rows.bytes(); }
};

// Finds dirty cells by their keys: an open table of indexes, half full at most.
class DirtyCells {
 public:
  // nullptr when the cell was not touched.
  DirtyCell* Find(uint64_t hash, EntityId subject, EntityId object);
  DirtyCell& Add(DirtyCell cell);
  std::vector<DirtyCell>& all() { return cells_; }

 private:
  void Grow();
  std::vector<uint32_t> slots_;  // index + 1 into cells_, 0: free
  std::vector<DirtyCell> cells_;
};

struct DirtyPolicy {
  PolicyInfo info;
  std::vector<PolicyFile> sources;
};

struct Writer::State {
  explicit State(WriteTransaction begun)
      : transaction(std::move(begun)), state(ReadState(transaction)) {}

  WriteTransaction transaction;
  StoreState state;
  ChangeLog log;

  DirtyCells cells;
  std::unordered_map<std::string, uint32_t> names;            // by NameKey
  std::unordered_map<std::string, EntityId> entities;         // by EntityKey; kNoEntity: removed
  std::unordered_map<std::string, EntityId> removed;          // stored ones, by EntityKey
  std::map<EntityId, std::string> records;                    // "": removed
  std::map<uint16_t, uint64_t> counts;                        // as of now, of the types looked at
  std::map<std::string, std::optional<Validity>> validities;  // by ValidityKey
  std::map<std::pair<EntityId, uint16_t>, uint32_t> seats;
  std::vector<DirtyPolicy> policies;
  std::map<uint32_t, std::string> programs;
  std::set<uint32_t> dropped_policies;
  std::optional<uint32_t> active_before;  // the policy that was active when the revision began
  bool wrote = false;
  std::optional<Error> failed;  // the transaction is gone

  uint64_t& CountOf(uint16_t type);
  bool Exists(EntityId entity);
  std::string_view RecordOf(EntityId entity) const;
  DirtyCell& Touch(EntityId subject, EntityId object);
  Validity ValidityOf(const FactKey& fact) const;
  bool changed() const { return log.size() > 0 || !names.empty() || !programs.empty(); }

  // Writes what was gathered as a revision, if it is one, and forgets it. After an error nothing
  // may be asked of the state any more. engine/writer_commit.cpp.
  Status Seal(const Stamp& stamp);
  Status Flush(const Stamp& stamp);
  void Forget();
  Status FlushPastCells();
  Status FlushNames();
  Status FlushEntities();
  Status FlushRecords();
  Status FlushRecord(EntityId entity, std::string_view before, std::string_view after);
  Status FlushReferences(EntityId entity, std::string_view before, std::string_view after);
  Status FlushCells();
  Status FlushPairs();
  // Puts the value with this revision as its since, or deletes the key when it is "", and keeps the
  // old one.
  Status Replace(StoreTable table, StoreTable past, std::string_view key, std::string_view value);
  Status FlushSmallTables();
  Status FlushPolicies(int64_t instant_us);
};

}  // namespace portvakt::engine
