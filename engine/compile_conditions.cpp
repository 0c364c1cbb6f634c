// Terms, conditions, definitions and rules of a policy in the program.
#include <algorithm>

#include "engine/compiler.h"
#include "engine/fits.h"

namespace portvakt::engine {
namespace {

using dsl::Condition;
using dsl::Term;

// Guesses of what a test costs, in units of one bit in a register. Only their order matters: what
// is cheaper is tested first, since `and` and `or` do not mind.
constexpr uint64_t kStepCost = 4;
constexpr uint64_t kFactCost = 8;
constexpr uint64_t kTransitiveCost = 100;
constexpr uint64_t kMayCost = 60;
constexpr uint64_t kWalkCost = 50;
constexpr uint64_t kWalkFactor = 8;
constexpr uint64_t kMaxCost = 1'000'000'000;
// A definition dearer than this is worth remembering within a request.
constexpr uint64_t kRememberFrom = 16;

uint32_t Optional(dsl::TermId term) { return term == dsl::kNone ? kNoIndex : term; }

// One line of source: comments and line breaks gone.
std::string OneLine(std::string_view text) {
  std::string result;
  bool in_text = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (!in_text && text.substr(at, 2) == "//") {
      while (at < text.size() && text[at] != '\n') ++at;
    }
    const char c = at < text.size() ? text[at] : ' ';
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (c == '"') in_text = !in_text;
    if (!space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

Op OpOf(Condition::Kind kind) {
  switch (kind) {
    case Condition::Kind::kTrue: return Op::kTrue;
    case Condition::Kind::kAnd: return Op::kAnd;
    case Condition::Kind::kOr: return Op::kOr;
    case Condition::Kind::kNot: return Op::kNot;
    case Condition::Kind::kSome: return Op::kSomeEntity;
    case Condition::Kind::kFact: return Op::kFact;
    case Condition::Kind::kRole: return Op::kRole;
    case Condition::Kind::kHolds: return Op::kHolds;
    case Condition::Kind::kDefine: return Op::kDefine;
    case Condition::Kind::kMay: return Op::kMay;
    case Condition::Kind::kCompare: return Op::kCompare;
    case Condition::Kind::kPresent: return Op::kPresent;
    case Condition::Kind::kAbsent: return Op::kAbsent;
    case Condition::Kind::kIsType: return Op::kIsType;
    case Condition::Kind::kFlag: return Op::kFlag;
    case Condition::Kind::kContains: return Op::kContains;
    case Condition::Kind::kSeatFree: return Op::kSeatFree;
    case Condition::Kind::kIncludes:
    case Condition::Kind::kCovers:
    case Condition::Kind::kGives: return Op::kTable;
    case Condition::Kind::kSymbolIs: return Op::kSymbolIs;
    case Condition::Kind::kSameSymbol: return Op::kSameSymbol;
  }
  return Op::kTrue;
}

}  // namespace

void Compiler::CompileLiteral(const Term& term, TermRecord& record) {
  record.kind = TermRecord::Kind::kLiteral;
  record.number = term.literal.number;
  if (term.type.kind == dsl::ValueKind::kEnum) {
    // A label that no attribute declares is equal to none.
    const auto label = numbers_.labels.find(term.literal.text);
    record.number = label == numbers_.labels.end() ? -1 : int64_t{label->second};
  }
  record.text = builder_.AddText(term.literal.text);
}

TermRecord Compiler::CompileTerm(const Term& term) {
  TermRecord record;
  record.variable = Optional(term.variable);
  record.name = builder_.AddText(OneLine(sources_.Text(term.span)));
  record.steps.first = static_cast<uint32_t>(builder_.steps.size());
  const bool from_request = term.kind == Term::Kind::kContext || term.kind == Term::Kind::kAction;
  for (size_t i = from_request ? 1 : 0; i < term.steps.size(); ++i) {
    const dsl::Step& step = term.steps[i];
    builder_.steps.push_back({numbers_.attributes.at(step.attribute), AddValueType(step.type),
                              step.optional ? 1u : 0u, step.from_request ? 1u : 0u,
                              builder_.AddText(step.attribute)});
    ++record.steps.count;
  }
  switch (term.kind) {
    case Term::Kind::kVariable: record.kind = TermRecord::Kind::kVariable; break;
    case Term::Kind::kContext:
    case Term::Kind::kAction: {
      record.kind = TermRecord::Kind::kInput;
      const bool action = term.kind == Term::Kind::kAction;
      const auto& attributes = action ? module_.action : module_.context;
      const auto found =
          std::find_if(attributes.begin(), attributes.end(),
                       [&](const dsl::Attribute& a) { return a.name == term.steps[0].attribute; });
      const size_t index = static_cast<size_t>(found - attributes.begin());
      record.input = static_cast<uint32_t>(index + (action ? module_.context.size() : 0));
      break;
    }
    case Term::Kind::kLiteral: CompileLiteral(term, record); break;
    case Term::Kind::kEntityId:
      record.kind = TermRecord::Kind::kEntityId;
      record.text = builder_.AddText(term.literal.text);
      break;
    case Term::Kind::kSymbol:
      record.kind = TermRecord::Kind::kSymbol;
      record.is_symbol = 1;
      record.space = static_cast<uint8_t>(term.symbol_kind);
      record.symbol = numbers_.symbols[record.space][term.symbol];
      break;
    case Term::Kind::kProgramOf:
      record.kind = TermRecord::Kind::kProgramOf;
      record.is_symbol = 1;
      record.space = kProgramSpace;
      break;
    case Term::Kind::kNow:
    case Term::Kind::kToday:
      record.kind =
          term.kind == Term::Kind::kNow ? TermRecord::Kind::kNow : TermRecord::Kind::kToday;
      record.number = term.literal.number;
      break;
    case Term::Kind::kChangeSecond: record.kind = TermRecord::Kind::kChangeSecond; break;
    case Term::Kind::kSeats:
      record.kind = TermRecord::Kind::kSeats;
      record.licence = term.licence;
      record.pool = term.tenant;
      break;
  }
  if (record.is_symbol == 0) record.value_type = AddValueType(term.type);
  return record;
}

void Compiler::AddTerms() {
  for (const Term& term : module_.terms) builder_.terms.push_back(CompileTerm(term));
}

uint32_t Compiler::AddPlace(const dsl::Span& span) {
  const dsl::Position position = sources_.Locate(span.file, span.begin);
  PlaceRecord record;
  record.file = builder_.AddText(sources_.file(span.file).name);
  record.line = position.line;
  record.column = position.column;
  record.text = builder_.AddText(OneLine(sources_.Text(span)));
  record.offset = span.begin;
  builder_.places.push_back(record);
  return static_cast<uint32_t>(builder_.places.size() - 1);
}

Range Compiler::AddPieces(const std::vector<dsl::TextPiece>& pieces) {
  const Range range{static_cast<uint32_t>(builder_.pieces.size()),
                    static_cast<uint32_t>(pieces.size())};
  for (const dsl::TextPiece& piece : pieces) {
    builder_.pieces.push_back({builder_.AddText(piece.literal), Optional(piece.term), 0});
  }
  return range;
}

uint32_t Compiler::AddReason(const dsl::Reason& reason) {
  builder_.reasons.push_back({builder_.AddText(reason.code), AddPieces(reason.sentence)});
  return static_cast<uint32_t>(builder_.reasons.size() - 1);
}

Range Compiler::AddVariables(const std::vector<dsl::Variable>& variables) {
  const Range range{static_cast<uint32_t>(builder_.variables.size()),
                    static_cast<uint32_t>(variables.size())};
  for (const dsl::Variable& variable : variables) {
    builder_.variables.push_back({builder_.AddText(variable.name), variable.is_symbol ? 1u : 0u,
                                  static_cast<uint32_t>(variable.symbol_kind),
                                  AddTypeNumbers(variable.types)});
  }
  return range;
}

void Compiler::OwnTerm(const std::vector<dsl::Variable>& variables, dsl::TermId id) {
  if (id == dsl::kNone) return;
  if (module_.terms[id].kind == Term::Kind::kSeats) {
    return OwnTerm(variables, module_.terms[id].licence);
  }
  if (module_.terms[id].kind != Term::Kind::kVariable) return;
  const dsl::Variable& variable = variables[module_.terms[id].variable];
  if (!variable.is_symbol) return;
  builder_.terms[id].is_symbol = 1;
  builder_.terms[id].space = static_cast<uint8_t>(variable.symbol_kind);
}

void Compiler::Own(const std::vector<dsl::Variable>& variables, dsl::ConditionId id, Known& known) {
  const Condition& condition = module_.conditions[id];
  NodeRecord& node = builder_.nodes[id];
  for (dsl::TermId term : {condition.subject, condition.object, condition.symbol,
                           condition.other_symbol, condition.program}) {
    OwnTerm(variables, term);
  }
  for (dsl::TermId term : condition.arguments) OwnTerm(variables, term);
  if (condition.reason) {
    for (const dsl::TextPiece& piece : condition.reason->sentence) OwnTerm(variables, piece.term);
  }
  if (condition.kind == Condition::Kind::kSymbolIs) {
    const Term& term = module_.terms[condition.symbol];
    uint32_t space = kProgramSpace;
    if (term.kind == Term::Kind::kSymbol) space = static_cast<uint32_t>(term.symbol_kind);
    if (term.kind == Term::Kind::kVariable) {
      space = static_cast<uint32_t>(variables[term.variable].symbol_kind);
    }
    node.mask = AddSymbolMask(space, condition.symbols);
  }
  if (condition.kind == Condition::Kind::kSome) {
    const dsl::Variable& variable = variables[condition.variable];
    if (variable.is_symbol) {
      node.op = Op::kSomeSymbol;
      node.space = static_cast<uint8_t>(variable.symbol_kind);
    } else {
      node.types = AddTypeNumbers(variable.types);
      node.source = AddCandidates(condition, known, false);
      node.reason_source = AddCandidates(condition, known, true);
    }
    node.mentions &= ~(uint64_t{1} << (condition.variable % 64));
    known[condition.variable] = true;
  }
  for (dsl::ConditionId child : condition.children) Own(variables, child, known);
  if (condition.kind == Condition::Kind::kSome) known[condition.variable] = false;
}

uint64_t Compiler::TermCost(dsl::TermId term) const {
  return term == dsl::kNone ? 0 : kStepCost * module_.terms[term].steps.size();
}

uint64_t Compiler::CostOf(const Condition& condition) const {
  uint64_t cost = 1 + TermCost(condition.subject) + TermCost(condition.object);
  for (dsl::ConditionId child : condition.children) cost += costs_[child];
  switch (condition.kind) {
    case Condition::Kind::kSome: {
      // The variable's kind is its owner's; a walk is assumed when in doubt: the body decides.
      cost = kWalkCost + cost * kWalkFactor;
      break;
    }
    case Condition::Kind::kFact:
      cost += module_.facts[condition.fact].transitive && !condition.directly ? kTransitiveCost
                                                                              : kFactCost;
      break;
    case Condition::Kind::kRole:
    case Condition::Kind::kHolds: cost += kFactCost; break;
    case Condition::Kind::kDefine: cost += define_costs_[condition.define]; break;
    case Condition::Kind::kMay: cost += kMayCost; break;
    case Condition::Kind::kSeatFree: cost += kWalkCost * kWalkFactor; break;
    default: break;
  }
  return std::min(cost, kMaxCost);
}

uint64_t Compiler::Mentions(const Condition& condition) const {
  uint64_t result = 0;
  const auto add = [&](dsl::TermId id) {
    if (id != dsl::kNone && module_.terms[id].kind == Term::Kind::kSeats) {
      id = module_.terms[id].licence;
    }
    if (id != dsl::kNone && module_.terms[id].variable != dsl::kNone) {
      result |= uint64_t{1} << (module_.terms[id].variable % 64);
    }
  };
  for (dsl::TermId id : {condition.subject, condition.object, condition.symbol,
                         condition.other_symbol, condition.program}) {
    add(id);
  }
  for (dsl::TermId id : condition.arguments) add(id);
  for (dsl::ConditionId child : condition.children) result |= builder_.nodes[child].mentions;
  return result;
}

void Compiler::CompileSentence(const Condition& condition, NodeRecord& node) {
  node.subject = Optional(condition.subject);
  node.object = Optional(condition.object);
  node.symbol = Optional(condition.symbol);
  node.other = Optional(condition.other_symbol);
  node.program = Optional(condition.program);
  node.comparison = static_cast<uint8_t>(condition.comparison);
  node.directly = condition.directly ? 1 : 0;
  node.types = AddTypeNumbers(condition.types);
  node.arguments = builder_.AddList(condition.arguments);
  switch (condition.kind) {
    case Condition::Kind::kFact: node.index = condition.fact; break;
    case Condition::Kind::kDefine: node.index = condition.define; break;
    case Condition::Kind::kIncludes: node.index = static_cast<uint32_t>(Table::kIncludes); break;
    case Condition::Kind::kCovers: node.index = static_cast<uint32_t>(Table::kCovers); break;
    case Condition::Kind::kGives: node.index = static_cast<uint32_t>(Table::kGives); break;
    default: break;
  }
}

NodeRecord Compiler::CompileCondition(dsl::ConditionId id) {
  const Condition& condition = module_.conditions[id];
  NodeRecord node;
  node.op = OpOf(condition.kind);
  node.variable = condition.variable == dsl::kNone ? kNoIndex : condition.variable;
  std::vector<uint32_t> children = condition.children;
  std::stable_sort(children.begin(), children.end(),
                   [&](uint32_t a, uint32_t b) { return costs_[a] < costs_[b]; });
  node.children = builder_.AddList(children);
  CompileSentence(condition, node);
  node.place = AddPlace(condition.span);
  if (condition.reason) node.reason = AddReason(*condition.reason);
  node.mentions = Mentions(condition);
  return node;
}

void Compiler::AddConditions() {
  // Costs of definitions are needed by calls, and those of conditions by definitions: both stand
  // after what they lean on, but not in one order. Calls of later definitions cannot be.
  costs_.resize(module_.conditions.size());
  define_costs_.assign(module_.defines.size(), 0);
  std::vector<uint32_t> done(module_.conditions.size(), 0);
  const auto cost_all = [&](dsl::ConditionId root) {
    std::vector<dsl::ConditionId> stack = {root};
    while (!stack.empty()) {
      const dsl::ConditionId id = stack.back();
      bool ready = true;
      for (dsl::ConditionId child : module_.conditions[id].children) {
        if (done[child] == 0) {
          stack.push_back(child);
          ready = false;
        }
      }
      if (!ready) continue;
      costs_[id] = CostOf(module_.conditions[id]);
      done[id] = 1;
      stack.pop_back();
    }
  };
  for (dsl::DefineId id = 0; id < module_.defines.size(); ++id) {
    cost_all(module_.defines[id].condition);
    define_costs_[id] = costs_[module_.defines[id].condition];
  }
  for (dsl::ConditionId id = 0; id < module_.conditions.size(); ++id) {
    if (done[id] == 0) cost_all(id);
  }
  for (dsl::ConditionId id = 0; id < module_.conditions.size(); ++id) {
    builder_.nodes.push_back(CompileCondition(id));
  }
}

void Compiler::AddDefines() {
  for (dsl::DefineId id = 0; id < module_.defines.size(); ++id) {
    const dsl::Define& define = module_.defines[id];
    DefineRecord record;
    record.name = builder_.AddText(define.shape.text);
    record.format = builder_.AddText(FormatOf(define.shape, [](uint32_t slot) { return slot; }));
    record.variables = AddVariables(define.variables);
    record.parameter_count = define.parameter_count;
    record.condition = define.condition;
    record.remembered = define_costs_[id] >= kRememberFrom ? 1 : 0;
    record.place = AddPlace(define.span);
    record.verb = builder_.AddText(define.shape.verb);
    for (uint32_t i = 0; i < define.parameter_count; ++i) {
      const dsl::Slot& slot = define.shape.slots[i];
      if (slot.allowed.empty()) continue;
      builder_.variables[record.variables.first + i].allowed =
          AddSymbolMask(static_cast<uint32_t>(slot.symbol_kind), slot.allowed);
    }
    Known known(define.variables.size(), false);
    for (uint32_t i = 0; i < define.parameter_count; ++i) known[i] = true;
    owner_ = &define.variables;
    Own(define.variables, define.condition, known);
    record.searches = AddSearches(define);
    builder_.defines.push_back(record);
  }
}

// Recursion is bounded by the nesting that the language allows.
void Compiler::MarkFits(uint32_t condition, Range variables) {
  NodeRecord& node = builder_.nodes[condition];
  node.fits = FitsOf(builder_, node, variables);
  for (uint32_t child : builder_.List(node.children)) MarkFits(child, variables);
}

void Compiler::MarkFits() {
  for (const DefineRecord& define : builder_.defines) MarkFits(define.condition, define.variables);
  for (const RuleRecord& rule : builder_.rules) MarkFits(rule.condition, rule.variables);
}

RuleRecord Compiler::CompileRule(const std::string& name, const std::vector<dsl::TextPiece>& title,
                                 dsl::Effect effect, const dsl::Span& span,
                                 const std::vector<dsl::Variable>& variables, size_t head,
                                 dsl::ConditionId condition) {
  RuleRecord record;
  record.name = builder_.AddText(name);
  record.title = AddPieces(title);
  record.effect = static_cast<uint32_t>(effect);
  record.variables = AddVariables(variables);
  record.condition = condition;
  record.place = AddPlace(span);
  Known known(variables.size(), false);
  for (size_t i = 0; i < head; ++i) known[i] = true;
  for (const dsl::TextPiece& piece : title) OwnTerm(variables, piece.term);
  owner_ = &variables;
  Own(variables, condition, known);
  return record;
}

void Compiler::AddRules() {
  for (const dsl::ActRule& rule : module_.acts) {
    RuleRecord record = CompileRule(rule.name, rule.title, rule.effect, rule.span, rule.variables,
                                    3, rule.condition);
    record.on_deny = rule.on_deny ? 1 : 0;
    if (rule.effect == dsl::Effect::kPermit) {
      Known known(rule.variables.size(), false);
      for (size_t v = 0; v < 3; ++v) known[v] = true;
      record.subject_source = AddSearch(rule.condition, 0, known);
      record.object_source = AddSearch(rule.condition, 2, known);
    }
    builder_.rules.push_back(record);
  }
}

}  // namespace portvakt::engine
