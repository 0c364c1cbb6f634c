// Transitive facts in a search for steps: what leads where when some direct steps are added or
// taken away, and which could be next.
#include <algorithm>
#include <map>

#include "engine/missing_costs.h"
#include "engine/missing_search.h"

namespace portvakt::engine::missing {
namespace {

bool Among(const Program& program, Range types, EntityId entity) {
  const auto list = program.List(types);
  return std::find(list.begin(), list.end(), TypeOf(entity)) != list.end();
}

}  // namespace

bool Search::AdmitsStep(const FactRecord& fact, EntityId subject, EntityId object) const {
  return Among(evaluator_.program(), fact.subject_types, subject) &&
         Among(evaluator_.program(), fact.object_types, object);
}

uint32_t Search::StepLiteral(const PathPart& path, EntityId subject, EntityId object) {
  const FactRecord& fact = evaluator_.program().facts[path.fact];
  const FactKey key{static_cast<uint16_t>(fact.relation), static_cast<uint16_t>(path.symbol),
                    subject, object};
  ProposedChange change;
  change.target = ProposedChange::Target::kFact;
  change.subject = subject;
  change.object = object;
  change.relation = fact.relation;
  change.symbol = fact.has_symbol != 0 ? path.symbol : kNoIndex;
  const bool holds = evaluator_.reader().Holds(key.relation, key.symbol, subject, object);
  return formula_.FindFact(evaluator_.program(), change, key, holds);
}

bool Search::HoldsStep(const PathPart& path, EntityId subject, EntityId object,
                       const Steps& steps) {
  const FactRecord& fact = evaluator_.program().facts[path.fact];
  const FactKey key{static_cast<uint16_t>(fact.relation), static_cast<uint16_t>(path.symbol),
                    subject, object};
  const auto known = formula_.facts.find(key);
  if (known != formula_.facts.end()) {
    const bool stepped = std::binary_search(steps.begin(), steps.end(), known->second);
    return formula_.literals[known->second].holds != stepped;
  }
  return evaluator_.reader().Holds(key.relation, key.symbol, subject, object);
}

// In one or more steps, ascending.
std::vector<EntityId> Search::Reached(const PathPart& path, EntityId start, Direction direction,
                                      const Steps& steps) {
  const Program& program = evaluator_.program();
  const FactRecord& fact = program.facts[path.fact];
  const bool forward = direction == Direction::kObjectsOf;
  std::vector<EntityId> reached;
  std::vector<EntityId> open{start};
  while (!open.empty() && evaluator_.Spend()) {
    const EntityId from = open.back();
    open.pop_back();
    std::vector<EntityId> near;
    for (uint32_t type : program.List(forward ? fact.object_types : fact.subject_types)) {
      evaluator_.reader().view().Neighbours(direction, from, static_cast<uint16_t>(type), near);
    }
    for (uint32_t step : steps) {
      const Literal& literal = formula_.literals[step];
      if (literal.kind != Literal::Kind::kFact || literal.key.relation != fact.relation) continue;
      if ((forward ? literal.key.subject : literal.key.object) != from) continue;
      near.push_back(forward ? literal.key.object : literal.key.subject);
    }
    for (EntityId to : near) {
      const EntityId subject = forward ? from : to;
      const EntityId object = forward ? to : from;
      if (!AdmitsStep(fact, subject, object)) continue;
      const auto at = std::lower_bound(reached.begin(), reached.end(), to);
      if (at != reached.end() && *at == to) continue;
      if (!HoldsStep(path, subject, object, steps)) continue;
      reached.insert(at, to);
      open.push_back(to);
    }
  }
  return reached;
}

// The entities of a shortest way from one end to the other, both ends included.
std::vector<EntityId> Search::Route(const PathPart& path, const Steps& steps) {
  std::map<EntityId, EntityId> came_from;
  const std::vector<EntityId> all = Reached(path, path.from, Direction::kObjectsOf, steps);
  std::vector<EntityId> open{path.from};
  for (size_t i = 0; i < open.size() && !came_from.contains(path.to); ++i) {
    for (EntityId to : all) {
      if (came_from.contains(to) || !evaluator_.Spend()) continue;
      const FactRecord& fact = evaluator_.program().facts[path.fact];
      if (!AdmitsStep(fact, open[i], to) || !HoldsStep(path, open[i], to, steps)) continue;
      came_from[to] = open[i];
      open.push_back(to);
    }
  }
  std::vector<EntityId> route;
  if (!came_from.contains(path.to)) return route;
  route.push_back(path.to);
  do {
    route.push_back(came_from[route.back()]);
  } while (route.back() != path.from);
  std::reverse(route.begin(), route.end());
  return route;
}

uint64_t Search::WeighPath(const Part& part, const Steps& steps) {
  const PathPart path = formula_.paths[part.index];
  const std::vector<EntityId> reached = Reached(path, path.from, Direction::kObjectsOf, steps);
  const bool holds = std::binary_search(reached.begin(), reached.end(), path.to);
  if (holds == part.wanted) return 0;
  return PriceOf(part.wanted ? kFactCost : kWithdrawCost);
}

// Whatever joins the ends crosses from what the start leads to, to what it does not lead to, and
// from what does not lead to the end, to what does: every step across the smaller border is tried.
// Whatever parts them takes a step of every way away.
void Search::BranchOnPath(const State& state, const Part& part) {
  const PathPart path = formula_.paths[part.index];
  const Program& program = evaluator_.program();
  const FactRecord& fact = program.facts[path.fact];
  if (!part.wanted) {
    const std::vector<EntityId> route = Route(path, state.steps);
    for (size_t i = 0; i + 1 < route.size(); ++i) {
      PushWith(state, StepLiteral(path, route[i], route[i + 1]));
    }
    return;
  }
  std::vector<EntityId> near = Reached(path, path.from, Direction::kObjectsOf, state.steps);
  std::vector<EntityId> far = Reached(path, path.to, Direction::kSubjectsOf, state.steps);
  const auto insert = [](std::vector<EntityId>& sorted, EntityId entity) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), entity);
    if (at == sorted.end() || *at != entity) sorted.insert(at, entity);
  };
  insert(near, path.from);
  insert(far, path.to);
  std::vector<EntityId> subjects;
  std::vector<EntityId> objects;
  for (uint32_t type : program.List(fact.subject_types)) {
    evaluator_.reader().view().Entities(static_cast<uint16_t>(type), subjects);
  }
  for (uint32_t type : program.List(fact.object_types)) {
    evaluator_.reader().view().Entities(static_cast<uint16_t>(type), objects);
  }
  const bool from_near = near.size() * objects.size() <= far.size() * subjects.size();
  const bool all =
      std::min(near.size() * objects.size(), far.size() * subjects.size()) <= kMaxJoiningSteps;
  if (!all) complete_ = false;
  const std::vector<EntityId>& left = !all || from_near ? near : subjects;
  const std::vector<EntityId>& right = !all || !from_near ? far : objects;
  for (EntityId subject : left) {
    for (EntityId object : right) {
      if (!AdmitsStep(fact, subject, object)) continue;
      // Inside one side of the border it joins nothing.
      if (all && from_near && object != path.to &&
          std::binary_search(near.begin(), near.end(), object)) {
        continue;
      }
      if (all && !from_near && subject != path.from &&
          std::binary_search(far.begin(), far.end(), subject)) {
        continue;
      }
      if (HoldsStep(path, subject, object, state.steps)) continue;
      PushWith(state, StepLiteral(path, subject, object));
    }
  }
}

}  // namespace portvakt::engine::missing
