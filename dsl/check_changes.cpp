// Rules about changes: what is changed (a fact, a role, a held licence, seats, an entity, an
// attribute) and who changes it. The target's slots become variables; a name that stands where a
// variable would (`user is owner on org`) becomes a condition on that variable.
#include <algorithm>
#include <utility>
#include <variant>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

bool IsWordElement(const Shape& shape, size_t at, std::string_view word) {
  return at < shape.size() && !shape[at].name.quoted && !shape[at].as &&
         shape[at].name.text == word;
}

}  // namespace

void Checker::CheckChangeRule(const Source<RuleDecl>& source, const ChangeHead& head) {
  const RuleDecl& decl = *source.decl;
  Scope scope;
  BeginScope(scope, Scope::Owner::kChange, source.tree);
  ChangeRule rule;
  rule.effect = decl.effect == RuleDecl::Effect::kForbid ? Effect::kForbid
                : decl.effect == RuleDecl::Effect::kNote ? Effect::kNote
                                                         : Effect::kPermit;
  rule.name = decl.name.text;
  rule.span = decl.name.span;
  std::vector<ConditionId> parts = ReadChangeHead(head, rule);
  if (decl.title) rule.title = ReadText(*decl.title);
  const bool implied = !parts.empty();
  if (!implied || decl.body.if_item || decl.body.unless_item) {
    parts.push_back(ReadBody(decl.body));
  }
  rule.condition = Join(Condition::Kind::kAnd, std::move(parts), head.target_span);
  EndScope(scope);
  rule.variables = std::move(scope.variables);
  module_.changes.push_back(std::move(rule));
}

std::vector<ConditionId> Checker::ReadChangeHead(const ChangeHead& head, ChangeRule& rule) {
  std::vector<ConditionId> implied;
  switch (head.operation) {
    case ChangeHead::Operation::kAdd: rule.operation = ChangeRule::Operation::kAdd; break;
    case ChangeHead::Operation::kRemove: rule.operation = ChangeRule::Operation::kRemove; break;
    case ChangeHead::Operation::kChange: rule.operation = ChangeRule::Operation::kChange; break;
  }
  rule.target.span = head.target_span;
  ReadTarget(head, rule.target, implied);
  rule.actor = Bind(head.actor.type, head.actor.as, false, false);
  scope_->actor = rule.actor;
  return implied;
}

void Checker::BadTarget(const ChangeHead& head) {
  Report(DiagnosticKind::kBadChangeTarget, head.target_span,
         "this is nothing that the store can change", "not a target")
      .help.emplace_back(
          "targets are a fact, `user is role on tenant`, `user holds licence from tenant`, `seats "
          "of licence in tenant`, an entity, or an attribute");
}

void Checker::ReadTarget(const ChangeHead& head, ChangeTarget& target,
                         std::vector<ConditionId>& implied) {
  const Shape& shape = head.target;
  if (shape.empty()) return BadTarget(head);
  if (shape.size() == 1) return ReadEntityTarget(shape.front(), head, target);
  if (IsWordElement(shape, 0, "seats") && IsWordElement(shape, 1, "of")) {
    return ReadSeatsTarget(shape, target, implied);
  }
  if (IsWordElement(shape, 1, "is")) return ReadRoleTarget(shape, target, implied);
  if (IsWordElement(shape, 1, "holds")) return ReadHoldsTarget(shape, target, implied);
  const Name& verb = shape[1].name;
  const uint32_t declared = verbs_.Use(verb.text);
  if (declared != kNone) {
    const Verb found = verb_targets_[declared];
    if (!found.is_define) return ReadFactTarget(shape, found.index, target, implied);
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kBadChangeTarget, verb.span,
               "a definition follows from facts, and cannot be changed itself", "not stored");
    diagnostic.related.push_back({verbs_[declared].span, "defined here"});
  } else {
    UnknownName unknown;
    unknown.kind = DiagnosticKind::kUnknownVerb;
    unknown.message = "no fact has the verb " + Quoted(verb.text);
    unknown.name = verb.text;
    unknown.span = verb.span;
    unknown.table = &verbs_;
    unknown.candidates = verbs_.Names();
    unknown.candidates.emplace_back("is");
    unknown.candidates.emplace_back("holds");
    Unknown(std::move(unknown));
  }
  // The rule's names are known all the same, so that its body can be read.
  for (size_t at = 0; at < shape.size(); ++at) {
    if (at == 1 || !(shape[at].as || FindBinding(shape[at].name, true, false))) continue;
    Bind(shape[at].name, shape[at].as, true, false);
  }
}

