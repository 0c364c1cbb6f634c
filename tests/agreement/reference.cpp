#include "tests/agreement/reference.h"

#include <algorithm>

namespace portvakt::agreement {
namespace {

using dsl::Condition;
using dsl::kNone;
using dsl::Module;
using dsl::Term;
using Kind = dsl::Condition::Kind;
using TermKind = dsl::Term::Kind;
using RowKind = StoredFact::Kind;

class Reference {
 public:
  Reference(const Module& module, const World& world, const Question& question)
      : module_(module), world_(world), question_(question) {}

  Truth DecideFor(size_t subject, dsl::PermissionId permission, size_t object) const {
    Truth permit = Truth::kFalse, forbid = Truth::kFalse, required = Truth::kTrue;
    const dsl::Permission& asked = module_.permissions[permission];
    if (!Has(asked.on, world_.entities[object].type)) return Truth::kFalse;
    for (const dsl::ActRule& rule : module_.acts) {
      if (rule.effect == dsl::Effect::kNote || !Has(rule.permissions, permission)) continue;
      if (!Has(rule.variables[0].types, world_.entities[subject].type)) continue;
      if (!Has(rule.variables[2].types, world_.entities[object].type)) continue;
      Scope scope(rule.variables.size());
      scope[0].entity = subject;
      scope[1].symbol = permission;
      scope[2].entity = object;
      Truth& side = rule.effect == dsl::Effect::kPermit ? permit : forbid;
      side = Or(side, Evaluate(rule.condition, scope, &rule.variables));
    }
    for (dsl::PermissionId other : asked.requires_permissions) {
      required = And(required, DecideFor(subject, other, object));
    }
    return And(And(permit, Not(forbid)), required);
  }

  using Names = std::vector<dsl::Variable>;
  Truth Evaluate(dsl::ConditionId id, const Scope& scope, const Names* variables) const;

 private:
  Found Stored(size_t entity, const dsl::Step& step) const {
    if (!step.from_request) return Look(world_.entities[entity].attributes, step, State::kAbsent);
    Found found;
    if (entity == question_.subject) found = Look(question_.subject_properties, step);
    if (found.state != State::kUnknown || entity != question_.object) return found;
    return Look(question_.object_properties, step);
  }

  Found Follow(Found start, const std::vector<dsl::Step>& steps, size_t first) const {
    for (size_t i = first; i < steps.size() && start.state == State::kValue; ++i) {
      start = Stored(static_cast<size_t>(start.value.number), steps[i]);
    }
    return start;
  }

  Found Read(dsl::TermId id, const Scope& scope) const {
    const Term& term = module_.terms[id];
    switch (term.kind) {
      case TermKind::kVariable:
      case TermKind::kChangeSecond: {
        const bool second = term.kind == TermKind::kChangeSecond;
        const auto entity = second ? question_.second : scope[term.variable].entity;
        if (!entity) return {};
        return Follow({State::kValue, {static_cast<int64_t>(*entity), ""}}, term.steps, 0);
      }
      case TermKind::kContext: return Follow(Look(question_.context, term.steps[0]), term.steps, 1);
      case TermKind::kAction:
        return Follow(Look(question_.action_properties, term.steps[0]), term.steps, 1);
      case TermKind::kLiteral: return {State::kValue, {term.literal.number, term.literal.text}};
      case TermKind::kNow: return {State::kValue, {question_.now_us + term.literal.number, ""}};
      default: return {};  // dates and ids in the text are tested with the engine alone
    }
  }

  uint32_t Symbol(dsl::TermId id, const Scope& scope) const {
    if (id == kNone) return kNone;
    const Term& term = module_.terms[id];
    if (term.kind == TermKind::kSymbol) return term.symbol;
    uint32_t bound = scope[term.variable].symbol;
    if (term.kind != TermKind::kProgramOf) return bound;
    return module_.permissions[bound].program;
  }

  bool Row(RowKind kind, uint32_t which, size_t subject, std::optional<size_t> object,
           uint32_t symbol, bool any_symbol) const {
    return world_.Has(kind, which, subject, object, symbol, any_symbol, question_.now_us);
  }

  // True or false of known entities; see Sentence for the unknown ones.
  bool Holds(const Condition& c, size_t subject, std::optional<size_t> object,
             const Scope& scope) const {
    uint32_t symbol = Symbol(c.symbol, scope);
    if (c.kind == Kind::kFact) {
      const dsl::Fact& fact = module_.facts[c.fact];
      if (fact.transitive && !c.directly) {
        return world_.Reaches(c.fact, subject, *object, question_.now_us);
      }
      return Row(RowKind::kFact, c.fact, subject, object, symbol, false);
    }
    if (c.kind == Kind::kHolds) return Row(RowKind::kHolds, symbol, subject, object, kNone, true);
    const uint32_t program = Symbol(c.program, scope);
    for (dsl::RoleId role = 0; role < module_.roles.size(); ++role) {
      if (!Has(module_.roles[role].includes, symbol)) continue;
      if (Row(RowKind::kRole, role, subject, object, program, program == kNone)) return true;
    }
    return false;
  }

