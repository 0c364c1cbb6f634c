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

// Everybody who could be an actor of one of the permits; those who share a fact with what the
// change is about, or with what that refers to, stand first. Returns how many those are.
size_t PlanMaker::NearActors(const ProposedChange& change, std::vector<EntityId>& out) {
  std::vector<uint16_t> types;
  for (uint32_t index : PermitsOf(program_, change)) {
    const ChangeRuleRecord& record = program_.change_rules[index];
    const VariableRecord& actor = program_.variables[record.rule.variables.first + record.actor];
    for (uint32_t type : program_.List(actor.types)) types.push_back(static_cast<uint16_t>(type));
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  std::vector<EntityId> about;
  for (EntityId end : {change.object, change.subject}) {
    if (end == kNoEntity) continue;
    about.push_back(end);
    for (const StoredAttribute& each : overlay_.FindRecord(end).All()) {
      if (each.value.kind == StoredValue::Kind::kEntity) about.push_back(each.value.entity());
    }
  }
  for (EntityId entity : about) {
    for (uint16_t type : types) overlay_.Neighbours(Direction::kSubjectsOf, entity, type, out);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  const std::vector<EntityId> near = out;
  std::vector<EntityId> all;
  for (uint16_t type : types) overlay_.Entities(type, all);
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](EntityId entity) {
    return !std::binary_search(near.begin(), near.end(), entity);
  });
  return near.size();
}

// The cheapest steps about others than the actor that let one of the near actors make a change in
// the state that the overlay is in; none when there are none.
std::vector<uint32_t> PlanMaker::HelpFor(const ProposedChange& change) {
  std::vector<EntityId> actors;
  actors.resize(std::min(NearActors(change, actors), kMaxHelpedActors));
  uint64_t price = ~uint64_t{0};
  std::vector<Literal> best;
  for (EntityId actor : actors) {
    helper_.Begin(program_, overlay_, clock_, &request_.context, request_.now_us);
    Formula formula = Grounder(helper_, evaluator_, clock_, request_, Question(), deadline_)
                          .GroundChange(change, actor);
    Search search(formula, helper_, deadline_);
    for (size_t i = 0; i < kMaxHelps; ++i) {
      const std::optional<Solution> solution = search.Next();
      if (!solution || solution->price >= price) break;
      std::vector<Literal> literals;
      for (uint32_t literal : solution->literals) literals.push_back(formula.literals[literal]);
      const bool helps = std::all_of(literals.begin(), literals.end(), [&](const Literal& each) {
        return each.kind == Literal::Kind::kFact && each.change.adds &&
               each.change.subject != actor && !PermitsOf(program_, each.change).empty();
      });
      if (!helps) continue;
      price = solution->price;
      best = std::move(literals);
      break;
    }
  }
  std::vector<uint32_t> help;
  for (const Literal& literal : best) {
    help.push_back(formula_.FindFact(program_, literal.change, literal.key, false));
  }
  return help;
}

// Those whom the rules let make a change in the state that the overlay is in: `most` at most. Who
// can if the request brings more counts as one who can.
std::vector<EntityId> PlanMaker::Makers(const ProposedChange& change, size_t most, bool ask_all) {
  helper_.Begin(program_, overlay_, clock_, &request_.context, request_.now_us);
  const std::optional<std::vector<EntityId>> tied = TiedActors(change);
  if (tied && tied->empty()) return {};
  std::vector<EntityId> actors;
  size_t near = NearActors(change, actors);
  if (tied) {
    std::erase_if(actors, [&](EntityId actor) {
      return !std::binary_search(tied->begin(), tied->end(), actor);
    });
    near = actors.size();
  }
  Explainer explainer(helper_);
  std::vector<EntityId> makers;
  for (size_t i = 0; i < actors.size() && makers.size() < most; ++i) {
    if (i >= near + kMaxStrangers && !(ask_all && makers.empty())) break;
    const ChangeRules rules(helper_, change, actors[i], change.adds);
    if (VerdictOf(explainer, rules.asked(), nullptr) != Tri::kFalse) makers.push_back(actors[i]);
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