uint32_t Checker::BindTargetEntity(const ShapeElement& element, const std::vector<TypeId>& types,
                                   const std::string& where) {
  const uint32_t bound = Bind(element.name, element.as, false, false);
  if (!scope_->states[bound].failed && !types.empty() &&
      !Overlap(scope_->variables[bound].types, types)) {
    Report(DiagnosticKind::kWrongType, element.name.span,
           Quoted(element.name.text) + " cannot stand here, " + TypeWords(types) + " is needed",
           "of the wrong type")
        .help.push_back("the sentence is " + Quoted(where));
  }
  return bound;
}

uint32_t Checker::BindTargetSymbol(const ShapeElement& element, SymbolKind kind,
                                   const std::vector<uint32_t>& allowed,
                                   std::vector<ConditionId>& implied) {
  const std::string word(KindWord(kind));
  std::optional<std::vector<uint32_t>> members;
  const uint32_t set = sets_.Find(element.name.text);
  bool failed = false;
  bool named = true;
  if (!element.name.quoted && element.name.text == word) {
    // Any symbol of the kind.
  } else if (set != kNone && Table(kind).Find(element.name.text) == kNone) {
    members = EvaluateItem(element.name, kind, 0);
    failed = !members;
    if (members && *members == allowed) members.reset();
  } else {
    named = element.as.has_value();
    const uint32_t symbol = Table(kind).Use(element.name.text);
    failed = symbol == kNone;
    if (failed) {
      UnknownName unknown = UnknownSymbol(kind, element.name.text, element.name.span);
      unknown.candidates.push_back(word);
      Unknown(std::move(unknown));
    } else if (!allowed.empty() && !Contains(allowed, symbol)) {
      Report(DiagnosticKind::kWrongType, element.name.span,
             Quoted(element.name.text) + " is not among the " + word + "s of this slot",
             "can never stand here");
    } else {
      members = std::vector<uint32_t>{symbol};
    }
  }
  Variable variable;
  variable.name = element.as ? element.as->text : named ? element.name.text : word;
  variable.span = element.as ? element.as->span : element.name.span;
  variable.is_symbol = true;
  variable.symbol_kind = kind;
  const uint32_t bound = AddVariable(std::move(variable), false, failed);
  if (members) {
    Term term;
    term.kind = Term::Kind::kVariable;
    term.span = element.name.span;
    term.variable = bound;
    term.symbol_kind = kind;
    implied.push_back(SymbolIs(AddTerm(std::move(term)), *members, element.name.span));
  }
  return bound;
}

