#include "tests/agreement/missing_sets.h"

#include <algorithm>
#include <sstream>

namespace portvakt::agreement {
namespace {

std::string KeyOf(const engine::FactName& fact) {
  return fact.subject.type + ":" + fact.subject.id + " " + fact.relation + " " + fact.symbol + " " +
         fact.program + " " + (fact.object ? fact.object->type + ":" + fact.object->id : "");
}

}  // namespace

std::string NameOf(const dsl::Module& module, const World& world, size_t entity) {
  return module.types[world.entities[entity].type].name + ":" + world.entities[entity].id;
}

std::string KeyOf(const dsl::Module& module, const World& world, const StoredFact& row) {
  std::string symbol;
  std::string verb;
  std::string program;
  switch (row.kind) {
    case StoredFact::Kind::kFact: {
      const dsl::Fact& fact = module.facts[row.which];
      verb = fact.shape.verb;
      if (fact.symbol_slot == dsl::kNone) break;
      const bool permission =
          fact.shape.slots[fact.symbol_slot].symbol_kind == dsl::SymbolKind::kPermission;
      symbol = permission ? module.permissions[row.symbol].name : module.programs[row.symbol].name;
      break;
    }
    case StoredFact::Kind::kRole:
      verb = "is";
      symbol = module.roles[row.which].name;
      if (row.symbol != dsl::kNone) program = module.programs[row.symbol].name;
      break;
    case StoredFact::Kind::kHolds:
      verb = "holds";
      symbol = module.licences[row.which].name;
      break;
  }
  return NameOf(module, world, row.subject) + " " + verb + " " + symbol + " " + program + " " +
         (row.object ? NameOf(module, world, *row.object) : "");
}

std::string KeyOf(const engine::MissingStep& step) {
  if (step.kind == engine::MissingStep::Kind::kContext) return "context " + step.context;
  if (step.kind == engine::MissingStep::Kind::kOrderSeat) {
    return "seats " + step.change.entity.type + ":" + step.change.entity.id + " " +
           step.change.licence;
  }
  return KeyOf(step.change.fact);
}

bool OfRequest(const engine::MissingPlan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const engine::MissingStep& step) {
    return step.kind == engine::MissingStep::Kind::kContext;
  });
}

std::string Told(const std::set<Facts>& sets) {
  std::string text;
  for (const Facts& facts : sets) {
    text += "  {";
    for (const std::string& fact : facts) text += " " + fact + ",";
    text += " }\n";
  }
  return text;
}

engine::MissingAnswer AskMissing(engine::Session& session, const engine::Request& request) {
  engine::MissingQuery query;
  query.request = request;
  query.max_plans = 10'000;
  query.budget_us = 60'000'000;
  return session.Missing(query);
}

std::string Report(const MissingTally& tally) {
  std::ostringstream out;
  out << tally.asked << " denies, " << tally.hopeless << " that nothing mends, " << tally.plans
      << " plans, " << tally.incomplete << " incomplete; steps of the smallest:";
  for (const auto& [steps, count] : tally.by_smallest) out << " " << steps << ": " << count;
  return out.str();
}

void Count(const engine::MissingAnswer& answer, MissingTally& tally) {
  ++tally.asked;
  tally.plans += answer.plans.size();
  if (answer.plans.empty()) ++tally.hopeless;
  if (!answer.complete) ++tally.incomplete;
  size_t smallest = SIZE_MAX;
  for (const auto& plan : answer.plans) smallest = std::min(smallest, plan.steps.size());
  if (!answer.plans.empty()) ++tally.by_smallest[smallest];
}

}  // namespace portvakt::agreement