  // What a sentence about these is before anything is looked up: false when one is absent, unknown
  // when one is not known.
  static std::optional<Truth> Gap(const Found& one, const Found& other) {
    if (std::min(one.state, other.state) == State::kValue) return std::nullopt;
    const bool absent = one.state == State::kAbsent || other.state == State::kAbsent;
    return absent ? Truth::kFalse : Truth::kUnknown;
  }

  // A fact, role or licence: false when a slot does not admit what is known, unknown when
  // something is not known.
  Truth Sentence(const Condition& c, const Scope& scope) const {
    Found subject = Read(c.subject, scope);
    Found object = c.object == kNone ? Found{State::kValue, {}} : Read(c.object, scope);
    if (!Shaped(c, subject, object, scope)) return Truth::kFalse;
    if (auto gap = Gap(subject, object)) return *gap;
    std::optional<size_t> other;
    if (c.object != kNone) other = static_cast<size_t>(object.value.number);
    return From(Holds(c, static_cast<size_t>(subject.value.number), other, scope));
  }

  // Could such a row be stored at all? What is not known counts with the types that it may have.
  bool Shaped(const Condition& c, const Found& subject, const Found& object,
              const Scope& scope) const {
    auto fits = [&](const std::vector<dsl::TypeId>& holders, const std::vector<dsl::TypeId>& on) {
      return Admits(holders, subject, c.subject) &&
             (c.object == kNone ? on.empty() : Admits(on, object, c.object));
    };
    const uint32_t symbol = Symbol(c.symbol, scope);
    if (c.kind == Kind::kFact) {
      const dsl::Fact& fact = module_.facts[c.fact];
      const auto& slots = fact.shape.slots;
      return fits(slots[fact.subject_slot].types,
                  c.object == kNone ? std::vector<dsl::TypeId>{} : slots[fact.object_slot].types);
    }
    if (c.kind == Kind::kHolds) {
      return fits(module_.licences[symbol].held_by, module_.licences[symbol].from);
    }
    return std::any_of(module_.roles.begin(), module_.roles.end(), [&](const dsl::Role& role) {
      return Has(role.includes, symbol) && fits(role.held_by, role.on);
    });
  }

  bool Admits(const std::vector<dsl::TypeId>& types, const Found& found, dsl::TermId term) const {
    if (found.state == State::kValue) {
      return Has(types, world_.entities[static_cast<size_t>(found.value.number)].type);
    }
    const auto& possible = module_.terms[term].type.entity_types;
    return std::any_of(possible.begin(), possible.end(), [&](auto t) { return Has(types, t); });
  }

  Truth Call(const Condition& c, const Scope& scope) const {
    const dsl::Define& define = module_.defines[c.define];
    Scope inner(define.variables.size());
    Truth admitted = Truth::kTrue;
    for (uint32_t i = 0; i < define.parameter_count; ++i) {
      if (define.variables[i].is_symbol) {
        inner[i].symbol = Symbol(c.arguments[i], scope);
        continue;
      }
      Found found = Read(c.arguments[i], scope);
      if (found.state == State::kAbsent) return Truth::kFalse;
      if (!Admits(define.variables[i].types, found, c.arguments[i])) return Truth::kFalse;
      if (found.state == State::kValue) {
        inner[i].entity = static_cast<size_t>(found.value.number);
        continue;
      }
      const auto& possible = module_.terms[c.arguments[i]].type.entity_types;
      if (!std::all_of(possible.begin(), possible.end(),
                       [&](auto t) { return Has(define.variables[i].types, t); })) {
        admitted = Truth::kUnknown;
      }
    }
    return And(admitted, Evaluate(define.condition, inner, &define.variables));
  }

  Truth Some(const Condition& c, Scope scope, const std::vector<dsl::Variable>& variables) const {
    const dsl::Variable& variable = variables[c.variable];
    const size_t symbols[] = {module_.permissions.size(), module_.roles.size(),
                              module_.licences.size(), module_.programs.size()};
    const size_t count = variable.is_symbol ? symbols[static_cast<size_t>(variable.symbol_kind)]
                                            : world_.entities.size();
    Truth result = Truth::kFalse;
    for (size_t i = 0; i < count; ++i) {
      if (!variable.is_symbol && !Has(variable.types, world_.entities[i].type)) continue;
      scope[c.variable].entity = i;
      scope[c.variable].symbol = static_cast<uint32_t>(i);
      result = Or(result, Evaluate(c.children[0], scope, &variables));
    }
    return result;
  }

