// Comparing the store with what its history adds up to, revision by revision. Each value that a
// revision touched must lie in the tables as the revision found it and as it left it; and the
// tables must hold nothing else, which is told by counting. So memory is needed for one revision's
// changes only, whatever the store holds. Internal to the room.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/audit.h"
#include "engine/cell_rows.h"
#include "engine/history.h"
#include "engine/snapshot_state.h"

namespace portvakt::engine {

class AuditFold {
 public:
  // Both outlive the fold.
  AuditFold(const Snapshot& snapshot, AuditReport& report);

  // For each revision, in order: its changes, then Close.
  void Add(uint64_t revision, const Change& change);
  void Close(const RevisionInfo& info, const Sha256& request);
  // After the last: what lies in the tables besides.
  void CompareTables();

 private:
  // Values of one table with a past.
  struct Tally {
    StoreTable past_table;
    Cursor past;
    uint64_t present_values = 0;
    uint64_t past_values = 0;
    Tally(const Transaction& transaction, StoreTable table)
        : past_table(table), past(transaction, table) {}
  };
  struct CellFold {
    std::string_view before;
    CellRows rows;
  };
  template <class T>
  struct Turn {
    std::string_view before;
    T now;
  };
  struct FactLess {
    bool operator()(const FactKey& a, const FactKey& b) const {
      return std::tie(a.subject, a.object, a.relation, a.symbol) <
             std::tie(b.subject, b.object, b.relation, b.symbol);
    }
  };

  void Fault(const std::string& what);
  void Expect(bool good, const std::string& what) {
    if (!good) Fault(what);
  }
  std::string_view EndedAt(StoreTable past, std::string_view key) const;
  void AddFactChange(const Change& change);
  void AddRecordChange(const Change& change);
  void AddPolicyChange(const Change& change);
  // The value must lie there as it was left; `after` has no since.
  void Settle(Tally& tally, std::string_view key, std::string_view present, std::string_view before,
              std::string_view after, const char* what);
  void SettleRecord(EntityId entity, std::string_view before, std::string_view after);
  // A row of what was removed names this revision or a later removal.
  void SettleRemoval(StoreTable table, std::string_view key, uint64_t& count, const char* what);
  void CompareCells();
  void CompareRecords();
  void CompareNames();
  void Count(StoreTable table, uint64_t expected, const char* what);

  const Snapshot& snapshot_;
  SnapshotTables tables_;
  AuditReport& report_;
  uint64_t revision_ = 0;

  Tally cells_;
  Tally records_;
  Tally validities_;
  Tally seats_;
  uint64_t past_pairs_ = 0;
  uint64_t past_references_ = 0;
  uint64_t past_ids_ = 0;
  uint64_t past_policies_ = 0;
  uint64_t idempotency_keys_ = 0;
  uint64_t revisions_ = 0;
  uint32_t policies_ = 0;
  uint32_t active_policy_ = 0;
  uint32_t dropped_policies_ = 0;
  std::set<uint32_t> missing_policies_;  // installed, and not dropped until now

  // Of the revision that is being read.
  std::map<std::pair<EntityId, EntityId>, CellFold> touched_cells_;
  std::map<FactKey, Turn<Validity>, FactLess> touched_validities_;
  std::map<EntityId, Turn<std::string>> touched_records_;
  std::map<std::pair<EntityId, uint16_t>, Turn<uint32_t>> touched_seats_;
  std::optional<uint32_t> active_before_;
};

}  // namespace portvakt::engine
