// Permissions, roles, licences and programs in sentences: as slots, in `may`, `includes`, `covers`
// and `gives`, and compared with each other.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

Name AsName(const Part& part) { return {part.text, part.span, part.quoted}; }

}  // namespace

ConditionId Checker::SymbolIs(TermId symbol, std::vector<uint32_t> members, Span span) {
  Condition condition;
  condition.kind = Condition::Kind::kSymbolIs;
  condition.span = span;
  condition.symbol = symbol;
  condition.symbols = std::move(members);
  SortUnique(condition.symbols);
  return AddCondition(std::move(condition));
}

Operand Checker::ReadSymbol(Cursor& cursor, SymbolKind kind, const std::vector<uint32_t>* allowed) {
  const std::string word(KindWord(kind));
  if (cursor.done()) {
    Report(DiagnosticKind::kWrongShape, cursor.Here(),
           "the sentence ends where a " + word + " is needed", "something is missing after this");
    return {};
  }
  const Span begin = cursor.Here();
  const bool some = cursor.Is("some");
  if (!some && !(cursor.Is("any") && cursor.Is("of", 1))) {
    return ReadSymbolName(*cursor.Next(), kind, allowed);
  }
  Binding binding;
  Span end = begin;
  if (some) {
    cursor.Skip(1);
    const Part* part = cursor.Next();
    if (part == nullptr || part->kind != Part::Kind::kName) {
      Report(DiagnosticKind::kWrongShape, begin, "`some` needs a " + word, "some what?");
      return {};
    }
    end = part->span;
    binding = ResolveBinding(AsName(*part), true, true);
    if (binding.failed) return {};
    if (!binding.is_symbol || binding.symbol_kind != kind) {
      Report(DiagnosticKind::kWrongKind, part->span,
             "a " + word + " is needed here, and " + Quoted(part->text) + " is none",
             "not a " + word)
          .help.push_back("write " + Quoted("some " + word));
      return {};
    }
  } else {
    cursor.Skip(2);
    bool failed = false;
    binding.allowed = ReadMembers(cursor, kind, failed);
    binding.failed = failed;
    binding.is_symbol = true;
    binding.is_set = true;
    binding.symbol_kind = kind;
    if (failed) return {};
  }
  if (binding.is_set && allowed != nullptr &&
      std::none_of(binding.allowed.begin(), binding.allowed.end(),
                   [&](uint32_t member) { return Contains(*allowed, member); })) {
    Report(DiagnosticKind::kWrongType, begin, "none of these " + word + "s can stand here",
           "the slot admits others");
    return {};
  }
  Term term;
  term.kind = Term::Kind::kVariable;
  term.span = Cover(begin, end);
  term.variable = AddAnonymous(binding, word, term.span);
  term.symbol_kind = kind;
  return {{AddTerm(std::move(term))}};
}

std::vector<uint32_t> Checker::ReadMembers(Cursor& cursor, SymbolKind kind, bool& failed) {
  const Part* part = cursor.Next();
  if (part == nullptr) {
    Report(DiagnosticKind::kWrongShape, cursor.Here(), "`any of` needs a set", "any of what?");
    failed = true;
    return {};
  }
  std::vector<Name> items;
  if (part->kind == Part::Kind::kList) {
    for (const Part& element : part->list) {
      if (element.kind == Part::Kind::kName) {
        items.push_back(AsName(element));
        continue;
      }
      Report(DiagnosticKind::kWrongKind, element.span,
             "a " + std::string(KindWord(kind)) + " is needed here", "not a name");
      failed = true;
    }
  } else if (part->kind == Part::Kind::kName) {
    items.push_back(AsName(*part));
  } else {
    Report(DiagnosticKind::kWrongKind, part->span, "a set or a list is needed here", "not a name");
    failed = true;
  }
  return EvaluateItems(items, kind, 0, failed);
}

