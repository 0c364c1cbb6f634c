// The names of a rule, and paths that begin with them: `user`, `run.client.status`,
// `context.login`, `permission.program`.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {

uint32_t Checker::AddVariable(Variable variable, bool from_some, bool failed) {
  for (size_t other = 0; other < scope_->variables.size(); ++other) {
    if (scope_->states[other].anonymous || scope_->variables[other].name != variable.name) {
      continue;
    }
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kNameUsedTwice, variable.span,
               Quoted(variable.name) + " enters twice in one rule", "enters again");
    diagnostic.related.push_back({scope_->variables[other].span, "entered here"});
    diagnostic.help.push_back("call one of them otherwise: " +
                              Quoted(variable.name + " as other_" + variable.name));
    break;
  }
  if (scope_->variables.size() == kMaxNamesInRule) {
    Report(DiagnosticKind::kTooManyNames, variable.span,
           "a rule knows at most " + std::to_string(kMaxNamesInRule) + " names", "one too many");
  }
  Scope::State state;
  state.from_some = from_some;
  state.failed = failed;
  scope_->variables.push_back(std::move(variable));
  scope_->states.push_back(std::move(state));
  return static_cast<uint32_t>(scope_->variables.size() - 1);
}

uint32_t Checker::Bind(const Name& type, const std::optional<Name>& as, bool symbols,
                       bool from_some) {
  Binding binding = ResolveBinding(type, symbols, false);
  Variable variable;
  variable.name = as ? as->text : type.text;
  variable.span = as ? as->span : type.span;
  variable.is_symbol = binding.is_symbol;
  variable.symbol_kind = binding.symbol_kind;
  variable.types = std::move(binding.types);
  const uint32_t bound = AddVariable(std::move(variable), from_some, binding.failed);
  if (binding.failed && !as) {
    std::vector<std::string> meant = types_.Names();
    for (const char* word : {"permission", "role", "licence", "program"}) meant.emplace_back(word);
    scope_->states[bound].aliases = Suggest(type.text, meant);
  }
  return bound;
}

uint32_t Checker::AddAnonymous(const Binding& binding, const std::string& name, Span span) {
  Variable variable;
  variable.name = name;
  variable.span = span;
  variable.is_symbol = binding.is_symbol;
  variable.symbol_kind = binding.symbol_kind;
  variable.types = binding.types;
  Scope::State state;
  state.visible = false;
  state.anonymous = true;
  state.uses = 1;
  if (scope_->variables.size() == kMaxNamesInRule) {
    Report(DiagnosticKind::kTooManyNames, span,
           "a rule knows at most " + std::to_string(kMaxNamesInRule) +
               " names, those that `some` and `any of` bring along included",
           "one too many");
  }
  scope_->variables.push_back(std::move(variable));
  scope_->states.push_back(std::move(state));
  anonymous_.push_back(
      {static_cast<uint32_t>(scope_->variables.size() - 1), binding.is_set, binding.allowed});
  return anonymous_.back().variable;
}

uint32_t Checker::FindVariable(std::string_view name) const {
  for (size_t index = scope_->variables.size(); index-- > 0;) {
    const Scope::State& state = scope_->states[index];
    if (!state.visible) continue;
    if (scope_->variables[index].name == name ||
        std::find(state.aliases.begin(), state.aliases.end(), name) != state.aliases.end()) {
      return static_cast<uint32_t>(index);
    }
  }
  return kNone;
}

bool Checker::StartsPath(const Part& part) const {
  if (part.kind != Part::Kind::kName) return false;
  const std::string root = SplitName(part.text).front();
  if (FindVariable(root) != kNone) return true;
  if (part.quoted) return false;
  if (root == "now" || root == "today") return part.text == root;
  return root == "context" || root == "action" || part.text == "change.second";
}

