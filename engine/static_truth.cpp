#include "engine/static_truth.h"

#include <algorithm>

namespace portvakt::engine {
namespace {

using dsl::Condition;
using dsl::kNone;
using dsl::Term;
using dsl::TypeId;

StaticValue Negate(StaticValue value) {
  return static_cast<StaticValue>(2 - static_cast<uint8_t>(value));
}

bool Overlap(const std::vector<TypeId>& a, const std::vector<TypeId>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](TypeId type) { return std::find(b.begin(), b.end(), type) != b.end(); });
}

bool Within(const std::vector<TypeId>& a, const std::vector<TypeId>& b) {
  return std::all_of(a.begin(), a.end(),
                     [&](TypeId type) { return std::find(b.begin(), b.end(), type) != b.end(); });
}

bool Has(const std::vector<uint32_t>& sorted, uint32_t symbol) {
  return std::binary_search(sorted.begin(), sorted.end(), symbol);
}

StaticValue Decided(bool value) { return value ? StaticValue::kTrue : StaticValue::kFalse; }

}  // namespace

StaticValue StaticTruth::Of(const dsl::ActRule& rule, dsl::PermissionId permission, TypeId subject,
                            TypeId object) {
  Frame frame(rule.variables.size());
  frame[0].types = {subject};
  frame[1].is_symbol = true;
  frame[1].symbol = permission;
  frame[2].types = {object};
  variables_ = &rule.variables;
  return Value(rule.condition, frame);
}

StaticValue StaticTruth::Of(const dsl::ChangeRule& rule, uint32_t symbol, TypeId subject,
                            TypeId object) {
  Frame frame(rule.variables.size());
  const dsl::ChangeTarget& target = rule.target;
  frame[rule.actor].types = rule.variables[rule.actor].types;
  frame[target.subject].types = {subject};
  if (target.object != kNone) frame[target.object].types = {object};
  if (target.program != kNone) frame[target.program].is_symbol = true;
  if (target.symbol != kNone) {
    frame[target.symbol].is_symbol = true;
    frame[target.symbol].symbol = symbol;
  }
  variables_ = &rule.variables;
  return Value(rule.condition, frame);
}

size_t StaticTruth::SymbolCount(dsl::SymbolKind kind) const {
  switch (kind) {
    case dsl::SymbolKind::kPermission: return module_.permissions.size();
    case dsl::SymbolKind::kRole: return module_.roles.size();
    case dsl::SymbolKind::kLicence: return module_.licences.size();
    case dsl::SymbolKind::kProgram: return module_.programs.size();
  }
  return 0;
}

// kNone when it is not known, or when a permission stands in no program.
uint32_t StaticTruth::SymbolOf(dsl::TermId id, const Frame& frame) const {
  const Term& term = module_.terms[id];
  if (term.kind == Term::Kind::kSymbol) return term.symbol;
  const uint32_t symbol = frame[term.variable].symbol;
  if (term.kind != Term::Kind::kProgramOf || symbol == kNone) return symbol;
  return module_.permissions[symbol].program;
}

std::vector<TypeId> StaticTruth::TypesOf(dsl::TermId id, const Frame& frame) const {
  const Term& term = module_.terms[id];
  if (term.kind == Term::Kind::kVariable && term.steps.empty()) return frame[term.variable].types;
  return term.type.entity_types;
}

StaticValue StaticTruth::OfChildren(const Condition& condition, Frame& frame) {
  const bool is_and = condition.kind == Condition::Kind::kAnd;
  StaticValue value = is_and ? StaticValue::kTrue : StaticValue::kFalse;
  for (dsl::ConditionId child : condition.children) {
    const StaticValue part = Value(child, frame);
    value = is_and ? std::min(value, part) : std::max(value, part);
    if (value == (is_and ? StaticValue::kFalse : StaticValue::kTrue)) break;
  }
  return value;
}

