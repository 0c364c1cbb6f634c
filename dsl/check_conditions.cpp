// Conditions: items inside each other, what they show to be present, reasons, and the scope that
// their names live in.
#include <algorithm>
#include <iterator>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

std::set<std::string> Both(const std::set<std::string>& left, const std::set<std::string>& right) {
  std::set<std::string> both;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                        std::inserter(both, both.end()));
  return both;
}

}  // namespace

void Checker::BeginScope(Scope& scope, Scope::Owner owner, const Tree* tree) {
  scope.owner = owner;
  scope.tree = tree;
  scope_ = &scope;
}

bool Checker::EndScope(Scope& scope) {
  // A name that nobody bound, and a bound one close to it that nobody uses: the slip is there.
  std::map<std::string, std::vector<const UnknownName*>> groups;
  for (const UnknownName& unknown : scope.unknown) groups[unknown.name].push_back(&unknown);
  std::set<std::string> told;
  for (const auto& [name, group] : groups) {
    for (size_t index = 0; index < scope.variables.size(); ++index) {
      const Variable& variable = scope.variables[index];
      if (scope.states[index].uses > 0 || scope.states[index].anonymous ||
          Suggest(name, {variable.name}).empty()) {
        continue;
      }
      if (group.size() < 2) {
        continue;
      }
      Diagnostic& diagnostic = Report(DiagnosticKind::kUnknownName, variable.span,
                                      Quoted(variable.name) + " is never used, but " +
                                          Quoted(name) + ", which nothing is called, is used " +
                                          std::to_string(group.size()) + " times",
                                      "is it " + Quoted(name) + " that is meant?");
      diagnostic.related.push_back({group.front()->span, "used here"});
      diagnostic.suggestions = {name};
      told.insert(name);
      break;
    }
  }
  for (const UnknownName& unknown : scope.unknown) {
    if (told.contains(unknown.name)) continue;
    Diagnostic& diagnostic = Report(unknown.kind, unknown.span, unknown.message, "not known");
    diagnostic.suggestions = Suggest(unknown.name, unknown.candidates);
    diagnostic.help = unknown.help;
    size_t unused = scope.variables.size();
    for (size_t index = 0; index < scope.variables.size(); ++index) {
      const std::string& name = scope.variables[index].name;
      if (scope.states[index].uses > 0 || scope.states[index].anonymous) continue;
      if (std::count(diagnostic.suggestions.begin(), diagnostic.suggestions.end(), name) == 0) {
        continue;
      }
      diagnostic.related.push_back(
          {scope.variables[index].span, Quoted(name) + " enters here, and is never used"});
      unused = index;
    }
    if (unused == scope.variables.size()) continue;
    const Variable& variable = scope.variables[unused];
    if (OneEditApart(variable.name, unknown.name)) {
      WarnOfDeclaration(variable.name, variable.span, unknown.name, unknown.span);
    }
  }
  scope.unknown.clear();
  if (!scope.failed) WarnUnused(scope);
  scope_ = nullptr;
  Flush();
  return !scope.failed;
}

void Checker::WarnUnused(const Scope& scope) {
  for (size_t index = 0; index < scope.variables.size(); ++index) {
    const Scope::State& state = scope.states[index];
    // An entity that no sentence speaks of is untied, which is an error and told as such.
    if (!state.from_some || state.uses > 0 || !scope.variables[index].is_symbol) continue;
    Report(DiagnosticKind::kUnusedName, scope.variables[index].span,
           Quoted(scope.variables[index].name) + " is never used", "bound here");
  }
}

ConditionId Checker::AddCondition(Condition condition) {
  module_.conditions.push_back(std::move(condition));
  return static_cast<ConditionId>(module_.conditions.size() - 1);
}

// Stands where something is wrong; the module is not given out then.
ConditionId Checker::Failed(Span span) {
  if (scope_ != nullptr) scope_->failed = true;
  failed_ = true;
  Condition condition;
  condition.span = span;
  return AddCondition(std::move(condition));
}

