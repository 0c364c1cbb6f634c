#include "tests/agreement/change_reference.h"

#include <functional>

namespace portvakt::agreement {
namespace {

using dsl::ChangeRule;
using dsl::ChangeTarget;
using dsl::kNone;
using Operation = dsl::ChangeRule::Operation;

bool SameFact(const StoredFact& one, const StoredFact& other) {
  return one.kind == other.kind && one.which == other.which && one.subject == other.subject &&
         one.object == other.object && one.symbol == other.symbol;
}

// What is left of a fact's time: a new validity that leaves some of the old one out takes the fact
// away there.
struct Times {
  int64_t from;
  int64_t until;
};
Times FromNow(const StoredFact& fact, int64_t now_us) {
  return {std::max(now_us, fact.from_us.value_or(INT64_MIN)), fact.until_us.value_or(INT64_MAX)};
}
bool Covers(const Times& all, const Times& part) {
  return part.from >= part.until || (all.from <= part.from && part.until <= all.until);
}

// Gives the rule's variables what the change is about. False when the rule is about something else.
class Match {
 public:
  Match(const World& world, const ChangeRule& rule)
      : world_(world), rule_(rule), scope(rule.variables.size()) {}

  bool Entity(uint32_t variable, std::optional<size_t> entity) {
    if (variable == kNone || !entity) return variable == kNone && !entity;
    if (!Has(rule_.variables[variable].types, world_.entities[*entity].type)) return false;
    scope[variable].entity = entity;
    return true;
  }
  bool Symbol(uint32_t variable, uint32_t symbol) {
    if (variable == kNone || symbol == kNone) return variable == kNone && symbol == kNone;
    scope[variable].symbol = symbol;
    return true;
  }
  bool Target(const WorldChange& change) {
    const ChangeTarget& target = rule_.target;
    switch (change.kind) {
      case WorldChange::Kind::kSeats:
        return target.kind == ChangeTarget::Kind::kSeats && Entity(target.subject, change.entity) &&
               Symbol(target.symbol, change.licence);
      case WorldChange::Kind::kAttribute:
        return target.kind == ChangeTarget::Kind::kAttribute &&
               target.attribute == change.attribute && Entity(target.subject, change.entity);
      case WorldChange::Kind::kFact: break;
    }
    const StoredFact& fact = change.fact;
    if (!Entity(target.subject, fact.subject) || !Entity(target.object, fact.object)) return false;
    switch (fact.kind) {
      case StoredFact::Kind::kFact:
        return target.kind == ChangeTarget::Kind::kFact && target.fact == fact.which &&
               Symbol(target.symbol, fact.symbol);
      case StoredFact::Kind::kRole:
        return target.kind == ChangeTarget::Kind::kRole && Symbol(target.symbol, fact.which) &&
               // A rule without `for` is also about roles that are held for a program.
               (target.program == kNone || Symbol(target.program, fact.symbol));
      case StoredFact::Kind::kHolds:
        return target.kind == ChangeTarget::Kind::kHolds && Symbol(target.symbol, fact.which);
    }
    return false;
  }

 private:
  const World& world_;
  const ChangeRule& rule_;