// Whether a static relation under `id` leans on the variable: if not, its value changes nothing.
bool StaticTruth::MentionsSymbol(dsl::ConditionId id, uint32_t variable) const {
  const Condition& condition = module_.conditions[id];
  const auto is = [&](dsl::TermId term) {
    return term != kNone && module_.terms[term].variable == variable;
  };
  switch (condition.kind) {
    case Condition::Kind::kIncludes:
    case Condition::Kind::kCovers:
    case Condition::Kind::kGives:
    case Condition::Kind::kSymbolIs:
    case Condition::Kind::kSameSymbol:
    case Condition::Kind::kMay:
    case Condition::Kind::kRole:
    case Condition::Kind::kHolds:
    case Condition::Kind::kFact:
      return is(condition.symbol) ||
             (condition.other_symbol != kNone && is(condition.other_symbol));
    case Condition::Kind::kDefine:
      return std::any_of(condition.arguments.begin(), condition.arguments.end(), is);
    default:
      return std::any_of(condition.children.begin(), condition.children.end(),
                         [&](dsl::ConditionId child) { return MentionsSymbol(child, variable); });
  }
}

StaticValue StaticTruth::OfSome(const Condition& condition, Frame& frame) {
  const dsl::Variable& variable = (*variables_)[condition.variable];
  Binding& binding = frame[condition.variable];
  binding = {};
  binding.is_symbol = variable.is_symbol;
  StaticValue value = StaticValue::kFalse;
  if (!variable.is_symbol) {
    binding.types = variable.types;
    // There may be no such entity.
    value = std::min(Value(condition.children[0], frame), StaticValue::kOpen);
  } else if (!MentionsSymbol(condition.children[0], condition.variable)) {
    value = SymbolCount(variable.symbol_kind) == 0 ? StaticValue::kFalse
                                                   : Value(condition.children[0], frame);
  } else {
    const size_t count = SymbolCount(variable.symbol_kind);
    for (uint32_t symbol = 0; symbol < count && value != StaticValue::kTrue; ++symbol) {
      frame[condition.variable].symbol = symbol;
      value = std::max(value, Value(condition.children[0], frame));
    }
  }
  frame[condition.variable] = {};
  return value;
}

StaticValue StaticTruth::OfCall(const Condition& condition, const Frame& frame) {
  const dsl::Define& define = module_.defines[condition.define];
  Frame callee(define.variables.size());
  bool sure = true;  // no argument makes the sentence false by being absent or of another type
  for (uint32_t i = 0; i < define.parameter_count; ++i) {
    Binding& binding = callee[i];
    const dsl::Variable& parameter = define.variables[i];
    binding.is_symbol = parameter.is_symbol;
    if (parameter.is_symbol) {
      binding.symbol = SymbolOf(condition.arguments[i], frame);
    } else {
      const std::vector<TypeId> types = TypesOf(condition.arguments[i], frame);
      for (TypeId type : types) {
        if (Overlap({type}, parameter.types)) binding.types.push_back(type);
      }
      const Term& term = module_.terms[condition.arguments[i]];
      sure &= binding.types.size() == types.size() && term.kind == Term::Kind::kVariable &&
              term.steps.empty();
      if (binding.types.empty()) return StaticValue::kFalse;
    }
  }
  const auto known = calls_.find({condition.define, callee});
  const auto answer = [&](StaticValue value) {
    return sure ? value : std::min(value, StaticValue::kOpen);
  };
  if (known != calls_.end()) return answer(known->second);
  const auto* caller = variables_;
  variables_ = &define.variables;
  Frame inside = callee;
  const StaticValue value = Value(define.condition, inside);
  variables_ = caller;
  calls_.emplace(std::make_pair(condition.define, std::move(callee)), value);
  return answer(value);
}

