// Where the candidates of `some X: body` come from. A tie is a positive sentence that X stands in
// with things that are already known; from it the program can list every X for which the body might
// not be false. A join ties through another `some`, a call through the body of a definition.
#include <algorithm>

#include "engine/compiler.h"

namespace portvakt::engine {
namespace {

using dsl::Condition;
using dsl::Term;

// Conditions looked at for the candidates of one `some`. Beyond it, it walks over the whole type:
// nested `some` could otherwise cost exponential time.
constexpr uint32_t kMaxTieSteps = 10'000;

// From one candidate to whole types.
enum Rank : uint32_t { kOne = 0, kFew = 4, kSome = 8, kMany = 16, kEverything = 1000 };

}  // namespace

bool Compiler::IsKnown(dsl::TermId id, const Known& known) const {
  const Term& term = module_.terms[id];
  return term.variable == dsl::kNone || known[term.variable];
}

// A path of stored references that begins at `target`: what it leads to leads back to the target.
bool Compiler::LeadsFrom(dsl::TermId id, uint32_t target) const {
  const Term& term = module_.terms[id];
  if (term.kind != Term::Kind::kVariable || term.variable != target) return false;
  for (const dsl::Step& step : term.steps) {
    if (step.from_request || step.type.kind != dsl::ValueKind::kEntity) return false;
  }
  return true;
}

// The types of what a term of entities can be.
Range Compiler::HeadTypes(dsl::TermId id) {
  const Term& term = module_.terms[id];
  if (term.steps.empty() && term.kind == Term::Kind::kVariable) {
    return AddTypeNumbers((*owner_)[term.variable].types);
  }
  return AddTypeNumbers(term.type.entity_types);
}

Compiler::Tie Compiler::AddSource(SourceRecord record, uint32_t rank) {
  builder_.sources.push_back(record);
  return {static_cast<uint32_t>(builder_.sources.size() - 1), rank};
}

// From candidates for what `term` leads to, to candidates for its variable.
Compiler::Tie Compiler::Reverse(Tie tie, dsl::TermId id) {
  const Term& term = module_.terms[id];
  for (size_t i = term.steps.size(); i-- > 0;) {
    SourceRecord back;
    back.op = SourceRecord::Op::kReferrers;
    back.attribute = numbers_.attributes.at(term.steps[i].attribute);
    back.children = builder_.AddList({tie.source});
    back.types = i == 0 ? AddTypeNumbers((*owner_)[term.variable].types)
                        : AddTypeNumbers(term.steps[i - 1].type.entity_types);
    tie = AddSource(back, tie.rank + kFew);
  }
  return tie;
}

// A sentence about two entities: fact, role on a thing, licence from a pool.
std::optional<Compiler::Tie> Compiler::TieOfPair(const Condition& condition, uint32_t target,
                                                 const Known& known) {
  if (condition.object == dsl::kNone) return std::nullopt;
  const bool closes = condition.kind == Condition::Kind::kFact && !condition.directly &&
                      module_.facts[condition.fact].transitive;
  const auto from = [&](dsl::TermId given, dsl::TermId sought, Direction direction) {
    SourceRecord record;
    record.op = closes ? SourceRecord::Op::kClosure : SourceRecord::Op::kNeighbours;
    record.direction = static_cast<uint8_t>(direction);
    record.term = given;
    record.types = HeadTypes(sought);
    using Relation = SourceRecord::Relation;
    record.relation = condition.kind == Condition::Kind::kFact   ? Relation::kFact
                      : condition.kind == Condition::Kind::kRole ? Relation::kRole
                                                                 : Relation::kHolds;
    if (condition.kind == Condition::Kind::kFact) record.fact = condition.fact;
    if (condition.symbol != dsl::kNone && IsKnown(condition.symbol, known)) {
      record.symbol = condition.symbol;
    }
    // What a path leads to is shared by more than what stands at its beginning.
    const auto steps = static_cast<uint32_t>(module_.terms[given].steps.size());
    return Reverse(AddSource(record, (closes ? kMany : kSome) + steps), sought);
  };
  if (LeadsFrom(condition.object, target) && IsKnown(condition.subject, known)) {
    return from(condition.subject, condition.object, Direction::kObjectsOf);
  }
  if (LeadsFrom(condition.subject, target) && IsKnown(condition.object, known)) {
    return from(condition.object, condition.subject, Direction::kSubjectsOf);
  }
  return std::nullopt;
}

// `X.home is tenant`, `client.owners contains X`.
std::optional<Compiler::Tie> Compiler::TieOfComparison(const Condition& condition, uint32_t target,
                                                       const Known& known) {
  const bool contains = condition.kind == Condition::Kind::kContains;
  if (!contains && condition.comparison != dsl::Comparison::kEqual) return std::nullopt;
  if (module_.terms[condition.object].type.kind != dsl::ValueKind::kEntity) return std::nullopt;
  const auto from = [&](dsl::TermId given, dsl::TermId sought, SourceRecord::Op op) {
    SourceRecord record;
    record.op = op;
    record.term = given;
    record.types = HeadTypes(sought);
    return Reverse(AddSource(record, op == SourceRecord::Op::kTerm ? kOne : kFew), sought);
  };
  const auto op = contains ? SourceRecord::Op::kMembers : SourceRecord::Op::kTerm;
  if (LeadsFrom(condition.object, target) && IsKnown(condition.subject, known)) {
    return from(condition.subject, condition.object, op);
  }
  if (LeadsFrom(condition.subject, target) && IsKnown(condition.object, known)) {
    return from(condition.object, condition.subject, SourceRecord::Op::kTerm);
  }
  return std::nullopt;
}

// Candidates for one parameter of a definition, when those in `given` have values.
std::optional<Compiler::Tie> Compiler::TieOfParameter(dsl::DefineId id, uint32_t parameter,
                                                      const std::vector<bool>& given) {
  const uint64_t key = uint64_t{id} << 32 | uint64_t{parameter} << 1 | (first_tie_ ? 1 : 0);
  if (auto known = parameter_ties_.find({key, given}); known != parameter_ties_.end()) {
    return known->second;
  }
  const dsl::Define& define = module_.defines[id];
  Known known(define.variables.size(), false);
  std::copy(given.begin(), given.end(), known.begin());
  const auto* caller = owner_;
  owner_ = &define.variables;
  const std::optional<Tie> tie = FindTie(define.condition, parameter, known);
  owner_ = caller;
  return parameter_ties_[{key, given}] = tie;
}

std::optional<Compiler::Tie> Compiler::TieOfCall(const Condition& condition, uint32_t target,
                                                 const Known& known) {
  const dsl::Define& define = module_.defines[condition.define];
  std::vector<bool> given(define.parameter_count);
  std::vector<uint32_t> arguments(define.parameter_count, kNoIndex);
  for (uint32_t i = 0; i < define.parameter_count; ++i) {
    given[i] = IsKnown(condition.arguments[i], known);
    if (given[i]) arguments[i] = condition.arguments[i];
  }
  std::optional<Tie> best;
  for (uint32_t i = 0; i < define.parameter_count; ++i) {
    if (given[i] || define.variables[i].is_symbol) continue;
    if (!LeadsFrom(condition.arguments[i], target)) continue;
    const std::optional<Tie> inner = TieOfParameter(condition.define, i, given);
    if (!inner || (best && best->rank <= inner->rank)) continue;
    SourceRecord record;
    record.op = SourceRecord::Op::kCall;
    record.define = condition.define;
    record.arguments = builder_.AddList(arguments);
    record.children = builder_.AddList({inner->source});
    record.types = HeadTypes(condition.arguments[i]);
    best = Reverse(AddSource(record, inner->rank + 1), condition.arguments[i]);
  }
  return best;
}

std::optional<Compiler::Tie> Compiler::TieOfSome(const Condition& condition, uint32_t target,
                                                 Known& known) {
  const dsl::ConditionId body = condition.children[0];
  std::optional<Tie> direct = FindTie(body, target, known);
  if (direct || (*owner_)[condition.variable].is_symbol) return direct;
  const std::optional<Tie> other = FindTie(body, condition.variable, known);
  if (!other) return std::nullopt;
  known[condition.variable] = true;
  const std::optional<Tie> through = FindTie(body, target, known);
  known[condition.variable] = false;
  if (!through) return std::nullopt;
  SourceRecord record;
  record.op = SourceRecord::Op::kJoin;
  record.variable = condition.variable;
  record.children = builder_.AddList({other->source, through->source});
  record.types = AddTypeNumbers((*owner_)[target].types);
  return AddSource(record, other->rank + through->rank + kSome);
}

std::optional<Compiler::Tie> Compiler::FindTie(dsl::ConditionId id, uint32_t target, Known& known) {
  if (++tie_steps_ > kMaxTieSteps) return std::nullopt;
  const Condition& condition = module_.conditions[id];
  switch (condition.kind) {
    case Condition::Kind::kAnd: {
      std::optional<Tie> best;
      for (dsl::ConditionId child : condition.children) {
        const std::optional<Tie> tie = FindTie(child, target, known);
        if (tie && (!best || tie->rank < best->rank)) best = tie;
        if (best && first_tie_) break;
      }
      return best;
    }
    case Condition::Kind::kOr: {
      SourceRecord record;
      record.op = SourceRecord::Op::kUnion;
      std::vector<uint32_t> children;
      uint32_t rank = 1;
      for (dsl::ConditionId child : condition.children) {
        const std::optional<Tie> tie = FindTie(child, target, known);
        if (!tie) return std::nullopt;
        children.push_back(tie->source);
        rank += tie->rank;
      }
      record.children = builder_.AddList(children);
      record.types = AddTypeNumbers((*owner_)[target].types);
      return AddSource(record, rank);
    }
    case Condition::Kind::kSome: return TieOfSome(condition, target, known);
    case Condition::Kind::kFact:
    case Condition::Kind::kRole:
    case Condition::Kind::kHolds: return TieOfPair(condition, target, known);
    case Condition::Kind::kCompare:
    case Condition::Kind::kContains: return TieOfComparison(condition, target, known);
    case Condition::Kind::kDefine: return TieOfCall(condition, target, known);
    default: return std::nullopt;
  }
}

uint32_t Compiler::AddCandidates(const Condition& some, Known& known, bool first_tie) {
  first_tie_ = first_tie;
  return AddTied(some.children[0], some.variable, known);
}

uint32_t Compiler::AddTied(dsl::ConditionId body, uint32_t target, Known& known) {
  tie_steps_ = 0;
  if (const auto tie = FindTie(body, target, known)) return tie->source;
  SourceRecord record;
  record.op = SourceRecord::Op::kAll;
  record.types = AddTypeNumbers((*owner_)[target].types);
  return AddSource(record, kEverything).source;
}

uint32_t Compiler::AddSearch(dsl::ConditionId condition, uint32_t target, Known known) {
  first_tie_ = false;
  known[target] = false;
  return AddTied(condition, target, known);
}

Range Compiler::AddSearches(const dsl::Define& define) {
  Known known(define.variables.size(), false);
  std::fill_n(known.begin(), define.parameter_count, true);
  std::vector<uint32_t> sources;
  for (uint32_t i = 0; i < define.parameter_count; ++i) {
    sources.push_back(define.variables[i].is_symbol ? kNoIndex
                                                    : AddSearch(define.condition, i, known));
  }
  return builder_.AddList(sources);
}

}  // namespace portvakt::engine
