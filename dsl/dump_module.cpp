// The text form of a checked module, without places: what a policy means, as tests compare it.
#include <cstdio>
#include <string>

#include "dsl/dsl.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

using Kind = Condition::Kind;

// A list of anything, each written by `write`.
template <typename List, typename Write>
std::string Joined(const List& list, const Write& write, const char* separator = ", ") {
  std::string text;
  for (const auto& element : list) {
    if (!text.empty()) text += separator;
    text += write(element);
  }
  return text;
}

class Dumper {
 public:
  explicit Dumper(const Module& module) : module_(module) {}
  std::string Run();

 private:
  void Line(size_t depth, const std::string& text) {
    out_ += std::string(2 * depth, ' ') + text + "\n";
  }
  void DumpTypes();
  void DumpAttributes(const std::vector<Attribute>& attributes);
  void DumpSymbols();
  void DumpSentences();
  void DumpRules();
  void DumpLimits();
  void DumpCondition(ConditionId id, size_t depth);
  std::string ConditionText(const Condition& condition) const;
  std::string TypeNames(const std::vector<TypeId>& types) const;
  std::string SymbolNames(SymbolKind kind, const std::vector<uint32_t>& symbols) const;
  std::string SymbolName(SymbolKind kind, uint32_t symbol) const;
  std::string ValueText(const ValueType& type) const;
  std::string ShapeText(const SentenceShape& shape) const;
  std::string TermText(TermId id) const;
  std::string LiteralText(const Term& term) const;
  std::string VariableText(uint32_t variable) const;
  std::string VariableList(const std::vector<Variable>& variables, size_t count) const;
  std::string PiecesText(const std::vector<TextPiece>& pieces) const;
  std::string TargetText(const ChangeTarget& target) const;
  SymbolKind KindOf(TermId symbol) const { return module_.terms[symbol].symbol_kind; }

  const Module& module_;
  const std::vector<Variable>* variables_ = nullptr;  // of the rule being written
  std::string out_;
};

const char* KindWordOf(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kPermission: return "permission";
    case SymbolKind::kRole: return "role";
    case SymbolKind::kLicence: return "licence";
    default: return "program";
  }
}

const char* ComparisonText(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual: return "=";
    case Comparison::kNotEqual: return "!=";
    case Comparison::kLess: return "<";
    case Comparison::kAtMost: return "<=";
    case Comparison::kMore: return ">";
    case Comparison::kAtLeast: return ">=";
    default: return "within";
  }
}

const char* EffectText(Effect effect) {
  return effect == Effect::kPermit ? "permit" : effect == Effect::kForbid ? "forbid" : "note";
}

const char* OperationText(ChangeRule::Operation operation) {
  switch (operation) {
    case ChangeRule::Operation::kAdd: return "add";
    case ChangeRule::Operation::kRemove: return "remove";
    default: return "change";
  }
}

std::string Titled(const std::string& title) { return title.empty() ? "" : " " + Quote(title); }

std::string Dumper::TypeNames(const std::vector<TypeId>& types) const {
  return Joined(
      types, [&](TypeId type) { return module_.types[type].name; }, "|");
}

std::string Dumper::SymbolName(SymbolKind kind, uint32_t symbol) const {
  switch (kind) {
    case SymbolKind::kPermission: return module_.permissions[symbol].name;
    case SymbolKind::kRole: return module_.roles[symbol].name;
    case SymbolKind::kLicence: return module_.licences[symbol].name;
    default: return module_.programs[symbol].name;
  }
}

std::string Dumper::SymbolNames(SymbolKind kind, const std::vector<uint32_t>& symbols) const {
  return Joined(symbols, [&](uint32_t symbol) { return SymbolName(kind, symbol); });
}

std::string Dumper::ValueText(const ValueType& type) const {
  static const char* const kWords[] = {"bool", "int",     "decimal",  "string", "enum",
                                       "date", "instant", "duration", "ip",     "entity"};
  std::string text = type.is_set ? "set of " : "";
  if (type.kind == ValueKind::kEntity) return text + TypeNames(type.entity_types);
  if (type.kind != ValueKind::kEnum) return text + kWords[static_cast<size_t>(type.kind)];
  const EnumType& labels = module_.enums[type.enum_type];
  return text + "{ " +
         Joined(
             labels.labels, [](const std::string& label) { return label; },
             labels.ordered ? " < " : ", ") +
         " }";
}

void Dumper::DumpAttributes(const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    Line(1, attribute.name + " : " + ValueText(attribute.type) +
                (attribute.optional ? " optional" : "") +
                (attribute.from_request ? " from request" : ""));
  }
}