StaticValue StaticTruth::OfRelation(const Condition& condition, const Frame& frame) const {
  const uint32_t symbol = SymbolOf(condition.symbol, frame);
  if (condition.kind == Condition::Kind::kSymbolIs) {
    if (symbol == kNone) {
      // A permission without a program is none of the programs.
      const Term& term = module_.terms[condition.symbol];
      const bool decided =
          term.kind == Term::Kind::kProgramOf && frame[term.variable].symbol != kNone;
      return decided ? StaticValue::kFalse : StaticValue::kOpen;
    }
    return Decided(Has(condition.symbols, symbol));
  }
  const uint32_t other = SymbolOf(condition.other_symbol, frame);
  if (symbol == kNone || other == kNone) return StaticValue::kOpen;
  switch (condition.kind) {
    case Condition::Kind::kIncludes:
      return Decided(Has(module_.permissions[symbol].includes, other));
    case Condition::Kind::kCovers: return Decided(Has(module_.licences[symbol].covers, other));
    case Condition::Kind::kGives: return Decided(Has(module_.roles[symbol].gives, other));
    default: return Decided(symbol == other);
  }
}

// False when a slot admits none of the types, else open.
StaticValue StaticTruth::OfSentence(const Condition& condition, const Frame& frame) {
  const auto admits = [&](const std::vector<TypeId>& types, dsl::TermId term) {
    return term == kNone || Overlap(types, TypesOf(term, frame));
  };
  const uint32_t symbol = condition.symbol == kNone ? kNone : SymbolOf(condition.symbol, frame);
  bool possible = true;
  switch (condition.kind) {
    case Condition::Kind::kFact: {
      const dsl::Fact& fact = module_.facts[condition.fact];
      possible = admits(fact.shape.slots[fact.subject_slot].types, condition.subject);
      if (fact.object_slot != kNone) {
        possible &= admits(fact.shape.slots[fact.object_slot].types, condition.object);
      }
      if (fact.symbol_slot != kNone && symbol != kNone) {
        const auto& allowed = fact.shape.slots[fact.symbol_slot].allowed;
        possible &= allowed.empty() || Has(allowed, symbol);
      }
      break;
    }
    case Condition::Kind::kRole:
      if (symbol != kNone) {
        possible = std::any_of(module_.roles.begin(), module_.roles.end(), [&](const auto& role) {
          return Has(role.includes, symbol) && role.on.empty() == (condition.object == kNone) &&
                 admits(role.held_by, condition.subject) && admits(role.on, condition.object);
        });
      }
      break;
    case Condition::Kind::kHolds:
      if (symbol != kNone) {
        const dsl::Licence& licence = module_.licences[symbol];
        possible = licence.from.empty() == (condition.object == kNone) &&
                   admits(licence.held_by, condition.subject) &&
                   admits(licence.from, condition.object);
      }
      break;
    case Condition::Kind::kMay:
      if (symbol != kNone) possible = admits(module_.permissions[symbol].on, condition.object);
      break;
    default: break;
  }
  return possible ? StaticValue::kOpen : StaticValue::kFalse;
}

StaticValue StaticTruth::Value(dsl::ConditionId id, Frame& frame) {
  const Condition& condition = module_.conditions[id];
  switch (condition.kind) {
    case Condition::Kind::kTrue: return StaticValue::kTrue;
    case Condition::Kind::kAnd:
    case Condition::Kind::kOr: return OfChildren(condition, frame);
    case Condition::Kind::kNot: return Negate(Value(condition.children[0], frame));
    case Condition::Kind::kSome: return OfSome(condition, frame);
    case Condition::Kind::kDefine: return OfCall(condition, frame);
    case Condition::Kind::kIncludes:
    case Condition::Kind::kCovers:
    case Condition::Kind::kGives:
    case Condition::Kind::kSymbolIs:
    case Condition::Kind::kSameSymbol: return OfRelation(condition, frame);
    case Condition::Kind::kIsType: {
      const std::vector<TypeId> types = TypesOf(condition.subject, frame);
      if (!Overlap(types, condition.types)) return StaticValue::kFalse;
      // Only what is surely there surely is of its type: a path may end in nothing.
      const Term& term = module_.terms[condition.subject];
      const bool sure = term.kind == Term::Kind::kVariable && term.steps.empty();
      return sure && Within(types, condition.types) ? StaticValue::kTrue : StaticValue::kOpen;
    }
    default: return OfSentence(condition, frame);
  }
}

}  // namespace portvakt::engine
