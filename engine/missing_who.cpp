// Who can make a step, in the state that the steps before it leave.
#include <algorithm>

#include "engine/decide_change.h"
#include "engine/missing_costs.h"
#include "engine/missing_plan.h"

namespace portvakt::engine::missing {
Asker PlanMaker::AskerFor(EntityId actor) const {
  Asker asker;
  asker.actor = actor;
  asker.context = &request_.context;
  asker.now_us = request_.now_us;
  return asker;
}

// The types of those who could be an actor of one of the permits.
std::vector<uint16_t> PlanMaker::ActorTypes(const ProposedChange& change) const {
  std::vector<uint16_t> types;
  for (uint32_t index : PermitsOf(program_, change)) {
    const ChangeRuleRecord& record = program_.change_rules[index];
    const VariableRecord& actor = program_.variables[record.rule.variables.first + record.actor];
    for (uint32_t type : program_.List(actor.types)) types.push_back(static_cast<uint16_t>(type));
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

// Those who share a fact with what the change is about, or with what that refers to. Ascending.
std::vector<EntityId> PlanMaker::NearActors(const ProposedChange& change) const {
  const std::vector<uint16_t> types = ActorTypes(change);
  std::vector<EntityId> about;
  for (EntityId end : {change.object, change.subject}) {
    if (end == kNoEntity) continue;
    about.push_back(end);
    for (const StoredAttribute& each : overlay_.FindRecord(end).All()) {
      if (each.value.kind == StoredValue::Kind::kEntity) about.push_back(each.value.entity());
    }
  }
  std::vector<EntityId> near;
  for (EntityId entity : about) {
    for (uint16_t type : types) overlay_.Neighbours(Direction::kSubjectsOf, entity, type, near);
  }
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  return near;
}

// Whom to ask, those near first: all to whom the rules are tied, else everybody. The second is how
// many at least. The helper has begun.
std::pair<std::vector<EntityId>, size_t> PlanMaker::Askable(const ProposedChange& change) {
  const std::optional<std::vector<EntityId>> tied = TiedActors(change);
  if (tied && tied->empty()) return {};
  const std::vector<EntityId> near = NearActors(change);
  std::vector<EntityId> all;
  if (tied) {
    all = *tied;
  } else {
    for (uint16_t type : ActorTypes(change)) overlay_.Entities(type, all);
  }
  std::stable_partition(all.begin(), all.end(), [&](EntityId actor) {
    return std::binary_search(near.begin(), near.end(), actor);
  });
  const size_t least = tied ? all.size() : near.size() + kMaxStrangers;
  return {std::move(all), least};
}

// The cheapest steps about others than the actor that let one of the near actors make a change in
// the state that the overlay is in; none when there are none.
std::vector<uint32_t> PlanMaker::HelpFor(const ProposedChange& change) {
  std::vector<EntityId> actors = NearActors(change);
  if (actors.size() > kMaxHelpedActors) actors.resize(kMaxHelpedActors);
  uint64_t price = ~uint64_t{0};
  std::vector<Literal> best;
  for (EntityId actor : actors) {
    helper_.Begin(program_, overlay_, clock_, &request_.context, request_.now_us);
    Formula formula = Grounder(helper_, evaluator_, clock_, request_, Question(), deadline_)
                          .GroundChange(change, actor);
    const std::optional<Solution> solution = Search(formula, helper_, deadline_).Next();
    if (!solution || solution->price >= price) continue;
    price = solution->price;
    best.clear();
    for (uint32_t literal : solution->literals) best.push_back(formula.literals[literal]);
  }
  std::vector<uint32_t> help;
  for (const Literal& literal : best) {
    help.push_back(formula_.FindFact(program_, literal.change, literal.key, false));
  }
  return help;
}

// Who can if the request brings more counts as one who can. The helper has begun.
bool PlanMaker::MayMake(EntityId actor, const ProposedChange& change) {
  Explainer explainer(helper_);
  const ChangeRules rules(helper_, change, actor, change.adds);
  return VerdictOf(explainer, rules.asked(), nullptr) != Tri::kFalse;
}

// Whoever could in another state is asked first.
bool PlanMaker::AnybodyMakes(uint32_t literal) {
  const ProposedChange change = formula_.literals[literal].change;
  if (const auto known = makers_.find(literal); known != makers_.end()) {
    helper_.Begin(program_, overlay_, clock_, &request_.context, request_.now_us);
    if (MayMake(known->second, change)) return true;
  }
  const std::vector<EntityId> makers = Makers(change, 1, false);
  if (!makers.empty()) makers_[literal] = makers.front();
  return !makers.empty();
}

// Those whom the rules let make a change in the state that the overlay is in: `most` at most.
std::vector<EntityId> PlanMaker::Makers(const ProposedChange& change, size_t most, bool ask_all) {
  helper_.Begin(program_, overlay_, clock_, &request_.context, request_.now_us);
  const auto [actors, least] = Askable(change);
  std::vector<EntityId> makers;
  for (size_t i = 0; i < actors.size() && makers.size() < most; ++i) {
    if (i >= least && !(ask_all && makers.empty())) break;
    if (MayMake(actors[i], change)) makers.push_back(actors[i]);
  }
  return makers;
}

void PlanMaker::TellWho(const Literal& literal, MissingStep& step) {
  const ProposedChange& change = literal.change;
  for (uint32_t rule : PermitsOf(program_, change)) {
    step.rules.emplace_back(program_.Text(program_.change_rules[rule].rule.name));
  }
  const auto name = [&](EntityId entity) {
    return EntityName{std::string(overlay_.NameOf(Space::kType, TypeOf(entity))),
                      std::string(overlay_.FindRecord(entity).id())};
  };
  std::vector<EntityId> makers = Makers(change, size_t{query_.max_who} + 1, true);
  step.operator_only = makers.empty();
  step.more_who = makers.size() > query_.max_who;
  if (step.more_who) makers.pop_back();
  for (EntityId maker : makers) step.who.push_back(name(maker));
  if (!query_.actor) return;
  const uint32_t type = program_.FindType(query_.actor->type);
  const std::optional<EntityId> actor =
      type == kNoIndex ? std::nullopt
                       : overlay_.FindEntity(static_cast<uint16_t>(program_.types[type].number),
                                             query_.actor->id);
  if (!actor) {
    step.actor_reasons.push_back(
        {"unknown_entity", "nothing with the id `" + query_.actor->id + "` is stored"});
    return;
  }
  ChangeVerdict verdict;
  judge_.AskRules(overlay_, AskerFor(*actor), change, verdict);
  step.actor_may = verdict.outcome == ChangeVerdict::Outcome::kDone;
  if (!step.actor_may) step.actor_reasons = std::move(verdict.reasons);
}

}  // namespace portvakt::engine::missing