void Checker::ReadFactTarget(const Shape& shape, uint32_t fact_id, ChangeTarget& target,
                             std::vector<ConditionId>& implied) {
  target.kind = ChangeTarget::Kind::kFact;
  target.fact = fact_id;
  const SentenceShape sentence = module_.facts[fact_id].shape;
  if (fact_failed_[fact_id]) {
    scope_->failed = true;
    for (size_t at = 0; at < shape.size(); ++at) {
      if (at != 1 && FindBinding(shape[at].name, true, false)) {
        Bind(shape[at].name, shape[at].as, true, false);
      }
    }
    return;
  }
  const Fact& fact = module_.facts[fact_id];
  size_t at = 0;
  const auto misshapen = [&](const std::string& wanted) {
    const Span span = at < shape.size() ? shape[at].name.span : target.span;
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kWrongShape, span,
               wanted.empty() ? "the sentence should end before this" : wanted + " is needed here",
               wanted.empty() ? "one too many" : "not " + wanted);
    diagnostic.help.push_back("the sentence is " + Quoted(sentence.text));
    if (at < shape.size() && wanted.size() > 2) {
      diagnostic.suggestions = {wanted.substr(1, wanted.size() - 2)};
    }
    // The names that are still to come, so that the body can be read.
    for (; at < shape.size(); ++at) {
      if (FindBinding(shape[at].name, true, false)) {
        Bind(shape[at].name, shape[at].as, true, false);
      }
    }
  };
  for (uint32_t slot = 0; slot < sentence.slots.size(); ++slot) {
    if (at >= shape.size()) return misshapen(Quoted(sentence.slots[slot].name));
    uint32_t bound = kNone;
    if (sentence.slots[slot].is_symbol) {
      bound = BindTargetSymbol(shape[at], sentence.slots[slot].symbol_kind,
                               sentence.slots[slot].allowed, implied);
    } else {
      bound = BindTargetEntity(shape[at], sentence.slots[slot].types, sentence.text);
    }
    if (slot == fact.subject_slot) target.subject = bound;
    if (slot == fact.object_slot) target.object = bound;
    if (slot == fact.symbol_slot) target.symbol = bound;
    ++at;
    if (slot == 0) ++at;  // the verb
    for (const std::string& word : sentence.words[slot]) {
      if (!IsWordElement(shape, at, word)) return misshapen(Quoted(word));
      ++at;
    }
  }
  if (at < shape.size()) misshapen("");
}

// `user is role [for program] [on tenant]`
void Checker::ReadRoleTarget(const Shape& shape, ChangeTarget& target,
                             std::vector<ConditionId>& implied) {
  target.kind = ChangeTarget::Kind::kRole;
  const std::string text = "user is role for program on tenant";
  target.subject = BindTargetEntity(shape[0], {}, text);
  Condition condition;
  condition.span = target.span;
  const auto term = [&](uint32_t variable) {
    Term read;
    read.kind = Term::Kind::kVariable;
    read.span = scope_->variables[variable].span;
    read.variable = variable;
    read.symbol_kind = scope_->variables[variable].symbol_kind;
    read.type.kind = ValueKind::kEntity;
    read.type.entity_types = scope_->variables[variable].types;
    return AddTerm(std::move(read));
  };
  if (shape.size() > 2) {
    target.symbol = BindTargetSymbol(shape[2], SymbolKind::kRole, {}, implied);
  }
  size_t at = 3;
  while (at + 1 < shape.size()) {
    if (target.program == kNone && IsWordElement(shape, at, "for")) {
      target.program = BindTargetSymbol(shape[at + 1], SymbolKind::kProgram, {}, implied);
      condition.program = term(target.program);
    } else if (target.object == kNone && IsWordElement(shape, at, "on")) {
      target.object = BindTargetEntity(shape[at + 1], {}, text);
      condition.object = term(target.object);
    } else {
      break;
    }
    at += 2;
  }
  if (target.symbol == kNone || at != shape.size()) {
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kWrongShape, at < shape.size() ? shape[at].name.span : target.span,
               "this is not how a role is changed", "not expected here");
    diagnostic.help.push_back("the sentence is " + Quoted(text));
    if (at < shape.size()) diagnostic.suggestions = Suggest(shape[at].name.text, {"for", "on"});
    if (at < shape.size() && diagnostic.suggestions.empty()) diagnostic.suggestions = {"on"};
    for (; at < shape.size(); ++at) {
      if (FindBinding(shape[at].name, true, false)) {
        Bind(shape[at].name, shape[at].as, true, false);
      }
    }
    return;
  }
  if (scope_->failed) return;
  condition.subject = term(target.subject);
  condition.symbol = term(target.symbol);
  std::vector<uint32_t> meant = All(SymbolKind::kRole);
  for (ConditionId each : implied) {
    const Condition& restriction = module_.conditions[each];
    if (module_.terms[restriction.symbol].variable == target.symbol) meant = restriction.symbols;
  }
  CheckRoleFits(condition, meant);
}

