// What a Writer gathers until its commit. Nothing is written before: a look-up sees what was
// gathered first and the transaction's own pages else, so that views into those pages stay good.
// Internal to the store.
#pragma once

#include <map>
#include <optional>
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
  std::string_view old_bytes;  // as stored; good until the cells are written
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
  std::unordered_map<std::string, EntityId> entities;         // by EntityKey
  std::map<EntityId, std::string> records;                    // encoded
  std::map<uint16_t, uint64_t> counts;                        // as of now, of the types looked at
  std::map<std::string, std::optional<Validity>> validities;  // by ValidityKey
  std::map<std::pair<EntityId, uint16_t>, uint32_t> seats;
  std::vector<DirtyPolicy> policies;
  std::map<uint32_t, std::string> programs;

  uint64_t& CountOf(uint16_t type);
  bool Exists(EntityId entity);
  std::string_view RecordOf(EntityId entity) const;
  DirtyCell& Touch(EntityId subject, EntityId object);
  Validity ValidityOf(const FactKey& fact) const;
  bool changed() const { return log.size() > 0 || !names.empty() || !programs.empty(); }

  // Writes what was gathered. engine/writer_commit.cpp.
  Status Flush(const Stamp& stamp);
  Status FlushNames();
  Status FlushEntities();
  Status FlushRecords();
  Status FlushReferences(EntityId entity, std::string_view before, std::string_view after);
  Status FlushCells();
  Status FlushPairs();
  Status FlushSmallTables();
  Status FlushPolicies(int64_t instant_us);
};

}  // namespace portvakt::engine