void Dumper::DumpTypes() {
  for (const Type& type : module_.types) {
    Line(0, std::string(type.is_union ? "union "
                        : type.open   ? "open entity "
                                      : "entity ") +
                type.name + (type.is_union ? " is " + TypeNames(type.members) : ""));
    DumpAttributes(type.attributes);
  }
  if (!module_.context.empty()) Line(0, "context");
  DumpAttributes(module_.context);
  if (!module_.action.empty()) Line(0, "action");
  DumpAttributes(module_.action);
}

void Dumper::DumpSymbols() {
  for (const Program& program : module_.programs) {
    Line(0, "program " + program.name + Titled(program.title));
    for (PermissionId permission : program.permissions) {
      Line(1, module_.permissions[permission].name);
    }
  }
  for (const Permission& permission : module_.permissions) {
    Line(0, "permission " + permission.name + Titled(permission.title) + " on " +
                TypeNames(permission.on));
    Line(1, "includes " + SymbolNames(SymbolKind::kPermission, permission.includes));
    if (permission.requires_permissions.empty()) continue;
    Line(1, "requires " + SymbolNames(SymbolKind::kPermission, permission.requires_permissions));
  }
  for (const NamedSet& set : module_.sets) {
    Line(0, "set " + set.name + " of " + KindWordOf(set.kind) +
                "s: " + SymbolNames(set.kind, set.members));
  }
  for (const Licence& licence : module_.licences) {
    Line(0, "licence " + licence.name + Titled(licence.title) + " held by " +
                TypeNames(licence.held_by) +
                (licence.from.empty() ? "" : " from " + TypeNames(licence.from)));
    if (licence.covers.empty()) continue;
    Line(1, "covers " + SymbolNames(SymbolKind::kPermission, licence.covers));
  }
  for (const Role& role : module_.roles) {
    Line(0, "role " + role.name + Titled(role.title) +
                (role.on.empty() ? "" : " on " + TypeNames(role.on)) +
                (role.for_program ? " for program" : "") + " held by " + TypeNames(role.held_by));
    Line(1, "includes " + SymbolNames(SymbolKind::kRole, role.includes));
    if (role.gives.empty()) continue;
    Line(1, "gives " + SymbolNames(SymbolKind::kPermission, role.gives));
  }
}

std::string Dumper::ShapeText(const SentenceShape& shape) const {
  std::string text;
  for (size_t slot = 0; slot < shape.slots.size(); ++slot) {
    const Slot& each = shape.slots[slot];
    if (slot > 0) text += " ";
    text += "[" + each.name + ": ";
    text += each.is_symbol ? KindWordOf(each.symbol_kind) : TypeNames(each.types);
    if (!each.allowed.empty()) text += " of " + SymbolNames(each.symbol_kind, each.allowed);
    text += "]";
    if (slot == 0) text += " " + shape.verb;
    for (const std::string& word : shape.words[slot]) text += " " + word;
  }
  return text;
}

std::string Dumper::VariableText(uint32_t variable) const {
  if (variable == kNone || variables_ == nullptr || variable >= variables_->size()) return "?";
  return (*variables_)[variable].name + "#" + std::to_string(variable);
}

std::string Dumper::VariableList(const std::vector<Variable>& variables, size_t count) const {
  std::string text;
  for (size_t index = 0; index < count && index < variables.size(); ++index) {
    const Variable& variable = variables[index];
    if (index > 0) text += ", ";
    text += variable.name + "#" + std::to_string(index) + ": ";
    text += variable.is_symbol ? KindWordOf(variable.symbol_kind) : TypeNames(variable.types);
  }
  return text;
}

std::string Dumper::LiteralText(const Term& term) const {
  switch (term.type.kind) {
    case ValueKind::kString: return Quote(term.literal.text);
    case ValueKind::kEnum: return term.literal.text;
    case ValueKind::kIp: {
      std::string text = "ip ";
      for (unsigned char byte : term.literal.text) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
        text += digits;
      }
      return text;
    }
    case ValueKind::kBool: return term.literal.number != 0 ? "true" : "false";
    default: return ValueText(term.type) + " " + std::to_string(term.literal.number);
  }
}