void Checker::UnknownVariable(const std::string& name, Span span, std::vector<std::string> more) {
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownName;
  unknown.message = "nothing is called " + Quoted(name) + " here";
  unknown.name = name;
  unknown.span = span;
  unknown.candidates = std::move(more);
  for (size_t index = 0; index < scope_->variables.size(); ++index) {
    if (scope_->states[index].visible) unknown.candidates.push_back(scope_->variables[index].name);
  }
  for (const char* word : {"context", "action", "change", "now", "today"}) {
    unknown.candidates.emplace_back(word);
  }
  if (types_.Find(name) != kNone) {
    unknown.help.push_back("a type is no name of this rule: write " + Quoted("some " + name) +
                           " for any one of them");
  }
  Unknown(std::move(unknown));
}

TermId Checker::AddTerm(Term term) {
  module_.terms.push_back(std::move(term));
  return static_cast<TermId>(module_.terms.size() - 1);
}

std::string Checker::PathText(const Term& term) const {
  std::string text;
  if (term.kind == Term::Kind::kContext) text = "context";
  if (term.kind == Term::Kind::kAction) text = "action";
  if (term.kind == Term::Kind::kVariable) text = scope_->variables[term.variable].name;
  if (term.kind == Term::Kind::kChangeSecond) text = "change.second";
  for (const Step& step : term.steps) text += "." + step.attribute;
  return text;
}

// Equal keys, equal values: the root and the first steps.
std::string Checker::PathKey(const Term& term, size_t steps) const {
  std::string key = std::to_string(static_cast<int>(term.kind));
  if (term.variable != kNone) key += ":" + std::to_string(term.variable);
  for (size_t step = 0; step < steps; ++step) key += "." + term.steps[step].attribute;
  return key;
}

TermId Checker::ReadPath(const Part& part, int guard) {
  const std::vector<std::string> segments = SplitName(part.text);
  Term term;
  term.span = part.span;
  std::vector<TypeId> types;
  size_t next = 1;
  if (!ReadRoot(part, segments, term, types, next)) return kNone;
  for (; next < segments.size(); ++next) {
    if (!ReadStep(part, next, segments[next], types, term)) return kNone;
    const ValueType& type = term.steps.back().type;
    types = type.entity_types;
    term.type = type;
    if (type.kind == ValueKind::kEntity && types.empty()) return kNone;
  }
  const size_t free_steps = term.kind == Term::Kind::kVariable ? 0 : 1;
  if (term.steps.size() > kMaxPathSteps + free_steps) {
    Report(DiagnosticKind::kTooManySteps, part.span,
           "a path follows at most " + std::to_string(kMaxPathSteps) + " references",
           std::to_string(term.steps.size() - free_steps) + " steps")
        .help.push_back("bind what stands on the way by `some ..:`, or put it into a definition");
    return kNone;
  }
  for (size_t step = 0; step < term.steps.size(); ++step) {
    const bool last = step + 1 == term.steps.size();
    if (!term.steps[step].optional || term.steps[step].from_request || guard == 2) continue;
    if ((guard == 1 && last) || scope_->guards.contains(PathKey(term, step + 1))) continue;
    Term prefix = term;
    prefix.steps.resize(step + 1);
    const std::string text = PathText(prefix);
    Report(DiagnosticKind::kUnguardedOptional, part.span,
           Quoted(text) + " is optional, and may be absent here", "may be absent")
        .help.push_back("say what holds then: " + Quoted(text + " is present and ..") + " or " +
                        Quoted(text + " is absent or .."));
    return kNone;
  }
  return AddTerm(std::move(term));
}