 public:
  Scope scope;
};

Truth MayOnce(const dsl::Module& module, const World& world, const Question& question, size_t actor,
              const WorldChange& change, Operation operation) {
  Truth permit = Truth::kFalse, forbid = Truth::kFalse;
  for (const ChangeRule& rule : module.changes) {
    if (rule.effect == dsl::Effect::kNote) continue;
    if (rule.operation != Operation::kChange && rule.operation != operation) continue;
    Match match(world, rule);
    if (!match.Target(change) || !match.Entity(rule.actor, actor)) continue;
    Truth& side = rule.effect == dsl::Effect::kPermit ? permit : forbid;
    side = Or(side, Evaluate(module, world, question, rule.condition, match.scope, rule.variables));
  }
  return And(permit, Not(forbid));
}

// Every way to give the limit's first variables values.
void EachBinding(const dsl::Module& module, const World& world, const dsl::Limit& limit,
                 size_t variable, Scope& scope, const std::function<void()>& found) {
  if (variable == limit.for_every_count) return found();
  const dsl::Variable& each = limit.variables[variable];
  if (each.is_symbol) {
    const size_t counts[] = {module.permissions.size(), module.roles.size(), module.licences.size(),
                             module.programs.size()};
    for (size_t i = 0; i < counts[static_cast<size_t>(each.symbol_kind)]; ++i) {
      scope[variable].symbol = static_cast<uint32_t>(i);
      EachBinding(module, world, limit, variable + 1, scope, found);
    }
    return;
  }
  for (size_t i = 0; i < world.entities.size(); ++i) {
    if (!world.entities[i].stored || !Has(each.types, world.entities[i].type)) continue;
    scope[variable].entity = i;
    EachBinding(module, world, limit, variable + 1, scope, found);
  }
}

int64_t Distance(const dsl::Module& module, const World& world, const Question& question,
                 const dsl::Limit& limit, Scope scope) {
  const auto holds = [&] {
    return Evaluate(module, world, question, limit.condition, scope, limit.variables) ==
           Truth::kTrue;
  };
  if (limit.count == dsl::Limit::Count::kUncounted) return holds() ? 0 : 1;
  const uint32_t counted = limit.for_every_count;
  int64_t count = 0;
  for (size_t i = 0; i < world.entities.size(); ++i) {
    if (!world.entities[i].stored) continue;
    if (!Has(limit.variables[counted].types, world.entities[i].type)) continue;
    scope[counted].entity = i;
    if (holds()) ++count;
  }
  const dsl::Term& term = module.terms[limit.bound];
  int64_t bound = term.literal.number;
  if (term.kind == dsl::Term::Kind::kSeats) {
    const auto variable = [&](dsl::TermId id) { return module.terms[id].variable; };
    const dsl::Term& licence = module.terms[term.licence];
    const uint32_t which = licence.kind == dsl::Term::Kind::kSymbol
                               ? licence.symbol
                               : scope[variable(term.licence)].symbol;
    const auto owned = world.seats.find({*scope[variable(term.tenant)].entity, which});
    bound = owned == world.seats.end() ? 0 : owned->second;
  }
  const bool at_least = limit.count == dsl::Limit::Count::kAtLeast;
  return std::max<int64_t>(0, at_least ? bound - count : count - bound);
}

}  // namespace

bool Changes(const World& world, const WorldChange& change) {
  switch (change.kind) {
    case WorldChange::Kind::kSeats: {
      const auto before = world.seats.find({change.entity, change.licence});
      return (before == world.seats.end() ? 0 : before->second) != change.seats;
    }
    case WorldChange::Kind::kAttribute:
      return world.entities[change.entity].attributes.at(change.attribute) != change.value;
    case WorldChange::Kind::kFact: break;
  }
  for (const StoredFact& fact : world.facts) {
    if (!SameFact(fact, change.fact)) continue;
    return !change.add || fact.from_us != change.fact.from_us ||
           fact.until_us != change.fact.until_us;
  }
  return change.add;
}

void Make(World& world, const WorldChange& change) {
  switch (change.kind) {
    case WorldChange::Kind::kSeats:
      world.seats[{change.entity, change.licence}] = change.seats;
      return;
    case WorldChange::Kind::kAttribute:
      world.entities[change.entity].attributes[change.attribute] = change.value;
      return;
    case WorldChange::Kind::kFact: break;
  }
  std::erase_if(world.facts, [&](const StoredFact& fact) { return SameFact(fact, change.fact); });
  if (change.add) world.facts.push_back(change.fact);
}

Truth MayChange(const dsl::Module& module, const World& world, const Question& question,
                size_t actor, const WorldChange& change) {
  const auto may = [&](Operation operation) {
    return MayOnce(module, world, question, actor, change, operation);
  };
  switch (change.kind) {
    case WorldChange::Kind::kFact: {
      if (!change.add) return may(Operation::kRemove);
      const Times wanted = FromNow(change.fact, question.now_us);
      for (const StoredFact& fact : world.facts) {
        if (!SameFact(fact, change.fact)) continue;
        const Times old = FromNow(fact, question.now_us);
        if (Covers(wanted, old)) return may(Operation::kAdd);
        const Truth taken = may(Operation::kRemove);
        return Covers(old, wanted) ? taken : And(taken, may(Operation::kAdd));
      }
      return may(Operation::kAdd);
    }
    case WorldChange::Kind::kSeats: {
      const auto owned = world.seats.find({change.entity, change.licence});
      const int64_t before = owned == world.seats.end() ? 0 : owned->second;
      return may(change.seats >= before ? Operation::kAdd : Operation::kRemove);
    }
    case WorldChange::Kind::kAttribute: return And(may(Operation::kRemove), may(Operation::kAdd));
  }
  return Truth::kFalse;
}

std::map<Binding, int64_t> Distances(const dsl::Module& module, const World& world,
                                     int64_t now_us) {
  std::map<Binding, int64_t> distances;
  Question question;
  question.now_us = now_us;
  for (size_t i = 0; i < module.limits.size(); ++i) {
    const dsl::Limit& limit = module.limits[i];
    Scope scope(limit.variables.size());
    EachBinding(module, world, limit, 0, scope, [&] {
      const int64_t distance = Distance(module, world, question, limit, scope);
      if (distance == 0) return;
      std::vector<size_t> bound;
      for (uint32_t v = 0; v < limit.for_every_count; ++v) {
        bound.push_back(limit.variables[v].is_symbol ? scope[v].symbol : *scope[v].entity);
      }
      distances[{i, bound}] = distance;
    });
  }
  return distances;
}

}  // namespace portvakt::agreement
