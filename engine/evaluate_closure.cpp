// Transitive facts: everything that their steps lead to, walked once a decision and kept.
#include <algorithm>
#include <iterator>

#include "engine/evaluator.h"

namespace portvakt::engine {

bool Evaluator::StepHolds(const FactRecord& fact, uint32_t symbol, EntityId subject,
                          EntityId object) {
  const auto relation = static_cast<uint16_t>(fact.relation);
  if (fact.has_symbol != 0 && symbol == kAnySymbol) {
    return reader_.HoldsAny(relation, subject, object);
  }
  return reader_.Holds(relation, fact.has_symbol != 0 ? symbol : 0, subject, object);
}

// What one or more steps lead to, breadth first; a cycle leads back to what is already there.
const Evaluator::Closure& Evaluator::FindClosure(uint32_t fact_index, uint32_t symbol,
                                                 EntityId start, Direction direction) {
  const uint64_t hash = Mix(Mix(Mix(start, fact_index), symbol), static_cast<uint64_t>(direction));
  Closure& closure = closures_[hash % closures_.size()];
  if (closure.generation == generation_ && closure.fact == fact_index && closure.symbol == symbol &&
      closure.start == start && closure.direction == direction) {
    return closure;
  }
  closure.generation = generation_;
  closure.fact = fact_index;
  closure.symbol = symbol;
  closure.start = start;
  closure.direction = direction;
  closure.reached.clear();
  const FactRecord& fact = program_->facts[fact_index];
  const bool forward = direction == Direction::kObjectsOf;
  std::vector<EntityId>& frontier = TakeBuffer();
  std::vector<EntityId>& next = TakeBuffer();
  std::vector<EntityId>& near = TakeBuffer();
  frontier.push_back(start);
  while (!frontier.empty() && !exhausted_) {
    next.clear();
    for (EntityId from : frontier) {
      if (!Admits(forward ? fact.subject_types : fact.object_types, from)) continue;
      if (IsTransient(from)) continue;
      near.clear();
      for (uint32_t type : program_->List(forward ? fact.object_types : fact.subject_types)) {
        reader_.view().Neighbours(direction, from, static_cast<uint16_t>(type), near);
      }
      for (EntityId to : near) {
        if (!Step()) break;
        if (StepHolds(fact, symbol, forward ? from : to, forward ? to : from)) next.push_back(to);
      }
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    frontier.clear();
    std::set_difference(next.begin(), next.end(), closure.reached.begin(), closure.reached.end(),
                        std::back_inserter(frontier));
    near.clear();
    std::merge(closure.reached.begin(), closure.reached.end(), frontier.begin(), frontier.end(),
               std::back_inserter(near));
    closure.reached.swap(near);
  }
  GiveBuffer();
  GiveBuffer();
  GiveBuffer();
  return closure;
}

}  // namespace portvakt::engine
