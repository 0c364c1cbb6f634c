// Sentences: a flat row of parts becomes a condition. The verb is found first, since it says what
// the other parts are; then each slot is read as what its place wants.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

// `any of { .. }` in several slots multiply; beyond this nobody would write it out.
constexpr size_t kMaxCombinations = 256;

Name AsName(const Part& part) { return {part.text, part.span, part.quoted}; }

}  // namespace

bool IsWord(const Part* part, std::string_view word) {
  return part != nullptr && part->kind == Part::Kind::kName && !part->quoted && part->text == word;
}

bool Cursor::Is(std::string_view word, size_t ahead) const { return IsWord(Peek(ahead), word); }

bool Cursor::Accept(std::string_view word) {
  if (!Is(word)) return false;
  ++at_;
  return true;
}

Span Cursor::Here() const {
  if (const Part* part = Peek()) return part->span;
  return parts_->empty() ? sentence_ : parts_->back().span;
}

Reading Checker::ReadSentence(const Item& item) {
  anonymous_.clear();
  const Span span =
      item.parts.empty() ? item.span : Cover(item.parts.front().span, item.parts.back().span);
  if (item.parts.empty()) return {Failed(span), {}, {}};
  Cursor cursor(item.parts, span);
  Reading reading = ReadVerb(cursor);
  if (reading.condition == kNone) {
    anonymous_.clear();
    return {Failed(span), {}, {}};
  }
  reading.condition = WrapAnonymous(reading.condition, span);
  return reading;
}

// `some client` around the sentence; members of `any of` narrow it inside.
ConditionId Checker::WrapAnonymous(ConditionId condition, Span span) {
  while (!anonymous_.empty()) {
    const Anonymous bound = std::move(anonymous_.back());
    anonymous_.pop_back();
    if (bound.restricted) {
      Term term;
      term.kind = Term::Kind::kVariable;
      term.span = scope_->variables[bound.variable].span;
      term.variable = bound.variable;
      term.symbol_kind = scope_->variables[bound.variable].symbol_kind;
      const ConditionId narrowed = SymbolIs(AddTerm(std::move(term)), bound.members, span);
      condition = Join(Condition::Kind::kAnd, {narrowed, condition}, span);
    }
    Condition some;
    some.kind = Condition::Kind::kSome;
    some.span = span;
    some.variable = bound.variable;
    some.children = {condition};
    condition = AddCondition(std::move(some));
  }
  return condition;
}

// How many parts the subject takes, by its form alone.
size_t Checker::SubjectLength(const Cursor& cursor) const {
  if (cursor.Is("some")) return 2;
  if (cursor.Is("any") && cursor.Is("of", 1)) return 3;
  if (cursor.Is("seats") && cursor.Is("of", 1)) return 5;
  const Part* next = cursor.Peek(1);
  if (next != nullptr && next->kind == Part::Kind::kMinus) return 4;
  return cursor.Peek()->kind == Part::Kind::kMinus ? 2 : 1;
}

Reading Checker::ReadVerb(Cursor& cursor) {
  const size_t length = SubjectLength(cursor);
  const Part* verb = cursor.Peek(length);
  if (verb == nullptr) return ReadFlag(cursor);
  if (IsWord(verb, "is")) return ReadIs(cursor);
  if (IsWord(verb, "may")) return {ReadMay(cursor), {}, {}};
  if (IsWord(verb, "holds")) return {ReadHolds(cursor), {}, {}};
  if (IsWord(verb, "contains")) return {ReadContains(cursor), {}, {}};
  using Kind = Condition::Kind;
  if (IsWord(verb, "includes")) {
    return {ReadStatic(cursor, Kind::kIncludes, SymbolKind::kPermission), {}, {}};
  }
  if (IsWord(verb, "covers")) {
    return {ReadStatic(cursor, Kind::kCovers, SymbolKind::kLicence), {}, {}};
  }
  if (IsWord(verb, "gives")) {
    return {ReadStatic(cursor, Kind::kGives, SymbolKind::kRole), {}, {}};
  }
  const bool directly = IsWord(verb, "directly");
  if (directly) verb = cursor.Peek(length + 1);
  if (verb != nullptr && verb->kind == Part::Kind::kName) {
    const uint32_t declared = verbs_.Use(verb->text);
    if (declared != kNone) return {ReadDeclared(cursor, declared, directly), {}, {}};
  }
  const Span span = verb == nullptr ? cursor.sentence() : verb->span;
  if (verb == nullptr || verb->kind != Part::Kind::kName) {
    Report(DiagnosticKind::kWrongShape, span, "a verb is needed after the subject", "no verb here");
    return {};
  }
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownVerb;
  unknown.message = "no fact or definition has the verb " + Quoted(verb->text);
  unknown.name = verb->text;
  unknown.span = span;
  unknown.table = &verbs_;
  unknown.candidates = verbs_.Names();
  for (const char* word :
       {"is", "may", "holds", "contains", "includes", "covers", "gives", "directly"}) {
    unknown.candidates.emplace_back(word);
  }
  Unknown(std::move(unknown));
  return {};
}