// `user holds licence [from tenant]`
void Checker::ReadHoldsTarget(const Shape& shape, ChangeTarget& target,
                              std::vector<ConditionId>& implied) {
  target.kind = ChangeTarget::Kind::kHolds;
  const std::string text = "user holds licence from tenant";
  target.subject = BindTargetEntity(shape[0], {}, text);
  if (shape.size() > 2) {
    target.symbol = BindTargetSymbol(shape[2], SymbolKind::kLicence, {}, implied);
  }
  const bool pooled = shape.size() == 5 && IsWordElement(shape, 3, "from");
  if (pooled) target.object = BindTargetEntity(shape[4], {}, text);
  if (target.symbol == kNone || (shape.size() > 3 && !pooled)) {
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kWrongShape, shape.size() > 3 ? shape[3].name.span : target.span,
               "this is not how a held licence is changed", "not expected here");
    diagnostic.help.push_back("the sentence is " + Quoted(text));
    if (shape.size() > 3) diagnostic.suggestions = {"from"};
    if (shape.size() == 5) BindTargetEntity(shape[4], {}, text);
    return;
  }
  if (scope_->failed) return;
  Condition condition;
  condition.span = target.span;
  const auto term = [&](uint32_t variable) {
    Term read;
    read.kind = Term::Kind::kVariable;
    read.span = scope_->variables[variable].span;
    read.variable = variable;
    read.type.kind = ValueKind::kEntity;
    read.type.entity_types = scope_->variables[variable].types;
    return AddTerm(std::move(read));
  };
  condition.subject = term(target.subject);
  if (pooled) condition.object = term(target.object);
  const std::vector<uint32_t> meant =
      implied.empty() ? All(SymbolKind::kLicence) : module_.conditions[implied.front()].symbols;
  CheckHoldsFits(condition, meant);
}

// `seats of licence in tenant`
void Checker::ReadSeatsTarget(const Shape& shape, ChangeTarget& target,
                              std::vector<ConditionId>& implied) {
  target.kind = ChangeTarget::Kind::kSeats;
  const std::string text = "seats of licence in tenant";
  if (shape.size() > 2) {
    target.symbol = BindTargetSymbol(shape[2], SymbolKind::kLicence, {}, implied);
  }
  std::vector<TypeId> pools;
  for (const Licence& licence : module_.licences) {
    pools.insert(pools.end(), licence.from.begin(), licence.from.end());
  }
  SortUnique(pools);
  if (shape.size() > 4) target.subject = BindTargetEntity(shape[4], pools, text);
  if (shape.size() == 5 && IsWordElement(shape, 3, "in")) return;
  Diagnostic& diagnostic =
      Report(DiagnosticKind::kWrongShape, shape.size() > 3 ? shape[3].name.span : target.span,
             "this is not how seats are changed", "not expected here");
  diagnostic.help.push_back("the sentence is " + Quoted(text));
  if (shape.size() > 3) diagnostic.suggestions = {"in"};
}

// `user`, or `user.removed`
void Checker::ReadEntityTarget(const ShapeElement& element, const ChangeHead& head,
                               ChangeTarget& target) {
  const std::vector<std::string> segments = SplitName(element.name.text);
  target.kind = ChangeTarget::Kind::kEntity;
  Name type = element.name;
  type.text = segments.front();
  type.span = SegmentSpan(element.name.span, 0);
  target.subject = Bind(type, element.as, false, false);
  if (segments.size() == 1) return;
  if (segments.size() > 2) return BadTarget(head);
  target.kind = ChangeTarget::Kind::kAttribute;
  target.attribute = segments[1];
  if (scope_->states[target.subject].failed) return;
  Step step;
  const Span span = SegmentSpan(element.name.span, 1);
  if (!FindAttribute(scope_->variables[target.subject].types, segments[1], span, step)) return;
  if (!step.from_request) return;
  Report(DiagnosticKind::kBadChangeTarget, span,
         Quoted(segments[1]) + " comes with each request, and is not stored", "not stored");
}

}  // namespace portvakt::dsl