std::string Dumper::TermText(TermId id) const {
  if (id == kNone) return "nothing";
  const Term& term = module_.terms[id];
  const auto path = [&](std::string text) {
    for (const Step& step : term.steps) text += "." + step.attribute;
    return text;
  };
  const auto moment = [&](const std::string& word) {
    return term.literal.number == 0 ? word : word + std::to_string(term.literal.number);
  };
  switch (term.kind) {
    case Term::Kind::kVariable: return path(VariableText(term.variable));
    case Term::Kind::kContext: return path("context");
    case Term::Kind::kAction: return path("action");
    case Term::Kind::kChangeSecond: return path("change.second");
    case Term::Kind::kLiteral: return LiteralText(term);
    case Term::Kind::kEntityId:
      return TypeNames(term.type.entity_types) + " " + Quote(term.literal.text);
    case Term::Kind::kSymbol: return SymbolName(term.symbol_kind, term.symbol);
    case Term::Kind::kProgramOf: return VariableText(term.variable) + ".program";
    case Term::Kind::kNow: return moment("now");
    case Term::Kind::kToday: return moment("today");
    case Term::Kind::kSeats:
      return "seats of " + TermText(term.licence) + " in " + TermText(term.tenant);
  }
  return "?";
}

std::string Dumper::PiecesText(const std::vector<TextPiece>& pieces) const {
  std::string text;
  for (const TextPiece& piece : pieces) {
    text += piece.term == kNone ? piece.literal : "{" + TermText(piece.term) + "}";
  }
  return Quote(text);
}

std::string Dumper::ConditionText(const Condition& condition) const {
  const auto term = [&](TermId id) { return TermText(id); };
  switch (condition.kind) {
    case Kind::kTrue: return "true";
    case Kind::kAnd: return "and";
    case Kind::kOr: return "or";
    case Kind::kNot: return "not";
    case Kind::kSome: {
      const Variable& variable = (*variables_)[condition.variable];
      return "some " + VariableText(condition.variable) + ": " +
             (variable.is_symbol ? KindWordOf(variable.symbol_kind) : TypeNames(variable.types));
    }
    case Kind::kFact: {
      std::string text =
          "fact " + module_.facts[condition.fact].shape.verb + "(" + term(condition.subject);
      if (condition.object != kNone) text += ", " + term(condition.object);
      if (condition.symbol != kNone) text += ", " + term(condition.symbol);
      return text + ")" + (condition.directly ? " directly" : "");
    }
    case Kind::kRole:
      return "role " + term(condition.symbol) + "(" + term(condition.subject) +
             (condition.object == kNone ? "" : ", " + term(condition.object)) + ")" +
             (condition.program == kNone ? "" : " for " + term(condition.program));
    case Kind::kHolds:
      return "holds " + term(condition.symbol) + "(" + term(condition.subject) +
             (condition.object == kNone ? "" : ", " + term(condition.object)) + ")";
    case Kind::kDefine:
      return "define " + module_.defines[condition.define].shape.verb + "(" +
             Joined(condition.arguments, term) + ")";
    case Kind::kMay:
      return "may " + term(condition.symbol) + "(" + term(condition.subject) + ", " +
             term(condition.object) + ")";
    case Kind::kCompare:
      return term(condition.subject) + " " + ComparisonText(condition.comparison) + " " +
             term(condition.object);
    case Kind::kPresent: return "present " + term(condition.subject);
    case Kind::kAbsent: return "absent " + term(condition.subject);
    case Kind::kIsType: return term(condition.subject) + " is a " + TypeNames(condition.types);
    case Kind::kFlag: return "flag " + term(condition.subject);
    case Kind::kContains: return term(condition.subject) + " contains " + term(condition.object);
    case Kind::kSeatFree:
      return "free " + term(condition.symbol) + "(" + term(condition.object) + ")";
    case Kind::kIncludes:
      return term(condition.symbol) + " includes " + term(condition.other_symbol);
    case Kind::kCovers: return term(condition.symbol) + " covers " + term(condition.other_symbol);
    case Kind::kGives: return term(condition.symbol) + " gives " + term(condition.other_symbol);
    case Kind::kSymbolIs:
      return term(condition.symbol) + " in { " +
             SymbolNames(KindOf(condition.symbol), condition.symbols) + " }";
    case Kind::kSameSymbol: return term(condition.symbol) + " is " + term(condition.other_symbol);
  }
  return "?";
}

// Depth is bounded by the checker: kMaxNesting and what sugar adds.
void Dumper::DumpCondition(ConditionId id, size_t depth) {
  const Condition& condition = module_.conditions[id];
  std::string text = ConditionText(condition);
  if (condition.reason) {
    text += "  else " + condition.reason->code;
    if (!condition.reason->sentence.empty()) text += " " + PiecesText(condition.reason->sentence);
  }
  Line(depth, text);
  for (ConditionId child : condition.children) DumpCondition(child, depth + 1);
}

