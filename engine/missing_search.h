// The cheapest sets of steps that make a ground formula true, one after the other.
//
// Best first over pairs of a set of steps and goals that are yet to hold. A goal that is an `and`
// becomes its parts, an `or` is committed to one of its parts, a literal is a step. Whatever set
// makes the formula true makes true some part of each goal's `or`, and so is met on the way: no
// minimal set is left out, and goals that later steps break are met again, since they stay goals.
// Every step has a price, so that a set comes after all of its parts, and one that has a smaller
// answer inside it is dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <set>
#include <utility>
#include <vector>

#include "engine/evaluator.h"
#include "engine/missing_formula.h"
#include "engine/missing_ground.h"

namespace portvakt::engine::missing {

// States looked at in one search: some tens of milliseconds with an ordinary formula.
inline constexpr size_t kMaxStates = 20'000;
// Direct steps of a transitive fact that are tried at one time. Beyond it only those that join the
// two ends at once.
inline constexpr size_t kMaxJoiningSteps = 400;

struct Solution {
  std::vector<uint32_t> literals;  // ascending
  uint64_t price = 0;
};

class Search {
 public:
  Search(Formula& formula, Evaluator& evaluator, Deadline deadline);
  // The next cheapest minimal set; nullopt when there is none, or a bound was reached.
  std::optional<Solution> Next();
  // False: a bound was reached, or something was left out of the formula.
  bool complete() const { return complete_ && formula_.complete; }

 private:
  using Steps = std::vector<uint32_t>;
  using Goals = std::vector<PartId>;
  struct State {
    uint64_t least = 0;  // what it will cost at least
    uint64_t order = 0;  // first come, first served
    uint64_t price = 0;
    Steps steps;
    Goals goals;
  };
  struct Later {
    bool operator()(const State& a, const State& b) const {
      return a.least != b.least ? a.least > b.least : a.order > b.order;
    }
  };

  // `weighed`: what these steps lack was weighed last.
  void Push(Steps steps, Goals goals, bool weighed);
  // Grounds for dropping a state: a smaller answer inside, or a step too many.
  bool Useless(const Steps& steps) const;
  bool Settle(State& state, PartId& choice);
  void Branch(const State& state, PartId choice);
  void BranchOnSeat(const State& state, const Part& part);
  void BranchOnAny(const State& state, PartId choice);
  void BranchOnPath(const State& state, const Part& part);
  void PushWith(const State& state, uint32_t literal);

  // What each part lacks at least with these steps; 0: it holds.
  void Weigh(const Steps& steps);
  uint64_t WeighLiteral(const Part& part) const;
  uint64_t WeighSeat(const Part& part, const Steps& steps) const;
  uint64_t WeighAny(const Part& part, const Steps& steps) const;
  uint64_t WeighPath(const Part& part, const Steps& steps);
  uint64_t PriceOfSteps(const Steps& steps) const;

  // missing_paths.cpp
  bool HoldsStep(const PathPart& path, EntityId subject, EntityId object, const Steps& steps);
  std::vector<EntityId> Reached(const PathPart& path, EntityId start, Direction direction,
                                const Steps& steps);
  std::vector<EntityId> Route(const PathPart& path, const Steps& steps);
  bool AdmitsStep(const FactRecord& fact, EntityId subject, EntityId object) const;
  uint32_t StepLiteral(const PathPart& path, EntityId subject, EntityId object);

  Formula& formula_;
  Evaluator& evaluator_;
  const Deadline deadline_;
  bool complete_ = true;
  uint64_t pushed_ = 0;
  std::priority_queue<State, std::vector<State>, Later> waiting_;
  std::set<std::pair<Steps, Goals>> seen_;
  std::vector<Steps> found_;
  std::vector<uint64_t> lacks_;     // by part, as of the last Weigh
  std::vector<uint8_t> stepped_;    // by literal, as of the last Weigh
  std::vector<uint32_t> supposed_;  // by input: the literal that was stepped, or kNoIndex
};

}  // namespace portvakt::engine::missing
