// From a set of steps to a plan: the set is tried out, ordered so that somebody can make each step
// when its turn comes and no limit refuses it, and told.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/evaluator.h"
#include "engine/judge.h"
#include "engine/missing.h"
#include "engine/missing_formula.h"
#include "engine/missing_ground.h"
#include "engine/missing_search.h"
#include "engine/overlay.h"

namespace portvakt::engine::missing {

// States tried while one plan is ordered: every order of five steps, some of ten.
inline constexpr size_t kMaxTriedOrders = 500;
// Steps of one plan that are helped to somebody who can make them; for each, actors whose way is
// looked for.
inline constexpr size_t kMaxHelpedSteps = 2;
inline constexpr size_t kMaxHelpedActors = 3;
// Of those who share no fact with what a step is about, so many are asked whether they can make it;
// when a plan is told, all of them where nobody else can.
inline constexpr size_t kMaxStrangers = 64;

class PlanMaker {
 public:
  using Describe = std::function<std::string(const ChangeItem&)>;
  // `request` has its instant. All live as long as this.
  PlanMaker(const Program& program, const View& view, const Reader::Clock& clock,
            const MissingQuery& query, const Request& request, Formula& formula, Describe describe,
            Deadline deadline);

  struct Made {
    uint64_t price = 0;             // with what the operator has to do
    std::vector<uint32_t> order;    // literals
    std::vector<uint32_t> nobodys;  // of these, what rules let nobody do as things stand then
  };
  // The steps of a set, with orders of seats and what else they need so that somebody can make
  // them. Nullopt when the set would not do, or limits stand in the way of every order.
  std::optional<Made> Order(const Solution& solution);
  MissingPlan Tell(const Made& made);
  // False: a set was dropped, though with further steps it could have done.
  bool complete() const { return complete_; }

 private:
  struct Try {
    bool refused = false;  // by a limit
    bool anybody = false;
  };

  bool Suffices(const std::vector<uint32_t>& literals);
  std::optional<Made> WithSeats(const std::vector<uint32_t>& literals);
  std::optional<Made> WithHelp(const Made& made);
  void CountSeats(const std::vector<uint32_t>& literals);
  std::optional<Made> Arrange(std::vector<uint32_t> literals);
  // The fewest steps that only the operator can make, from a state on; nullopt: there is no way.
  std::optional<size_t> Best(uint32_t done);
  Try TryStep(uint32_t done, size_t step);
  void Make(uint32_t literal);
  bool KeepsLimits(uint32_t literal);

  // missing_who.cpp
  std::vector<uint32_t> HelpFor(const ProposedChange& change);
  std::vector<uint16_t> ActorTypes(const ProposedChange& change) const;
  std::vector<EntityId> NearActors(const ProposedChange& change) const;
  std::pair<std::vector<EntityId>, size_t> Askable(const ProposedChange& change);
  bool MayMake(EntityId actor, const ProposedChange& change);
  bool AnybodyMakes(uint32_t literal);
  std::vector<EntityId> Makers(const ProposedChange& change, size_t most, bool ask_all);
  void TellWho(const Literal& literal, MissingStep& step);

  // missing_actors.cpp
  std::optional<std::vector<EntityId>> ActorsOfMay(const NodeRecord& node, Range types,
                                                   uint64_t* frame);
  std::optional<std::vector<EntityId>> ActorsOf(uint32_t id, uint32_t actor, Range types,
                                                uint64_t* frame);
  std::optional<std::vector<EntityId>> TiedActors(const ProposedChange& change);

  Asker AskerFor(EntityId actor) const;

  const Program& program_;
  const View& view_;
  const MissingQuery& query_;
  const Request& request_;
  Formula& formula_;
  const Describe describe_;
  const Deadline deadline_;
  Evaluator evaluator_;
  Evaluator helper_;
  Judge judge_;
  const Reader::Clock& clock_;
  bool complete_ = true;
  std::map<uint32_t, EntityId> makers_;  // by literal: the last who could make it in some state

  // Of the set that is being ordered.
  Overlay overlay_;
  std::vector<uint32_t> literals_;
  std::map<uint32_t, uint32_t> seats_;  // by literal: owned from then on
  std::map<uint32_t, std::optional<size_t>> best_;
  std::map<uint32_t, size_t> next_;               // the best step from a state
  std::set<std::pair<uint32_t, size_t>> nobody_;  // steps from a state that nobody can make
  std::vector<uint32_t> blocked_;                 // steps that a limit refused
  size_t tried_ = 0;
};

}  // namespace portvakt::engine::missing