void Dumper::DumpSentences() {
  for (const Fact& fact : module_.facts) {
    std::string text = "fact " + ShapeText(fact.shape) + (fact.transitive ? " transitive" : "");
    if (fact.lasting_us) {
      text += std::string(" lasting ") + (fact.lasting_at_most ? "at most " : "") +
              std::to_string(*fact.lasting_us) + " us";
    }
    Line(0, text);
  }
  for (const Define& define : module_.defines) {
    variables_ = &define.variables;
    Line(0, "define " + ShapeText(define.shape));
    DumpCondition(define.condition, 1);
  }
}

std::string Dumper::TargetText(const ChangeTarget& target) const {
  const auto more = [&](const char* word, uint32_t variable) {
    return variable == kNone ? std::string() : word + VariableText(variable);
  };
  const std::string subject = VariableText(target.subject);
  switch (target.kind) {
    case ChangeTarget::Kind::kFact:
      return "fact " + module_.facts[target.fact].shape.verb + "(" + subject +
             more(", ", target.object) + more(", ", target.symbol) + ")";
    case ChangeTarget::Kind::kRole:
      return "role " + VariableText(target.symbol) + "(" + subject + more(", ", target.object) +
             ")" + more(" for ", target.program);
    case ChangeTarget::Kind::kHolds:
      return "holds " + VariableText(target.symbol) + "(" + subject + more(", ", target.object) +
             ")";
    case ChangeTarget::Kind::kSeats:
      return "seats of " + VariableText(target.symbol) + " in " + subject;
    case ChangeTarget::Kind::kEntity: return "entity " + subject;
    case ChangeTarget::Kind::kAttribute: return "attribute " + subject + "." + target.attribute;
  }
  return "?";
}

void Dumper::DumpRules() {
  for (const ActRule& rule : module_.acts) {
    variables_ = &rule.variables;
    Line(0, std::string(EffectText(rule.effect)) + " " + rule.name +
                (rule.title.empty() ? "" : " " + PiecesText(rule.title)));
    Line(1, VariableList(rule.variables, 3) + (rule.on_deny ? " on deny" : ""));
    Line(1, "permissions " + SymbolNames(SymbolKind::kPermission, rule.permissions));
    DumpCondition(rule.condition, 1);
  }
  for (const ChangeRule& rule : module_.changes) {
    variables_ = &rule.variables;
    Line(0, std::string(EffectText(rule.effect)) + " " + rule.name +
                (rule.title.empty() ? "" : " " + PiecesText(rule.title)));
    Line(1, std::string(OperationText(rule.operation)) + " " + TargetText(rule.target) + " by " +
                VariableText(rule.actor));
    Line(1, VariableList(rule.variables, rule.actor + size_t{1}));
    DumpCondition(rule.condition, 1);
  }
}

void Dumper::DumpLimits() {
  for (const Limit& limit : module_.limits) {
    variables_ = &limit.variables;
    Line(0, "limit " + limit.name + (limit.title.empty() ? "" : " " + PiecesText(limit.title)));
    Line(1, "for every " + VariableList(limit.variables, limit.for_every_count));
    if (limit.count != Limit::Count::kUncounted) {
      Line(1, std::string(limit.count == Limit::Count::kAtLeast ? "at least " : "at most ") +
                  TermText(limit.bound) + " " + VariableText(limit.for_every_count));
    }
    DumpCondition(limit.condition, 1);
  }
  for (const Promise& promise : module_.promises) {
    variables_ = &promise.variables;
    Line(0, "promise " + promise.name + Titled(promise.title) + " no");
    if (promise.is_change) {
      Line(1, std::string(OperationText(promise.change.operation)) + " " +
                  TargetText(promise.change.target) + " by " + VariableText(promise.change.actor));
    } else {
      Line(1, VariableList(promise.variables, 3));
      Line(1, "permissions " + SymbolNames(SymbolKind::kPermission, promise.act.permissions));
    }
    Line(1, promise.without ? "without" : "with");
    DumpCondition(promise.condition, 2);
  }
}

std::string Dumper::Run() {
  if (!module_.name.empty()) Line(0, "policy " + module_.name + Titled(module_.title));
  if (!module_.time_zone.empty()) Line(0, "time zone " + module_.time_zone);
  DumpTypes();
  DumpSymbols();
  DumpSentences();
  DumpRules();
  DumpLimits();
  return std::move(out_);
}

}  // namespace

std::string DumpModule(const Module& module) { return Dumper(module).Run(); }

}  // namespace portvakt::dsl