Operand Checker::ReadSymbolName(const Part& part, SymbolKind kind,
                                const std::vector<uint32_t>* allowed) {
  const std::string word(KindWord(kind));
  if (part.kind != Part::Kind::kName) {
    Report(DiagnosticKind::kWrongKind, part.span, "a " + word + " is needed here", "not a " + word);
    return {};
  }
  const std::vector<std::string> segments = SplitName(part.text);
  const uint32_t variable = FindVariable(segments.front());
  const bool declared = Table(kind).Find(part.text) != kNone;
  const bool own = variable != kNone && scope_->variables[variable].is_symbol &&
                   (segments.size() > 1 || scope_->variables[variable].symbol_kind == kind);
  if (variable != kNone && (own || !declared)) {
    const TermId term = ReadPath(part, 2);
    if (term == kNone) return {};
    const Term& read = module_.terms[term];
    const bool symbol = read.kind == Term::Kind::kProgramOf ||
                        (read.steps.empty() && read.kind == Term::Kind::kVariable &&
                         scope_->variables[read.variable].is_symbol);
    if (symbol && read.symbol_kind == kind) return {{term}};
    Report(DiagnosticKind::kWrongKind, part.span,
           "a " + word + " is needed here, and " + Quoted(part.text) + " is " +
               (symbol ? "a " + std::string(KindWord(read.symbol_kind)) : ValueWords(read.type)),
           "not a " + word);
    return {};
  }
  const uint32_t symbol = Table(kind).Use(part.text);
  if (symbol == kNone) {
    UnknownName unknown = UnknownSymbol(kind, part.text, part.span);
    for (size_t index = 0; index < scope_->variables.size(); ++index) {
      const Variable& known = scope_->variables[index];
      if (!scope_->states[index].visible) continue;
      if (known.is_symbol) unknown.candidates.push_back(known.name);
      if (known.is_symbol && known.symbol_kind == kind && scope_->states[index].uses == 0 &&
          OneEditApart(known.name, part.text)) {
        // A name of the rule is nearer than a declared one.
        unknown.kind = DiagnosticKind::kUnknownName;
        unknown.message = "nothing is called " + Quoted(part.text) + " here";
        unknown.table = nullptr;
      }
      if (kind == SymbolKind::kProgram && known.is_symbol &&
          known.symbol_kind == SymbolKind::kPermission) {
        unknown.candidates.push_back(known.name + ".program");
      }
    }
    const bool set = sets_.Find(part.text) != kNone;
    const bool program = kind == SymbolKind::kPermission && programs_.Find(part.text) != kNone;
    if (set || program) {
      Report(DiagnosticKind::kWrongKind, part.span,
             "one " + word + " is needed here, and " + Quoted(part.text) + " is a " +
                 (set ? "set" : "program"),
             "not one " + word)
          .help.push_back("write " + Quoted("any of " + part.text));
      return {};
    }
    for (SymbolKind other :
         {SymbolKind::kPermission, SymbolKind::kRole, SymbolKind::kLicence, SymbolKind::kProgram}) {
      const uint32_t found = Table(other).Find(part.text);
      if (found == kNone) continue;
      Report(DiagnosticKind::kWrongKind, part.span,
             "a " + word + " is needed here, and " + Quoted(part.text) + " is a " +
                 std::string(KindWord(other)),
             "not a " + word)
          .related.push_back({Table(other)[found].span, "declared here"});
      return {};
    }
    if (part.text == KindWord(kind)) {
      unknown.help.push_back("write " + Quoted("some " + word) + " for any one");
    }
    Unknown(std::move(unknown));
    return {};
  }
  if (allowed != nullptr && !Contains(*allowed, symbol)) {
    Report(DiagnosticKind::kWrongType, part.span,
           Quoted(part.text) + " is not among the " + word + "s that this slot admits",
           "can never stand here");
    return {};
  }
  Term term;
  term.kind = Term::Kind::kSymbol;
  term.span = part.span;
  term.symbol_kind = kind;
  term.symbol = symbol;
  return {{AddTerm(std::move(term))}};
}

// The named symbols that a term may stand for: one, those of `any of`, or all.
std::vector<uint32_t> Checker::Candidates(TermId symbol) const {
  const Term& term = module_.terms[symbol];
  if (term.kind == Term::Kind::kSymbol) return {term.symbol};
  if (term.kind == Term::Kind::kVariable) {
    for (const Anonymous& bound : anonymous_) {
      if (bound.variable == term.variable && bound.restricted) return bound.members;
    }
  }
  return All(term.symbol_kind);
}