  Truth Compare(const Condition& c, const Scope& scope) const {
    Found left = Read(c.subject, scope), right = Read(c.object, scope);
    if (auto gap = Gap(left, right)) return *gap;
    const dsl::ValueType& type = module_.terms[c.subject].type;
    int64_t a = left.value.number, b = right.value.number;
    if (type.kind == dsl::ValueKind::kEnum) {
      const auto& labels = module_.enums[type.enum_type].labels;
      a = std::find(labels.begin(), labels.end(), left.value.text) - labels.begin();
      b = std::find(labels.begin(), labels.end(), right.value.text) - labels.begin();
    } else if (type.kind == dsl::ValueKind::kString) {
      a = left.value.text.compare(right.value.text);
      b = 0;
    }
    return From(Compares(a, c.comparison, b));
  }

  Truth Static(const Condition& c, const Scope& scope) const {
    const uint32_t one = Symbol(c.symbol, scope), other = Symbol(c.other_symbol, scope);
    if (c.kind == Kind::kSameSymbol) return From(one == other);
    if (c.kind == Kind::kCovers) return From(Has(module_.licences[one].covers, other));
    if (c.kind == Kind::kGives) return From(Has(module_.roles[one].gives, other));
    return From(Has(module_.permissions[one].includes, other));
  }

  Truth SeatFree(const Condition& c, const Scope& scope) const {
    Found tenant = Read(c.object, scope);
    if (tenant.state != State::kValue) return Truth::kUnknown;
    return From(world_.FreeSeats(static_cast<size_t>(tenant.value.number), Symbol(c.symbol, scope),
                                 question_.now_us) > 0);
  }

  const Module& module_;
  const World& world_;
  const Question& question_;
};

Truth Reference::Evaluate(dsl::ConditionId id, const Scope& scope, const Names* variables) const {
  const Condition& c = module_.conditions[id];
  switch (c.kind) {
    case Kind::kTrue: return Truth::kTrue;
    case Kind::kAnd:
    case Kind::kOr: {
      const bool all = c.kind == Kind::kAnd;
      Truth result = From(all);
      for (auto child : c.children) {
        Truth truth = Evaluate(child, scope, variables);
        result = all ? And(result, truth) : Or(result, truth);
      }
      return result;
    }
    case Kind::kNot: return Not(Evaluate(c.children[0], scope, variables));
    case Kind::kSome: return Some(c, scope, *variables);
    case Kind::kFact:
    case Kind::kRole:
    case Kind::kHolds: return Sentence(c, scope);
    case Kind::kDefine: return Call(c, scope);
    case Kind::kCompare: return Compare(c, scope);
    case Kind::kPresent: return From(Read(c.subject, scope).state == State::kValue);
    case Kind::kAbsent: return From(Read(c.subject, scope).state == State::kAbsent);
    case Kind::kMay: {
      Found subject = Read(c.subject, scope), object = Read(c.object, scope);
      if (auto gap = Gap(subject, object)) return *gap;
      return DecideFor(static_cast<size_t>(subject.value.number), Symbol(c.symbol, scope),
                       static_cast<size_t>(object.value.number));
    }
    case Kind::kIsType:
    case Kind::kFlag: {
      Found found = Read(c.subject, scope);
      if (found.state == State::kUnknown) return Truth::kUnknown;
      return From(c.kind == Kind::kFlag ? found.value.number != 0
                                        : Admits(c.types, found, c.subject));
    }
    case Kind::kSymbolIs: return From(Has(c.symbols, Symbol(c.symbol, scope)));
    case Kind::kIncludes:
    case Kind::kCovers:
    case Kind::kGives:
    case Kind::kSameSymbol: return Static(c, scope);
    case Kind::kSeatFree: return SeatFree(c, scope);
    default: return Truth::kUnknown;  // sets are tested with the engine alone
  }
}

}  // namespace

Truth Evaluate(const Module& module, const World& world, const Question& question,
               dsl::ConditionId condition, const Scope& scope,
               const std::vector<dsl::Variable>& variables) {
  return Reference(module, world, question).Evaluate(condition, scope, &variables);
}

Truth Decide(const Module& module, const World& world, const Question& question) {
  return Reference(module, world, question)
      .DecideFor(question.subject, question.permission, question.object);
}

}  // namespace portvakt::agreement