ConditionId Checker::Negate(ConditionId condition, Span span) {
  Condition negation;
  negation.kind = Condition::Kind::kNot;
  negation.span = span;
  negation.children = {condition};
  return AddCondition(std::move(negation));
}

// One child stays itself; none (all of them failed) is kNone.
ConditionId Checker::Join(Condition::Kind kind, std::vector<ConditionId> children, Span span) {
  if (children.empty()) return kNone;
  if (children.size() == 1) return children.front();
  Condition group;
  group.kind = kind;
  group.span = span;
  group.children = std::move(children);
  return AddCondition(std::move(group));
}

Reading Checker::ReadItem(ItemId id, size_t depth) {
  if (id >= scope_->tree->items.size()) return {Failed({}), {}, {}};
  const Item& item = scope_->tree->items[id];
  if (depth > kMaxNesting) {
    Report(DiagnosticKind::kNestedTooDeep, item.span,
           "brackets, `not` and `some` stand more than " + std::to_string(kMaxNesting) +
               " deep in each other",
           "too deep")
        .help.push_back("give the inner part a name by `define`");
    return {Failed(item.span), {}, {}};
  }
  Reading reading;
  switch (item.kind) {
    case Item::Kind::kSentence: reading = ReadSentence(item); break;
    case Item::Kind::kNot: {
      const Reading inner = item.children.empty() ? Reading{Failed(item.span), {}, {}}
                                                  : ReadItem(item.children.front(), depth + 1);
      reading = {Negate(inner.condition, item.span), inner.when_false, inner.when_true};
      break;
    }
    case Item::Kind::kSome: reading = ReadSome(item, depth); break;
    case Item::Kind::kAnd:
    case Item::Kind::kOr: reading = ReadGroup(item, depth); break;
  }
  if (item.else_clause) AttachReason(reading.condition, *item.else_clause);
  return reading;
}

// What an earlier part shows to be present counts for the later ones: in `and` when it is true, in
// `or` when it is false.
Reading Checker::ReadGroup(const Item& item, size_t depth) {
  const bool all = item.kind == Item::Kind::kAnd;
  const std::set<std::string> before = scope_->guards;
  Reading group;
  std::vector<ConditionId> children;
  for (size_t index = 0; index < item.children.size(); ++index) {
    Reading child = ReadItem(item.children[index], depth + 1);
    children.push_back(child.condition);
    std::set<std::string>& joined = all ? group.when_true : group.when_false;
    std::set<std::string>& common = all ? group.when_false : group.when_true;
    const std::set<std::string>& shown = all ? child.when_true : child.when_false;
    const std::set<std::string>& other = all ? child.when_false : child.when_true;
    joined.insert(shown.begin(), shown.end());
    common = index == 0 ? other : Both(common, other);
    scope_->guards.insert(shown.begin(), shown.end());
  }
  scope_->guards = before;
  group.condition =
      Join(all ? Condition::Kind::kAnd : Condition::Kind::kOr, std::move(children), item.span);
  if (group.condition == kNone) group.condition = Failed(item.span);
  return group;
}

Reading Checker::ReadSome(const Item& item, size_t depth) {
  std::vector<uint32_t> bound;
  for (const Binder& binder : item.binders) {
    bound.push_back(Bind(binder.type, binder.as, true, true));
  }
  Reading inner = item.children.empty() ? Reading{Failed(item.span), {}, {}}
                                        : ReadItem(item.children.front(), depth + 1);
  for (size_t index = bound.size(); index-- > 0;) {
    scope_->states[bound[index]].visible = false;
    Condition some;
    some.kind = Condition::Kind::kSome;
    some.span = item.span;
    some.variable = bound[index];
    some.children = {inner.condition};
    inner.condition = AddCondition(std::move(some));
  }
  return {inner.condition, std::move(inner.when_true), {}};
}

