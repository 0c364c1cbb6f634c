// Who changed what, when and why: readings of the history. The functions behind are members of
// Session (engine/engine.h), but for Verify, which reads the whole store.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/decision.h"
#include "engine/result.h"

namespace portvakt::engine {

// Entries of one page at most.
inline constexpr uint32_t kMaxHistoryPage = 1'000;

// One change as it was made, in names.
struct PastChange {
  enum class Kind : uint8_t {
    kAdded,      // fact, validity
    kProlonged,  // fact was there with validity_before
    kRemoved,    // fact, validity_before
    kSeats,      // entity, licence, seats and seats_before
    kCreated,    // entity, attributes
    kSet,        // entity, attributes and attributes_before
    kDeleted,    // entity, attributes_before
    kInstalled,  // policy
    kActivated,  // policy, policy_before
    kDropped,    // policy: one that never was active
  };
  // Values as text, for people.
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  Kind kind = Kind::kAdded;
  FactName fact;
  Validity validity;
  Validity validity_before;
  EntityName entity;
  std::string licence;
  uint32_t seats = 0;
  uint32_t seats_before = 0;
  Attributes attributes;
  Attributes attributes_before;
  uint32_t policy = 0;
  uint32_t policy_before = 0;
  std::string text;  // `david assigned_to alfa`
};

struct RevisionStamp {
  uint64_t revision = 0;
  int64_t instant_us = 0;
  std::optional<EntityName> actor;  // absent: the operator
  std::optional<EntityName> second;
  std::string operator_name;  // of the operator: "operator", or what he called himself
  std::string reason;
  std::string ticket;
};

struct HistoryEntry {
  RevisionStamp stamp;
  uint32_t index = 0;  // of the change in its revision
  PastChange change;
};

// Which entries; members that are absent admit all. Ordered by revision and index, oldest first
// unless `newest_first`.
struct HistoryQuery {
  std::optional<FactName> fact;      // its life
  std::optional<EntityName> entity;  // all that happened to it
  std::optional<EntityName> actor;   // all that he changed
  bool by_operator = false;          // all that operators changed
  // Only what comes after this revision in the order asked for: later ones, or with newest_first
  // earlier ones; 0: from the beginning, or from the newest.
  uint64_t after_revision = 0;
  uint32_t after_index = 0;        // skip so many changes of the revision next to it (for pages)
  std::optional<int64_t> from_us;  // instants of revisions, half open [from, until)
  std::optional<int64_t> until_us;
  bool newest_first = false;
  uint32_t limit = 100;
};

struct HistoryPage {
  std::vector<HistoryEntry> entries;
  // Where the next page begins: after_revision and after_index of the same query.
  struct Position {
    uint64_t after_revision = 0;
    uint32_t after_index = 0;
  };
  std::optional<Position> next;
  uint64_t revision = 0;  // the store's
  std::string error;      // "" when understood
};

// What `portvakt audit verify` finds.
struct AuditReport {
  struct Fault {
    uint64_t revision = 0;
    std::string what;  // a sentence: "its changes are not those that its header was sealed with"
  };
  uint64_t revisions = 0;
  uint64_t changes = 0;
  uint64_t facts = 0;         // present ones, compared with what the history adds up to
  std::string head;           // hash of the last header, hexadecimal: keep it elsewhere
  std::vector<Fault> faults;  // at most kMaxFaults
  bool ok() const { return faults.empty(); }
};
inline constexpr size_t kMaxFaults = 100;

struct AuditOptions {
  // A head that was noted earlier, with its revision: the chain must still pass through it.
  std::optional<uint64_t> anchor_revision;
  std::string anchor_head;
  // Called now and then with the revision reached.
  std::function<void(uint64_t revision, uint64_t of)> progress;
};

}  // namespace portvakt::engine
