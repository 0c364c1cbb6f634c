// Changes that obey the policy: what is asked for, and what came of it. Plain values, which
// Engine::Change takes and gives.
//
// A request is a list of changes. Each is judged by the policy's rules about changes and by its
// limits, in the state that those before it leave; all are made, in one revision, or none is. It is
// durable when the result says kApplied. A request without an actor is the operator's: no rule is
// asked, but limits hold for him too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/decision.h"
#include "engine/store.h"

namespace portvakt::engine {

// Changes in one request. A new consultant of the largest agency takes about 5,000.
inline constexpr size_t kMaxChanges = 10'000;
// Bytes of an idempotency key, of a reason, of a ticket.
inline constexpr size_t kMaxIdempotencyKeyBytes = 128;
inline constexpr size_t kMaxReasonBytes = 2'000;
inline constexpr size_t kMaxTicketBytes = 200;

// A fact by its names: `david granted lon.las in alfa`, `anna is system_administrator on norr`,
// `eva is program_administrator for lon on norr`, `david holds kh from norr`.
struct FactName {
  EntityName subject;
  std::string relation;              // a fact's verb; "is" for a role; "holds" for a licence
  std::string symbol;                // permission, role or licence; "" when the fact has none
  std::string program;               // of a role that is held for a program
  std::optional<EntityName> object;  // absent: a fact about one entity

  friend bool operator==(const FactName&, const FactName&) = default;
};

struct ChangeItem {
  enum class Kind : uint8_t {
    kAdd,     // fact, validity
    kRemove,  // fact
    kSeats,   // entity (the pool), licence, seats: owned from now on
    kCreate,  // entity, attributes: all required ones
    kDelete,  // entity, with all its facts
    kSet,     // entity, attributes: those that change; a null takes an optional one away
  };
  Kind kind = Kind::kAdd;
  FactName fact;
  Validity validity;
  EntityName entity;
  std::string licence;
  uint32_t seats = 0;
  InputValues attributes;
};

struct ChangeRequest {
  std::optional<EntityName> actor;   // absent: the operator
  std::optional<EntityName> second;  // who confirms, where a rule wants two
  std::vector<ChangeItem> changes;
  InputValues context;
  // A repeat by the same actor with the same key returns the first result, and changes nothing. The
  // same key with another request is refused.
  std::string idempotency_key;
  std::optional<uint64_t> expected_revision;  // kConflict when the store has moved on
  std::string reason;
  std::string ticket;
  bool dry_run = false;  // judged, not made
};

// A limit that is not kept, or would not be.
struct LimitReport {
  std::string limit;  // its name, which is also the reason code
  std::string text;   // its sentence
  std::string place;  // file:line:column
  // What `for every` bound: "tenant", "norr".
  std::vector<std::pair<std::string, std::string>> binding;
  bool counted = false;                 // else a condition that must hold
  bool at_least = false;                // of a counted one; else at most
  int64_t count = 0;                    // as it is, or would be
  int64_t bound = 0;                    // what the limit asks for
  std::vector<EntityName> conflicting;  // those who are counted, at most kMaxConflicting
  bool all_conflicting = true;          // none was left out
  std::string remedy;                   // what would solve it, a sentence
};
inline constexpr size_t kMaxConflicting = 50;

// What came of one change of the list. Shaped as a decision's reasons.
struct ChangeVerdict {
  enum class Outcome : uint8_t {
    kDone,     // made, or would be in a dry run
    kAlready,  // allowed, and already so
    kRefused,
    kInvalid,  // names something that is not there; reasons say what
  };
  Outcome outcome = Outcome::kDone;
  // Codes of the policy's rules and limits, and of the engine: unknown_entity, unknown_type,
  // unknown_name, wrong_shape, wrong_value, no_rule (only the operator may), missing_context,
  // already_exists, still_referred, bad_validity, budget.
  std::vector<ReasonText> reasons;
  std::vector<std::string> decided_by;  // rules: permits that hold, or forbids that apply
  std::vector<ReasonText> obligations;  // notes that apply
  std::vector<RuleReport> rules;        // of a refusal
  std::vector<LimitReport> limits;      // that it would break further
  std::vector<std::string> missing_context;
};

struct ChangeResult {
  enum class Outcome : uint8_t {
    kApplied,    // durable
    kUnchanged,  // everything was already so: no revision
    kDryRun,     // would be applied
    kRefused,    // by rules or limits; verdicts say which
    kInvalid,    // cannot be understood; verdicts or error say why
    kConflict,   // another revision than the expected one; or the key was used for another request
    kFailed,     // the store said no
  };
  Outcome outcome = Outcome::kFailed;
  bool repeated = false;   // the first result of the same idempotency key
  uint64_t revision = 0;   // kApplied: the new one; else the one that it was judged at
  int64_t instant_us = 0;  // of that revision
  uint32_t policy_version = 0;
  // One a change, in their order; empty for kConflict, kFailed, and a kInvalid with an error. A
  // refused change counts as made for those after it, so that each verdict speaks of itself alone.
  std::vector<ChangeVerdict> verdicts;
  std::string error;  // kInvalid, kConflict, kFailed: a sentence

  bool ok() const {
    return outcome == Outcome::kApplied || outcome == Outcome::kUnchanged ||
           outcome == Outcome::kDryRun;
  }
};

}  // namespace portvakt::engine