// A bool attribute alone: `period.locked`.
Reading Checker::ReadFlag(Cursor& cursor) {
  const Part* part = cursor.Peek();
  if (part->kind != Part::Kind::kName) {
    Report(DiagnosticKind::kWrongShape, part->span, "this is no sentence", "a value alone");
    return {};
  }
  if (IsWord(part, "some") || IsWord(part, "now") || IsWord(part, "today")) {
    Report(DiagnosticKind::kWrongShape, part->span, "this is no sentence", "no verb follows");
    return {};
  }
  const TermId subject = ReadPath(*part);
  if (subject == kNone) return {};
  const Term& term = module_.terms[subject];
  const bool symbol =
      term.kind == Term::Kind::kProgramOf ||
      (term.kind == Term::Kind::kVariable && scope_->variables[term.variable].is_symbol);
  if (symbol || term.type.kind != ValueKind::kBool || term.type.is_set) {
    Diagnostic& diagnostic = Report(DiagnosticKind::kNotComparable, part->span,
                                    symbol ? Quoted(part->text) + " alone is no sentence"
                                           : Quoted(part->text) + " alone is no sentence: it is " +
                                                 ValueWords(term.type) + ", not a bool",
                                    "what about it?");
    diagnostic.help.push_back("say something of it: " + Quoted(part->text + " is .."));
    return {};
  }
  Condition condition;
  condition.kind = Condition::Kind::kFlag;
  condition.span = part->span;
  condition.subject = subject;
  return {AddCondition(std::move(condition)), {}, {}};
}

bool Checker::ExpectWord(Cursor& cursor, std::string_view word, const std::string& shape) {
  if (cursor.Accept(word)) return true;
  const bool end = cursor.done();
  Diagnostic& diagnostic = Report(DiagnosticKind::kWrongShape, cursor.Here(),
                                  end ? "the sentence ends where " + Quoted(word) + " is needed"
                                      : Quoted(word) + " is needed here",
                                  end ? "something is missing after this" : "not " + Quoted(word));
  if (!end && cursor.Peek()->kind == Part::Kind::kName) {
    diagnostic.suggestions = Suggest(cursor.Peek()->text, {std::string(word)});
    // Two letters and one slip have little in common, but here nothing else can be meant.
    if (diagnostic.suggestions.empty() && cursor.Peek()->text.size() <= word.size() + 1) {
      diagnostic.suggestions = {std::string(word)};
    }
  }
  diagnostic.help.push_back("the sentence is " + Quoted(shape));
  return false;
}

bool Checker::ExpectWords(Cursor& cursor, const SentenceShape& shape,
                          const std::vector<std::string>& words) {
  return std::all_of(words.begin(), words.end(),
                     [&](const std::string& word) { return ExpectWord(cursor, word, shape.text); });
}

bool Checker::ExpectEnd(Cursor& cursor, const std::string& shape) {
  if (cursor.done()) return true;
  Report(DiagnosticKind::kWrongShape, cursor.Here(), "the sentence should end before this",
         "one too many")
      .help.push_back("the sentence is " + Quoted(shape));
  return false;
}

