// Sentences with `is`: values, comparisons, presence, types, roles.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

constexpr const char* kIsWords[] = {"not", "present", "absent", "less",   "more",
                                    "at",  "before",  "after",  "within", "equal",
                                    "any", "some",    "free",   "a",      "an"};

bool IsMoment(const Cursor& cursor) { return cursor.Is("now") || cursor.Is("today"); }

}  // namespace

Reading Checker::ReadIs(Cursor& cursor) {
  const size_t length = SubjectLength(cursor);
  const Part& part = *cursor.Peek();
  const size_t after = length + 1;
  if (cursor.Is("free", after) || (cursor.Is("not", after) && cursor.Is("free", after + 1))) {
    return {ReadSeatFree(cursor), {}, {}};
  }
  const uint32_t root = part.kind == Part::Kind::kName && length == 1
                            ? FindVariable(SplitName(part.text).front())
                            : kNone;
  if (root != kNone && scope_->variables[root].is_symbol) {
    return {ReadIsSymbol(cursor, part), {}, {}};
  }
  if (cursor.Is("present", after) || cursor.Is("absent", after)) {
    cursor.Skip(after);
    const bool present = cursor.Is("present");
    cursor.Skip(1);
    return ReadIsPresence(cursor, part, present);
  }
  TermId subject = kNone;
  if (cursor.Is("some")) {
    subject = ReadAnonymous(cursor, AllTypes(), "a subject").only();
  } else if (cursor.Is("seats") && cursor.Is("of", 1)) {
    subject = ReadSeats(cursor);
  } else if (IsMoment(cursor) && root == kNone) {
    subject = ReadMoment(cursor);
  } else if (part.kind == Part::Kind::kName && length == 1) {
    cursor.Skip(1);
    if (!StartsPath(part)) {
      for (SymbolKind kind : {SymbolKind::kPermission, SymbolKind::kRole, SymbolKind::kLicence,
                              SymbolKind::kProgram}) {
        if (Table(kind).Find(part.text) == kNone) continue;
        Report(DiagnosticKind::kWrongPlaceForSymbol, part.span,
               "the " + std::string(KindWord(kind)) + " " + Quoted(part.text) + " is always itself",
               "a name of this rule is needed here");
        return {};
      }
    }
    subject = ReadPath(part);
  } else {
    Report(DiagnosticKind::kWrongShape, part.span, "a sentence with `is` begins with a name",
           "not a name of this rule");
    return {};
  }
  if (subject == kNone) return {};
  return ReadIsScalar(cursor, subject);
}

// From `is` on.
Reading Checker::ReadIsScalar(Cursor& cursor, TermId subject) {
  const Term term = module_.terms[subject];
  if (!cursor.Accept("is")) {
    ExpectWord(cursor, "is", "..");
    return {};
  }
  const bool negated = cursor.Accept("not");
  if (cursor.done()) {
    Report(DiagnosticKind::kWrongShape, cursor.Here(), "the sentence ends after `is`",
           "a value is missing");
    return {};
  }
  if ((cursor.Is("a") || cursor.Is("an")) && cursor.Peek(1) != nullptr) {
    return {ReadIsType(cursor, subject, negated), {}, {}};
  }
  bool bad = false;
  Cursor ahead = cursor;
  const bool comparison = AcceptComparison(ahead, bad).has_value();
  if (bad) return {};
  if (comparison) return {ReadComparison(cursor, subject, negated), {}, {}};
  if (term.type.kind == ValueKind::kEntity && !term.type.is_set) {
    return {ReadIsEntity(cursor, subject, negated), {}, {}};
  }
  if (term.type.is_set) {
    Report(DiagnosticKind::kNotComparable, term.span, "a set is no single value",
           ValueWords(term.type))
        .help.push_back("ask " + Quoted(PathText(term) + " contains .."));
    return {};
  }
  const Part& part = *cursor.Peek();
  if (part.kind == Part::Kind::kName && !cursor.Is("any") && !IsMoment(cursor) &&
      !cursor.Is("seats") && !StartsPath(part)) {
    const bool label = term.type.kind == ValueKind::kEnum &&
                       std::count(module_.enums[term.type.enum_type].labels.begin(),
                                  module_.enums[term.type.enum_type].labels.end(), part.text) > 0;
    const bool truth =
        term.type.kind == ValueKind::kBool && (cursor.Is("true") || cursor.Is("false"));
    if (!label && !truth) {
      UnknownIsWord(part, term);
      return {};
    }
  }
  const Operand right = ReadValue(cursor, term.type);
  if (!ExpectEnd(cursor, PathText(term) + " is ..") || right.failed()) return {};
  return {Compare(subject, Comparison::kEqual, right, negated, cursor.sentence()), {}, {}};
}

