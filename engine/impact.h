// What another policy would change before it is activated: every decision about what is stored, by
// both policies, compared. Session::CompareDecisions (engine/engine.h) answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"

namespace portvakt::engine {

// Decisions told of one permission and effect; all are counted.
inline constexpr size_t kMaxImpactExamples = 10;
// Subjects told, those with most changed decisions first; all are counted.
inline constexpr size_t kMaxImpactHolders = 100;

struct ImpactQuery {
  uint32_t after = 0;              // a stored version, a candidate or not
  std::optional<uint32_t> before;  // the active one when absent
  InputValues context;             // what every question would bring along
  std::optional<int64_t> now_us;   // the engine's clock when absent
};

// Called before each subject. False: give up (kConflict). Of the thread that asks.
using ImpactProgress = std::function<bool(uint64_t subjects_done, uint64_t subjects)>;

struct Impact {
  // What a decision becomes. One that depends on what requests bring, before and after, is the same
  // here, though it may depend on other things.
  enum class Effect : uint8_t { kGained, kLost, kDepends };
  static constexpr size_t kEffects = 3;

  struct Example {
    EntityName subject;
    EntityName resource;
    Tri before = Tri::kFalse;
    Tri after = Tri::kFalse;
  };
  struct Tally {
    uint64_t decisions = 0;
    uint64_t subjects = 0;          // who have such decisions
    std::vector<Example> examples;  // by permission only
  };
  using Tallies = std::array<Tally, kEffects>;
  struct Permission {
    std::string name;
    bool declared_before = false;
    bool declared_after = false;
    Tallies tallies;
  };
  struct Holder {
    EntityName subject;
    std::array<uint64_t, kEffects> decisions{};
  };

  uint32_t before = 0;
  uint32_t after = 0;
  uint64_t revision = 0;
  int64_t now_us = 0;
  uint64_t subjects = 0;  // looked at
  uint64_t pairs = 0;     // of subjects and resources that either policy ties together
  // Pairs that take more steps than a search may: they are not compared.
  uint64_t undecided = 0;
  Tallies totals;
  std::vector<Permission> permissions;  // those with changes, by name
  std::vector<Holder> holders;
};

}  // namespace portvakt::engine
