// The records of a decision program that speak of changes: rules about them, limits, and what a
// change can touch of those. engine/program.h says how they lie together.
#pragma once

#include <cstdint>

#include "engine/program_records.h"

namespace portvakt::engine {

// A rule about a change. Its head's variables get their values from the change.
struct ChangeRuleRecord {
  RuleRecord rule;
  uint32_t operation = 0;  // dsl::ChangeRule::Operation
  uint32_t target = 0;     // dsl::ChangeTarget::Kind
  uint32_t number = 0;     // kFact: the relation; kAttribute: the attribute
  uint32_t actor = 0;      // variables
  uint32_t subject = 0;
  uint32_t object = kNoIndex;
  uint32_t symbol = kNoIndex;
  uint32_t program = kNoIndex;
  uint32_t target_place = 0;  // `user granted permission in tenant`
  // Of a permit: candidates for its actor when all else is given, as those of subject and object.
  uint32_t actor_source = kNoIndex;
};

// How a limit's variable follows from an end of a change: it is that end, or leads to it by the
// attributes of the path.
struct TriggerEndRecord {
  enum class End : uint32_t { kSubject, kObject, kSymbol, kProgram };
  End end = End::kSubject;
  uint32_t variable = 0;
  Range path;  // attributes, the variable's own first
};
// Something that a limit reads, and which of its bindings a change of that can touch.
struct TriggerRecord {
  uint32_t target = 0;          // dsl::ChangeTarget::Kind; kAnyTarget: every change
  uint32_t number = 0;          // as in ChangeRuleRecord
  uint32_t symbol = kNoIndex;   // kNoIndex: any
  uint32_t program = kNoIndex;  // kRole: kNoIndex: any, or none
  uint32_t placed = 0;          // kRole, kHolds: about two entities
  uint32_t after = 0;       // the bindings are sought in the state after the change, else before
  uint32_t counts_one = 0;  // the counted entity follows too: the count changes by it alone
  uint32_t unused = 0;
  Range ends;      // section trigger_ends
  Range searches;  // pairs of an entity variable and a source, in order; symbols are enumerated
};
inline constexpr uint32_t kAnyTarget = 6;

struct LimitRecord {
  Range name;
  Range title;      // section pieces
  Range variables;  // those of `for every`, then the counted one
  uint32_t for_every_count = 0;
  uint32_t count = 0;         // dsl::Limit::Count
  uint32_t bound = kNoIndex;  // term
  uint32_t condition = 0;
  uint32_t count_source = kNoIndex;  // candidates for the counted one
  uint32_t place = 0;
  Range searches;  // as in TriggerRecord: every binding that may be broken
  Range triggers;  // section triggers
};

// The change rules of one target, whoever changes it. kRole: `symbol` is the role, with or without
// a program.
struct ChangeDispatchSlot {
  uint32_t target = 0;  // dsl::ChangeTarget::Kind
  uint32_t number = 0;  // as in ChangeRuleRecord
  uint32_t symbol = kNoIndex;
  uint32_t subject_type = 0;
  uint32_t object_type = kNoIndex;
  uint32_t dispatch = kNoIndex;  // its lists are of change rules; kNoIndex: a free slot
};

}  // namespace portvakt::engine