// A word after `is` that is neither a value nor a word of the language.
void Checker::UnknownIsWord(const Part& part, const Term& subject) {
  std::vector<std::string> candidates;
  const bool entity = subject.type.kind == ValueKind::kEntity;
  if (subject.type.kind == ValueKind::kEnum) {
    candidates = module_.enums[subject.type.enum_type].labels;
  }
  if (subject.type.kind == ValueKind::kBool) candidates = {"true", "false"};
  if (entity) candidates = roles_.Names();
  for (const char* word : kIsWords) candidates.emplace_back(word);
  const std::vector<std::string> segments = SplitName(part.text);
  if (segments.size() > 1 && (!entity || roles_.Find(part.text) == kNone)) {
    UnknownVariable(segments.front(), SegmentSpan(part.span, 0));
    return;
  }
  if (subject.type.kind != ValueKind::kEnum) {
    const std::vector<std::string> likely = Suggest(part.text, candidates);
    if (entity && !likely.empty() && roles_.Find(likely.front()) != kNone) {
      UnknownName unknown = UnknownSymbol(SymbolKind::kRole, part.text, part.span);
      for (size_t index = 0; index < scope_->variables.size(); ++index) {
        if (scope_->states[index].visible) {
          unknown.candidates.push_back(scope_->variables[index].name);
        }
      }
      Unknown(std::move(unknown));
      return;
    }
    UnknownVariable(part.text, part.span, std::move(candidates));
    return;
  }
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownLabel;
  unknown.message = Quoted(part.text) + " is not " + ValueWords(subject.type);
  unknown.name = part.text;
  unknown.span = part.span;
  unknown.table = &labels_[subject.type.enum_type];
  unknown.candidates = std::move(candidates);
  for (size_t index = 0; index < scope_->variables.size(); ++index) {
    if (scope_->states[index].visible) unknown.candidates.push_back(scope_->variables[index].name);
  }
  Unknown(std::move(unknown));
}

// `x is present`, `x is present and less than y`, `x is absent or at most y`.
Reading Checker::ReadIsPresence(Cursor& cursor, const Part& part, bool present) {
  if (part.kind != Part::Kind::kName) {
    Report(DiagnosticKind::kNotOptional, part.span, "only optional attributes can be absent",
           "always there");
    return {};
  }
  const TermId subject = ReadPath(part, 1);
  if (subject == kNone) return {};
  const Term term = module_.terms[subject];
  const bool request = !term.steps.empty() && term.steps.back().from_request;
  if (term.steps.empty() || request || !term.steps.back().optional) {
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kNotOptional, part.span,
               request ? Quoted(PathText(term)) +
                             " comes with the request: it is never absent, only "
                             "unknown"
                       : Quoted(PathText(term)) + " is always there",
               request ? "may be unknown" : "not optional");
    diagnostic.help.emplace_back(
        request ? "compare it: what is unknown never permits, and a forbid applies"
                : "leave the question out, or declare the attribute `optional`");
    return {};
  }
  Condition condition;
  condition.kind = present ? Condition::Kind::kPresent : Condition::Kind::kAbsent;
  condition.span = cursor.sentence();
  condition.subject = subject;
  const ConditionId presence = AddCondition(std::move(condition));
  const std::set<std::string> shown = {PathKey(term, term.steps.size())};
  Reading reading{presence, present ? shown : std::set<std::string>{},
                  present ? std::set<std::string>{} : shown};
  if (cursor.done()) return reading;
  const std::string_view joint = present ? "and" : "or";
  if (!ExpectWord(cursor, joint,
                  PathText(term) + (present ? " is present and .." : " is absent or .."))) {
    return {};
  }
  cursor.Accept("is");
  const bool negated = cursor.Accept("not");
  ConditionId compared = kNone;
  bool bad = false;
  Cursor ahead = cursor;
  if (AcceptComparison(ahead, bad)) {
    compared = ReadComparison(cursor, subject, negated);
  } else if (!bad && term.type.kind == ValueKind::kEntity) {
    compared = ReadIsEntity(cursor, subject, negated);
  } else if (!bad) {
    const Operand right = ReadValue(cursor, term.type);
    if (!right.failed() && ExpectEnd(cursor, PathText(term) + " is present and ..")) {
      compared = Compare(subject, Comparison::kEqual, right, negated, cursor.sentence());
    }
  }
  if (compared == kNone) return {};
  reading.condition = Join(present ? Condition::Kind::kAnd : Condition::Kind::kOr,
                           {presence, compared}, cursor.sentence());
  return reading;
}

