// What a limit reads: for every sentence of its condition, through definitions, the fact, role,
// licence, seats or attribute, and how the limit's own variables follow from the ends of a change
// of it. A change that no trigger names cannot change the limit's value for any binding.
//
// A variable follows from an end where the sentence's term is that variable, or a path of stored
// references from it. What stands in an inner `some`, in a transitive fact or in a decision (`may`)
// follows from nothing: the bindings are then found otherwise, and are too many rather than too
// few.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dsl/module.h"

namespace portvakt::engine {

// Triggers of one limit. Beyond it every change is one: a limit that reads so much is dear anyhow.
inline constexpr size_t kMaxTriggers = 500;

struct Trigger {
  enum class End : uint8_t { kSubject, kObject, kSymbol, kProgram };
  struct Binding {
    End end = End::kSubject;
    uint32_t variable = 0;
    std::vector<std::string> path;  // attributes, the variable's own first
    friend auto operator<=>(const Binding&, const Binding&) = default;
  };
  bool every_change = false;
  dsl::ChangeTarget::Kind target = dsl::ChangeTarget::Kind::kFact;
  dsl::FactId fact = dsl::kNone;        // kFact
  std::string attribute;                // kAttribute
  uint32_t symbol = dsl::kNone;         // kNone: any
  dsl::ProgramId program = dsl::kNone;  // kRole: kNone: any, or none
  bool placed = false;                  // kRole, kHolds: about two entities
  std::vector<Binding> bindings;
  friend auto operator<=>(const Trigger&, const Trigger&) = default;
};

std::vector<Trigger> TriggersOf(const dsl::Module& module, const dsl::Limit& limit);

}  // namespace portvakt::engine