// The first segment; for context and action also the second.
bool Checker::ReadRoot(const Part& part, const std::vector<std::string>& segments, Term& term,
                       std::vector<TypeId>& types, size_t& next) {
  const uint32_t variable = FindVariable(segments.front());
  if (variable != kNone) {
    ++scope_->states[variable].uses;
    if (scope_->states[variable].failed) return false;
    term.kind = Term::Kind::kVariable;
    term.variable = variable;
    const Variable& bound = scope_->variables[variable];
    if (!bound.is_symbol) {
      types = bound.types;
      term.type.kind = ValueKind::kEntity;
      term.type.entity_types = types;
      return true;
    }
    term.symbol_kind = bound.symbol_kind;
    if (segments.size() == 1) return true;
    if (bound.symbol_kind == SymbolKind::kPermission && segments.size() == 2 &&
        segments[1] == "program") {
      term.kind = Term::Kind::kProgramOf;
      term.symbol_kind = SymbolKind::kProgram;
      next = segments.size();
      return true;
    }
    UnknownName unknown;
    unknown.kind = DiagnosticKind::kUnknownAttribute;
    unknown.name = segments[1];
    unknown.span = SegmentSpan(part.span, 1);
    unknown.message = "a " + std::string(KindWord(bound.symbol_kind)) + " has no attribute " +
                      Quoted(segments[1]);
    if (bound.symbol_kind == SymbolKind::kPermission) unknown.candidates = {"program"};
    Unknown(std::move(unknown));
    return false;
  }
  if (segments.front() == "context" || segments.front() == "action") {
    next = 2;
    if (!ReadRequestStep(part, segments, term)) return false;
    types = term.type.entity_types;
    return !(term.type.kind == ValueKind::kEntity && types.empty());
  }
  if (part.text == "change.second") {
    if (scope_->owner != Scope::Owner::kChange) {
      Report(DiagnosticKind::kUnknownName, part.span,
             "`change.second` is known in rules about changes only", "no change here");
      return false;
    }
    next = 2;
    term.kind = Term::Kind::kChangeSecond;
    term.type.kind = ValueKind::kEntity;
    // The second signer is of the actor's sort.
    types = scope_->actor == kNone ? SubjectTypes() : scope_->variables[scope_->actor].types;
    term.type.entity_types = types;
    return true;
  }
  UnknownVariable(segments.front(), SegmentSpan(part.span, 0));
  return false;
}

bool Checker::ReadRequestStep(const Part& part, const std::vector<std::string>& segments,
                              Term& term) {
  const bool action = segments.front() == "action";
  NameTable& table = action ? action_ : context_;
  const std::string word = segments.front();
  if (segments.size() < 2) {
    Report(DiagnosticKind::kWrongKind, part.span, Quoted(word) + " is no value, its attributes are",
           "which attribute?");
    return false;
  }
  const uint32_t found = table.Use(segments[1]);
  if (found == kNone) {
    UnknownName unknown;
    unknown.kind = DiagnosticKind::kUnknownAttribute;
    unknown.name = segments[1];
    unknown.span = SegmentSpan(part.span, 1);
    unknown.message = "the " + word + " has no attribute " + Quoted(segments[1]);
    unknown.table = &table;
    unknown.candidates = table.Names();
    if (table.size() == 0) {
      unknown.help.push_back("declare it: " + Quoted(word + " { " + segments[1] + " : string }"));
    }
    Unknown(std::move(unknown));
    return false;
  }
  const std::vector<Attribute>& attributes = action ? module_.action : module_.context;
  const Attribute& attribute = attributes[found];
  term.kind = action ? Term::Kind::kAction : Term::Kind::kContext;
  term.steps.push_back({attribute.name, attribute.type, false, true});
  term.type = attribute.type;
  return true;
}

bool Checker::ReadStep(const Part& part, size_t segment, const std::string& name,
                       const std::vector<TypeId>& types, Term& term) {
  const Span span = SegmentSpan(part.span, segment);
  if (term.type.kind != ValueKind::kEntity || term.type.is_set) {
    Report(DiagnosticKind::kUnknownAttribute, span,
           Quoted(PathText(term)) + " is " + ValueWords(term.type) + ", which has no attributes",
           "no attributes here");
    return false;
  }
  Step step;
  if (!FindAttribute(types, name, span, step)) return false;
  term.steps.push_back(std::move(step));
  return true;
}