ConditionId Checker::ReadIsType(Cursor& cursor, TermId subject, bool negated) {
  cursor.Skip(1);
  const Part& part = *cursor.Next();
  const Term term = module_.terms[subject];
  if (part.kind != Part::Kind::kName) {
    Report(DiagnosticKind::kWrongKind, part.span, "an entity type is needed here", "not a type");
    return kNone;
  }
  const std::vector<TypeId> types = EntityTypes({part.text, part.span, part.quoted});
  if (types.empty() || !ExpectEnd(cursor, "tenant is a client")) return kNone;
  if (term.type.kind != ValueKind::kEntity || term.type.is_set ||
      !Overlap(types, term.type.entity_types)) {
    Report(DiagnosticKind::kNotComparable, part.span,
           "this is " + ValueWords(term.type) + ", never " + Quoted(part.text),
           "never of this type");
    return kNone;
  }
  Condition condition;
  condition.kind = Condition::Kind::kIsType;
  condition.span = cursor.sentence();
  condition.subject = subject;
  condition.types = types;
  const ConditionId added = AddCondition(std::move(condition));
  return negated ? Negate(WrapAnonymous(added, cursor.sentence()), cursor.sentence()) : added;
}

bool Checker::IsRoleValue(const Part& part) const {
  if (part.kind != Part::Kind::kName) return false;
  const uint32_t variable = FindVariable(SplitName(part.text).front());
  if (variable != kNone) {
    return scope_->variables[variable].is_symbol &&
           scope_->variables[variable].symbol_kind == SymbolKind::kRole;
  }
  return roles_.Find(part.text) != kNone;
}

// The list of `is any of { .. }`: of roles unless an element is a path or a text.
bool Checker::IsRoleList(const Part& part) const {
  if (part.kind != Part::Kind::kList) return true;
  return std::all_of(part.list.begin(), part.list.end(), [&](const Part& element) {
    return element.kind == Part::Kind::kName && (IsRoleValue(element) || !StartsPath(element));
  });
}

// The subject is an entity: a role, or another entity, follows.
ConditionId Checker::ReadIsEntity(Cursor& cursor, TermId subject, bool negated) {
  const std::vector<TypeId> types = module_.terms[subject].type.entity_types;
  const Part& part = *cursor.Peek();
  const Part* next = cursor.Peek(1);
  if (cursor.Is("some") && next != nullptr) {
    const uint32_t set = sets_.Find(next->text);
    const bool of_roles = set != kNone && module_.sets[set].kind == SymbolKind::kRole;
    if (IsWord(next, "role") || of_roles) {
      return ReadRole(cursor, subject, ReadSymbol(cursor, SymbolKind::kRole, nullptr), negated);
    }
  } else if (cursor.Is("any") && cursor.Is("of", 1)) {
    const Part* list = cursor.Peek(2);
    if (list != nullptr && IsRoleList(*list)) {
      return ReadRole(cursor, subject, ReadSymbol(cursor, SymbolKind::kRole, nullptr), negated);
    }
  } else if (IsRoleValue(part)) {
    cursor.Skip(1);
    return ReadRole(cursor, subject, ReadSymbolName(part, SymbolKind::kRole, nullptr), negated);
  } else if (part.kind == Part::Kind::kName && !StartsPath(part)) {
    if (IsWord(next, "on") || IsWord(next, "for")) {
      ReadSymbolName(part, SymbolKind::kRole, nullptr);
    } else {
      UnknownIsWord(part, module_.terms[subject]);
    }
    return kNone;
  }
  const Operand right = ReadEntity(cursor, types, "");
  if (!ExpectEnd(cursor, PathText(module_.terms[subject]) + " is ..") || right.failed()) {
    return kNone;
  }
  return Compare(subject, Comparison::kEqual, right, negated, cursor.sentence());
}

std::optional<Comparison> Checker::AcceptComparison(Cursor& cursor, bool& bad) {
  struct Form {
    const char* first;
    const char* second;
    Comparison comparison;
  };
  constexpr Form kForms[] = {
      {"less", "than", Comparison::kLess},      {"more", "than", Comparison::kMore},
      {"at", "least", Comparison::kAtLeast},    {"at", "most", Comparison::kAtMost},
      {"before", nullptr, Comparison::kLess},   {"after", nullptr, Comparison::kMore},
      {"within", nullptr, Comparison::kWithin}, {"equal", "to", Comparison::kEqual}};
  std::vector<std::string> seconds;
  for (const Form& form : kForms) {
    if (!cursor.Is(form.first)) continue;
    if (form.second == nullptr || cursor.Is(form.second, 1)) {
      cursor.Skip(form.second == nullptr ? 1 : 2);
      return form.comparison;
    }
    seconds.emplace_back(form.second);
  }
  // `before` and `at` may be names where nothing is compared; two words of one are not.
  if (seconds.empty() || cursor.Peek(1) == nullptr) return std::nullopt;
  const Part& second = *cursor.Peek(1);
  bad = true;
  Diagnostic& diagnostic =
      Report(DiagnosticKind::kWrongShape, second.span,
             Quoted(cursor.Peek()->text) + " is followed by " + Quoted(seconds.front()) +
                 (seconds.size() > 1 ? " or " + Quoted(seconds.back()) : ""),
             "not " + Quoted(seconds.front()));
  diagnostic.suggestions = Suggest(second.text, seconds);
  if (diagnostic.suggestions.empty()) diagnostic.suggestions = seconds;
  return std::nullopt;
}