// Every way to choose one term for each slot.
std::vector<std::vector<TermId>> Checker::Combine(const std::vector<Operand>& operands, Span span) {
  std::vector<std::vector<TermId>> rows = {{}};
  for (const Operand& operand : operands) {
    if (operand.failed()) return {};
    if (rows.size() * operand.alternatives.size() > kMaxCombinations) {
      Report(DiagnosticKind::kTooManyNames, span,
             "the lists of this sentence make more than " + std::to_string(kMaxCombinations) +
                 " sentences of it",
             "too many");
      return {};
    }
    std::vector<std::vector<TermId>> longer;
    for (const std::vector<TermId>& row : rows) {
      for (TermId term : operand.alternatives) {
        longer.push_back(row);
        longer.back().push_back(term);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

ConditionId Checker::ReadDeclared(Cursor& cursor, uint32_t verb, bool directly) {
  const Verb target = verb_targets_[verb];
  const SentenceShape& shape =
      target.is_define ? module_.defines[target.index].shape : module_.facts[target.index].shape;
  if (target.is_define ? define_failed_[target.index] : fact_failed_[target.index]) return kNone;
  std::vector<Operand> operands = {ReadSlot(cursor, shape.slots.front(), shape.text)};
  if (directly) {
    if (target.is_define || !module_.facts[target.index].transitive) {
      Report(DiagnosticKind::kWrongShape, cursor.Here(),
             Quoted(shape.verb) + " is not transitive, so `directly` says nothing",
             "leave this out");
      return kNone;
    }
    cursor.Skip(1);
  }
  cursor.Skip(1);
  for (size_t slot = 0; slot < shape.slots.size(); ++slot) {
    if (!ExpectWords(cursor, shape, shape.words[slot])) return kNone;
    if (slot + 1 < shape.slots.size()) {
      operands.push_back(ReadSlot(cursor, shape.slots[slot + 1], shape.text));
    }
  }
  if (!ExpectEnd(cursor, shape.text)) return kNone;
  std::vector<ConditionId> branches;
  for (const std::vector<TermId>& row : Combine(operands, cursor.sentence())) {
    Condition condition;
    condition.span = cursor.sentence();
    if (target.is_define) {
      condition.kind = Condition::Kind::kDefine;
      condition.define = target.index;
      condition.arguments = row;
    } else {
      const Fact& fact = module_.facts[target.index];
      condition.kind = Condition::Kind::kFact;
      condition.fact = target.index;
      condition.directly = directly;
      condition.subject = row[fact.subject_slot];
      if (fact.object_slot != kNone) condition.object = row[fact.object_slot];
      if (fact.symbol_slot != kNone) condition.symbol = row[fact.symbol_slot];
    }
    branches.push_back(AddCondition(std::move(condition)));
  }
  return Join(Condition::Kind::kOr, std::move(branches), cursor.sentence());
}

Operand Checker::ReadSlot(Cursor& cursor, const Slot& slot, const std::string& shape) {
  if (!cursor.done()) {
    if (slot.is_symbol) {
      return ReadSymbol(cursor, slot.symbol_kind, slot.allowed.empty() ? nullptr : &slot.allowed);
    }
    return ReadEntity(cursor, slot.types, Quoted(shape));
  }
  Report(DiagnosticKind::kWrongShape, cursor.Here(),
         "the sentence ends where " + Quoted(slot.name) + " is needed",
         "something is missing after this")
      .help.push_back("the sentence is " + Quoted(shape));
  return {};
}

bool Checker::Overlap(const std::vector<TypeId>& first, const std::vector<TypeId>& second) const {
  return std::any_of(first.begin(), first.end(), [&](TypeId type) {
    return std::binary_search(second.begin(), second.end(), type);
  });
}

std::vector<TypeId> Checker::AllTypes() const {
  std::vector<TypeId> all;
  for (TypeId type = 0; type < module_.types.size(); ++type) {
    if (!module_.types[type].is_union) all.push_back(type);
  }
  return all;
}

// `where` names the sentence for messages; empty when two entities are compared.
bool Checker::CheckEntityFits(TermId id, const std::vector<TypeId>& types,
                              const std::string& where) {
  const Term& term = module_.terms[id];
  const bool variable = term.kind == Term::Kind::kVariable && term.steps.empty();
  if (term.kind == Term::Kind::kProgramOf ||
      (variable && scope_->variables[term.variable].is_symbol)) {
    Report(DiagnosticKind::kWrongPlaceForSymbol, term.span,
           "a " + std::string(KindWord(term.symbol_kind)) + " cannot stand here",
           TypeWords(types) + " is needed here");
    return false;
  }
  if (types.empty()) return false;  // what names them is already told
  const bool entity = term.type.kind == ValueKind::kEntity && !term.type.is_set;
  if (entity && Overlap(term.type.entity_types, types)) return true;
  const bool compared = where.empty() && entity;
  Diagnostic& diagnostic =
      Report(compared ? DiagnosticKind::kNotComparable : DiagnosticKind::kWrongType, term.span,
             "this is " + ValueWords(term.type) + ", and " + TypeWords(types) + " is needed here",
             compared ? "can never be the same" : "of the wrong type");
  if (!where.empty() && where.front() == '`') diagnostic.help.push_back("the sentence is " + where);
  return false;
}

Operand Checker::ReadEntity(Cursor& cursor, const std::vector<TypeId>& types,
                            const std::string& where) {
  if (cursor.done()) {
    Report(DiagnosticKind::kWrongShape, cursor.Here(),
           "the sentence ends where an entity is needed", "something is missing after this");
    return {};
  }
  if (cursor.Is("some")) return ReadAnonymous(cursor, types, where);
  if (cursor.Is("any") && cursor.Is("of", 1)) {
    cursor.Skip(2);
    const Part* list = cursor.Next();
    if (list == nullptr || list->kind != Part::Kind::kList) {
      Report(DiagnosticKind::kWrongPlaceForSymbol, list == nullptr ? cursor.Here() : list->span,
             "entities are listed in braces", "a list is needed here")
          .help.push_back("write `any of { first, second }`");
      return {};
    }
    Operand all;
    bool failed = false;
    for (const Part& part : list->list) {
      const Operand one = ReadEntityPart(part, types, where);
      failed = failed || one.failed();
      all.alternatives.insert(all.alternatives.end(), one.alternatives.begin(),
                              one.alternatives.end());
    }
    return failed ? Operand{} : all;
  }
  return ReadEntityPart(*cursor.Next(), types, where);
}

Operand Checker::ReadEntityPart(const Part& part, const std::vector<TypeId>& types,
                                const std::string& where) {
  if (part.kind == Part::Kind::kString) {
    Operand ids;
    for (TypeId type : types) ids.alternatives.push_back(EntityId(type, part));
    return ids;
  }
  if (part.kind != Part::Kind::kName ||
      ((part.text == "now" || part.text == "today") && FindVariable(part.text) == kNone)) {
    Report(DiagnosticKind::kWrongType, part.span, TypeWords(types) + " is needed here",
           "not an entity");
    return {};
  }
  if (!StartsPath(part)) {
    for (SymbolKind kind :
         {SymbolKind::kPermission, SymbolKind::kRole, SymbolKind::kLicence, SymbolKind::kProgram}) {
      if (Table(kind).Find(part.text) == kNone && part.text != KindWord(kind)) continue;
      Report(DiagnosticKind::kWrongPlaceForSymbol, part.span,
             "the " + std::string(KindWord(kind)) + " " + Quoted(part.text) + " cannot stand here",
             TypeWords(types) + " is needed here");
      return {};
    }
  }
  const TermId term = ReadPath(part);
  if (term == kNone || !CheckEntityFits(term, types, where)) return {};
  return {{term}};
}

Operand Checker::ReadAnonymous(Cursor& cursor, const std::vector<TypeId>& types,
                               const std::string& where) {
  const Span begin = cursor.Here();
  cursor.Skip(1);
  const Part* part = cursor.Next();
  if (part == nullptr || part->kind != Part::Kind::kName) {
    Report(DiagnosticKind::kWrongShape, begin, "`some` needs a type", "some what?");
    return {};
  }
  const Binding binding = ResolveBinding(AsName(*part), true, true);
  if (binding.failed) return {};
  const uint32_t variable = AddAnonymous(binding, part->text, part->span);
  Term term;
  term.kind = Term::Kind::kVariable;
  term.span = Cover(begin, part->span);
  term.variable = variable;
  term.symbol_kind = binding.symbol_kind;
  term.type.kind = ValueKind::kEntity;
  term.type.entity_types = binding.types;
  const TermId id = AddTerm(std::move(term));
  if (!CheckEntityFits(id, types, where)) return {};
  return {{id}};
}

}  // namespace portvakt::dsl