// An attribute that all the types share. Told when it is not so.
bool Checker::FindAttribute(const std::vector<TypeId>& types, const std::string& name, Span span,
                            Step& step) {
  std::vector<TypeId> without;
  std::vector<const Attribute*> found;
  for (TypeId type : types) {
    const uint32_t number = attributes_[type].Use(name);
    if (number == kNone) {
      without.push_back(type);
    } else {
      found.push_back(&module_.types[type].attributes[number]);
    }
  }
  if (found.empty() || (!without.empty() && types.size() == without.size())) {
    UnknownName unknown;
    unknown.kind = DiagnosticKind::kUnknownAttribute;
    unknown.name = name;
    unknown.span = span;
    unknown.message = TypeWords(types) + " has no attribute " + Quoted(name);
    for (TypeId type : types) {
      const std::vector<std::string> names = attributes_[type].Names();
      unknown.candidates.insert(unknown.candidates.end(), names.begin(), names.end());
    }
    if (types.size() == 1) unknown.table = &attributes_[types.front()];
    Unknown(std::move(unknown));
    return false;
  }
  if (!without.empty()) {
    std::vector<std::string> near;
    for (TypeId type : without) {
      for (const std::string& likely : Suggest(name, attributes_[type].Names())) {
        near.push_back(likely);
      }
    }
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kUnionAttribute, span,
               "not every one of " + TypeWords(types) + " has the attribute " + Quoted(name),
               TypeWords(without) + " has none");
    for (TypeId type : without) {
      const NameTable& table = attributes_[type];
      bool pointed = false;
      for (const std::string& likely : Suggest(name, table.Names())) {
        if (table[table.Find(likely)].uses > 0 || pointed) continue;
        diagnostic.related.push_back(
            {table[table.Find(likely)].span, "is " + Quoted(name) + " meant here?"});
        pointed = true;
      }
      if (!pointed) diagnostic.related.push_back({module_.types[type].span, "declared here"});
    }
    near.resize(std::min<size_t>(near.size(), 3));
    diagnostic.suggestions = std::move(near);
    for (TypeId type : without) {
      const NameTable& table = attributes_[type];
      for (uint32_t other = 0; other < table.size(); ++other) {
        if (table[other].uses > 0 || !OneEditApart(table[other].name, name)) continue;
        WarnOfDeclaration(table[other].name, table[other].span, name, span);
      }
    }
    return false;
  }
  step = {name, found.front()->type, false, false};
  step.type.entity_types.clear();
  for (const Attribute* attribute : found) {
    const bool alike = attribute->type.kind == step.type.kind &&
                       attribute->type.is_set == step.type.is_set &&
                       attribute->type.enum_type == step.type.enum_type;
    if (!alike) {
      Diagnostic& diagnostic = Report(
          DiagnosticKind::kUnionAttribute, span,
          Quoted(name) + " is not of one type in all of " + TypeWords(types), "of different types");
      diagnostic.related.push_back({found.front()->span, ValueWords(found.front()->type)});
      diagnostic.related.push_back({attribute->span, ValueWords(attribute->type)});
      return false;
    }
    step.optional = step.optional || attribute->optional;
    step.from_request = step.from_request || attribute->from_request;
    step.type.entity_types.insert(step.type.entity_types.end(),
                                  attribute->type.entity_types.begin(),
                                  attribute->type.entity_types.end());
  }
  SortUnique(step.type.entity_types);
  return true;
}

TermId Checker::EntityId(TypeId type, const Part& part) {
  Term term;
  term.kind = Term::Kind::kEntityId;
  term.span = part.span;
  term.type.kind = ValueKind::kEntity;
  term.type.entity_types = {type};
  term.literal.text = part.text;
  return AddTerm(std::move(term));
}

}  // namespace portvakt::dsl