ConditionId Checker::ReadComparison(Cursor& cursor, TermId subject, bool negated) {
  const ValueType type = module_.terms[subject].type;
  const Span word = cursor.Here();
  const bool of_time = cursor.Is("before") || cursor.Is("after");
  bool bad = false;
  const Comparison comparison = AcceptComparison(cursor, bad).value_or(Comparison::kEqual);
  const bool instant = type.kind == ValueKind::kDate || type.kind == ValueKind::kInstant;
  const bool ordered = instant || type.kind == ValueKind::kInt ||
                       type.kind == ValueKind::kDecimal || type.kind == ValueKind::kDuration ||
                       (type.kind == ValueKind::kEnum && module_.enums[type.enum_type].ordered);
  bool allowed = !type.is_set;
  std::string help;
  if (comparison == Comparison::kWithin) {
    allowed = allowed && type.kind == ValueKind::kIp;
    help = "`within` asks whether an address lies in a range";
  } else if (comparison != Comparison::kEqual) {
    allowed = allowed && (of_time ? instant : ordered);
    help = of_time ? "`before` and `after` are for dates and instants" : "";
    if (type.kind == ValueKind::kEnum && !ordered) {
      help = "write the enum with `<` between its values to give them an order";
    }
  }
  if (!allowed) {
    Diagnostic& diagnostic = Report(
        DiagnosticKind::kNotComparable, word,
        "this is " + ValueWords(type) + ", which cannot be compared this way", "not possible here");
    if (!help.empty()) diagnostic.help.push_back(help);
    return kNone;
  }
  const Operand right = type.kind == ValueKind::kEntity ? ReadEntity(cursor, type.entity_types, "")
                                                        : ReadValue(cursor, type);
  if (!ExpectEnd(cursor, "..") || right.failed()) return kNone;
  return Compare(subject, comparison, right, negated, cursor.sentence());
}

ConditionId Checker::Compare(TermId left, Comparison comparison, const Operand& right, bool negated,
                             Span span) {
  const bool plain = right.alternatives.size() == 1 && anonymous_.empty();
  std::vector<ConditionId> branches;
  for (TermId term : right.alternatives) {
    Condition condition;
    condition.kind = Condition::Kind::kCompare;
    condition.span = span;
    condition.subject = left;
    condition.comparison = comparison;
    if (plain && negated && comparison == Comparison::kEqual) {
      condition.comparison = Comparison::kNotEqual;
    }
    condition.object = term;
    branches.push_back(AddCondition(std::move(condition)));
  }
  const ConditionId all = Join(Condition::Kind::kOr, std::move(branches), span);
  if (!negated || (plain && comparison == Comparison::kEqual)) return all;
  return Negate(WrapAnonymous(all, span), span);
}

// `batch.tags contains urgent`: a set attribute and a value of its elements' type.
ConditionId Checker::ReadContains(Cursor& cursor) {
  const Part& part = *cursor.Peek();
  const size_t length = SubjectLength(cursor);
  cursor.Skip(length + 1);
  if (part.kind != Part::Kind::kName || length != 1) {
    Report(DiagnosticKind::kWrongShape, part.span, "only an attribute can contain something",
           "not an attribute");
    return kNone;
  }
  const TermId subject = ReadPath(part);
  if (subject == kNone) return kNone;
  ValueType element = module_.terms[subject].type;
  const bool path = !module_.terms[subject].steps.empty();
  if (!path || !element.is_set) {
    Report(DiagnosticKind::kNotComparable, part.span,
           Quoted(part.text) + " is no set" + (path ? ", it is " + ValueWords(element) : ""),
           "contains nothing")
        .help.emplace_back("declare it `set of ..`, or compare it with `is`");
    return kNone;
  }
  element.is_set = false;
  const Operand right = element.kind == ValueKind::kEntity
                            ? ReadEntity(cursor, element.entity_types, "an element of the set")
                            : ReadValue(cursor, element);
  if (!ExpectEnd(cursor, "attribute contains value") || right.failed()) return kNone;
  std::vector<ConditionId> branches;
  for (TermId value : right.alternatives) {
    Condition condition;
    condition.kind = Condition::Kind::kContains;
    condition.span = cursor.sentence();
    condition.subject = subject;
    condition.object = value;
    branches.push_back(AddCondition(std::move(condition)));
  }
  return Join(Condition::Kind::kOr, std::move(branches), cursor.sentence());
}

}  // namespace portvakt::dsl
