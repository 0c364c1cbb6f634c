// Who can make a step, in the state that the steps before it leave.
#include <algorithm>

#include "dsl/module.h"
#include "engine/missing_plan.h"

namespace portvakt::engine::missing {
namespace {

using Operation = dsl::ChangeRule::Operation;
using Target = ProposedChange::Target;

// The permits about a change, whoever makes it.
std::vector<uint32_t> PermitsOf(const Program& program, const ProposedChange& change) {
  ChangeDispatchSlot key;
  key.target = static_cast<uint32_t>(change.target);
  if (change.target == Target::kFact) key.number = change.relation;
  key.symbol = change.symbol;
  key.subject_type = TypeOf(change.subject);
  if (change.object != kNoEntity) key.object_type = TypeOf(change.object);
  std::vector<uint32_t> permits;
  const DispatchRecord* dispatch = program.FindChangeDispatch(key);
  if (dispatch == nullptr) return permits;
  const Operation wanted = change.adds ? Operation::kAdd : Operation::kRemove;
  for (uint32_t rule : program.List(dispatch->permits)) {
    const auto covered = static_cast<Operation>(program.change_rules[rule].operation);
    if (covered == wanted || covered == Operation::kChange) permits.push_back(rule);
  }
  return permits;
}

}  // namespace

Asker PlanMaker::AskerFor(EntityId actor) const {
  Asker asker;
  asker.actor = actor;
  asker.context = &request_.context;
  asker.now_us = request_.now_us;
  return asker;
}

// Everybody who could be an actor of one of the permits; those who share a fact with what the
// change is about, or with what that refers to, stand first.
void PlanMaker::Actors(const ProposedChange& change, std::vector<EntityId>& out) {
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
}

bool PlanMaker::Anybody(const ProposedChange& change) {
  std::vector<EntityId> actors;
  Actors(change, actors);
  return std::any_of(actors.begin(), actors.end(), [&](EntityId actor) {
    return judge_.Verdict(overlay_, AskerFor(actor), change) != Tri::kFalse;
  });
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
  std::vector<EntityId> actors;
  Actors(change, actors);
  for (EntityId actor : actors) {
    if (judge_.Verdict(overlay_, AskerFor(actor), change) == Tri::kFalse) continue;
    step.more_who = step.who.size() >= query_.max_who;
    if (step.more_who) break;
    step.who.push_back(name(actor));
  }
  step.operator_only = step.who.empty() && !step.more_who;
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