// `if` and `unless` become one condition.
ConditionId Checker::ReadBody(const Body& body) {
  Reading positive;
  if (body.if_item) {
    positive = ReadItem(*body.if_item, 0);
    scope_->guards = positive.when_true;
  }
  if (!body.unless_item) {
    return positive.condition == kNone ? AddCondition({}) : positive.condition;
  }
  const Reading negative = ReadItem(*body.unless_item, 0);
  scope_->guards.clear();
  const Span span = module_.conditions[negative.condition].span;
  const ConditionId negated = Negate(negative.condition, span);
  if (positive.condition == kNone) return negated;
  return Join(Condition::Kind::kAnd, {positive.condition, negated},
              Cover(module_.conditions[positive.condition].span, span));
}

void Checker::AttachReason(ConditionId& condition, const ElseClause& clause) {
  Reason reason;
  reason.code = clause.code.text;
  if (clause.sentence) reason.sentence = ReadText(*clause.sentence);
  codes_.push_back({clause.code.text, clause.code.span});
  if (module_.conditions[condition].reason) {
    // The bracket has its own; this one stands around it.
    Condition around;
    around.kind = Condition::Kind::kAnd;
    around.span = module_.conditions[condition].span;
    around.children = {condition};
    condition = AddCondition(std::move(around));
  }
  module_.conditions[condition].reason = std::move(reason);
}

// Cuts `{names}` out of a sentence. Places are found in the text as written, where escapes take
// two bytes.
std::vector<TextPiece> Checker::ReadText(const Text& text) {
  std::vector<Span> places;
  const std::string_view raw = sources_.Text(text.span);
  for (size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] == '\\') {
      ++at;
    } else if (raw[at] == '{' && at + 1 < raw.size() && raw[at + 1] == '{') {
      ++at;
    } else if (raw[at] == '{') {
      const size_t end = std::min(raw.find('}', at), raw.size());
      places.push_back({text.span.file, text.span.begin + static_cast<uint32_t>(at + 1),
                        text.span.begin + static_cast<uint32_t>(end)});
      at = end;
    }
  }
  std::vector<TextPiece> pieces;
  std::string literal;
  size_t place = 0;
  const std::string& plain = text.text;
  for (size_t at = 0; at < plain.size(); ++at) {
    const bool doubled = at + 1 < plain.size() && plain[at + 1] == plain[at];
    if (plain[at] != '{') {
      literal.push_back(plain[at]);
      if (plain[at] == '}' && doubled) ++at;
      continue;
    }
    if (doubled) {
      literal.push_back('{');
      ++at;
      continue;
    }
    const size_t end = plain.find('}', at);
    const Span span = place < places.size() ? places[place] : text.span;
    ++place;
    if (end == std::string::npos) {
      Report(DiagnosticKind::kUnknownNameInText, span, "the brace is not closed",
             "a name and `}` are needed here")
          .help.push_back("write `{{` for a brace");
      return pieces;
    }
    const TermId term = ReadTextTerm(std::string_view(plain).substr(at + 1, end - at - 1), span);
    if (!literal.empty()) pieces.push_back({std::move(literal), kNone});
    literal.clear();
    if (term != kNone) pieces.push_back({"", term});
    at = end;
  }
  if (!literal.empty()) pieces.push_back({std::move(literal), kNone});
  return pieces;
}

TermId Checker::ReadTextTerm(std::string_view name, Span span) {
  Part part;
  part.text = std::string(name);
  part.span = span;
  if (StartsPath(part) && name != "now" && name != "today") return ReadPath(part, 2);
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownNameInText;
  unknown.message = "nothing is called " + Quoted(name) + " here";
  unknown.name = SplitName(name).front();
  unknown.span = SegmentSpan(span, 0);
  for (size_t index = 0; index < scope_->variables.size(); ++index) {
    if (scope_->states[index].visible) unknown.candidates.push_back(scope_->variables[index].name);
  }
  unknown.candidates.emplace_back("context");
  unknown.candidates.emplace_back("action");
  unknown.help.emplace_back("write `{{` for a brace");
  scope_->failed = true;
  failed_ = true;
  scope_->unknown.push_back(std::move(unknown));
  return kNone;
}

}  // namespace portvakt::dsl