// `user may permission in tenant`, a decision inside a condition.
ConditionId Checker::ReadMay(Cursor& cursor) {
  const std::string shape = "user may permission in tenant";
  const Operand subject = ReadEntity(cursor, AllTypes(), Quoted(shape));
  cursor.Skip(1);
  const Operand permission = ReadSymbol(cursor, SymbolKind::kPermission, nullptr);
  if (!cursor.Accept("on") && !ExpectWord(cursor, "in", shape)) return kNone;
  const Operand object = ReadEntity(cursor, AllTypes(), Quoted(shape));
  if (!ExpectEnd(cursor, shape)) return kNone;
  if (subject.failed() || permission.failed() || object.failed()) return kNone;
  const Term& target = module_.terms[object.only()];
  const std::vector<uint32_t> candidates = Candidates(permission.only());
  const bool reachable = target.kind == Term::Kind::kEntityId ||
                         std::any_of(candidates.begin(), candidates.end(), [&](uint32_t each) {
                           return Overlap(module_.permissions[each].on, target.type.entity_types);
                         });
  if (!reachable) {
    const Term& named = module_.terms[permission.only()];
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kPermissionNotOnType, target.span,
               (named.kind == Term::Kind::kSymbol
                    ? Quoted(module_.permissions[named.symbol].name) + " does not act on "
                    : "none of these permissions acts on ") +
                   TypeWords(target.type.entity_types),
               "no such thing to do here");
    if (named.kind == Term::Kind::kSymbol) {
      diagnostic.related.push_back({module_.permissions[named.symbol].span, "declared here"});
    }
    return kNone;
  }
  std::vector<ConditionId> branches;
  for (const auto& row : Combine({subject, permission, object}, cursor.sentence())) {
    Condition condition;
    condition.kind = Condition::Kind::kMay;
    condition.span = cursor.sentence();
    condition.subject = row[0];
    condition.symbol = row[1];
    condition.object = row[2];
    branches.push_back(AddCondition(std::move(condition)));
  }
  return Join(Condition::Kind::kOr, std::move(branches), cursor.sentence());
}

ConditionId Checker::ReadStatic(Cursor& cursor, Condition::Kind kind, SymbolKind left) {
  const std::string verb = kind == Condition::Kind::kIncludes ? "includes"
                           : kind == Condition::Kind::kCovers ? "covers"
                                                              : "gives";
  const std::string shape = std::string(KindWord(left)) + " " + verb + " permission";
  const Operand first = ReadSymbol(cursor, left, nullptr);
  cursor.Skip(1);
  const Operand second = ReadSymbol(cursor, SymbolKind::kPermission, nullptr);
  if (!ExpectEnd(cursor, shape) || first.failed() || second.failed()) return kNone;
  Condition condition;
  condition.kind = kind;
  condition.span = cursor.sentence();
  condition.symbol = first.only();
  condition.other_symbol = second.only();
  return AddCondition(std::move(condition));
}

// `permission is any of boxes`, `licence is not las`, `tick is permission`.
ConditionId Checker::ReadIsSymbol(Cursor& cursor, const Part& subject) {
  const TermId left = ReadPath(subject, 2);
  cursor.Skip(2);
  const bool negated = cursor.Accept("not");
  if (left == kNone) return kNone;
  const SymbolKind kind = module_.terms[left].symbol_kind;
  const std::string word(KindWord(kind));
  ConditionId condition = kNone;
  const auto among = [&](std::vector<uint32_t> members) {
    if (module_.terms[left].kind != Term::Kind::kProgramOf) {
      return SymbolIs(left, std::move(members), cursor.sentence());
    }
    // The program of a permission is lon: the permission is one of lon's.
    std::vector<uint32_t> permissions;
    for (uint32_t program : members) {
      const std::vector<PermissionId>& own = module_.programs[program].permissions;
      permissions.insert(permissions.end(), own.begin(), own.end());
    }
    Term plain;
    plain.kind = Term::Kind::kVariable;
    plain.span = module_.terms[left].span;
    plain.variable = module_.terms[left].variable;
    plain.symbol_kind = SymbolKind::kPermission;
    return SymbolIs(AddTerm(std::move(plain)), std::move(permissions), cursor.sentence());
  };
  if (cursor.Is("any") && cursor.Is("of", 1)) {
    cursor.Skip(2);
    bool failed = false;
    std::vector<uint32_t> members = ReadMembers(cursor, kind, failed);
    if (failed) return kNone;
    condition = among(std::move(members));
  } else if (cursor.done()) {
    Report(DiagnosticKind::kWrongShape, cursor.Here(),
           "the sentence ends where a " + word + " is needed", "something is missing after this");
    return kNone;
  } else {
    const Operand right = ReadSymbolName(*cursor.Next(), kind, nullptr);
    if (right.failed()) return kNone;
    if (module_.terms[right.only()].kind == Term::Kind::kSymbol) {
      condition = among({module_.terms[right.only()].symbol});
    } else {
      Condition same;
      same.kind = Condition::Kind::kSameSymbol;
      same.span = cursor.sentence();
      same.symbol = left;
      same.other_symbol = right.only();
      condition = AddCondition(std::move(same));
    }
  }
  if (!ExpectEnd(cursor, Quoted(word + " is any of ..")) || condition == kNone) return kNone;
  return negated ? Negate(condition, cursor.sentence()) : condition;
}

}  // namespace portvakt::dsl
