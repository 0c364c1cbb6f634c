// Who holds which licence and has which role: the sentences, and whether they fit how the licence
// or role is declared.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {

ConditionId Checker::ReadHolds(Cursor& cursor) {
  const std::string shape = "user holds licence from tenant";
  const Operand subject = ReadEntity(cursor, AllTypes(), Quoted(shape));
  cursor.Skip(1);
  const Operand licence = ReadSymbol(cursor, SymbolKind::kLicence, nullptr);
  Operand pool = {{kNone}};
  if (!cursor.done()) {
    if (!ExpectWord(cursor, "from", shape)) return kNone;
    pool = ReadEntity(cursor, AllTypes(), Quoted(shape));
    if (!ExpectEnd(cursor, shape)) return kNone;
  }
  if (subject.failed() || licence.failed() || pool.failed()) return kNone;
  std::vector<ConditionId> branches;
  for (const auto& row : Combine({subject, licence, pool}, cursor.sentence())) {
    Condition condition;
    condition.kind = Condition::Kind::kHolds;
    condition.span = cursor.sentence();
    condition.subject = row[0];
    condition.symbol = row[1];
    condition.object = row[2];
    if (!CheckHoldsFits(condition, Candidates(row[1]))) return kNone;
    branches.push_back(AddCondition(std::move(condition)));
  }
  return Join(Condition::Kind::kOr, std::move(branches), cursor.sentence());
}

// Some licence that is meant must be held in this way, by and from these types.
bool Checker::CheckHoldsFits(const Condition& condition, const std::vector<uint32_t>& meant) {
  const bool pooled = condition.object != kNone;
  bool form = false;
  bool holder = false;
  for (uint32_t each : meant) {
    const Licence& licence = module_.licences[each];
    // What names its types is already told.
    if (licence.held_by.empty()) return true;
    if (licence.from.empty() == pooled) continue;
    form = true;
    if (!Overlap(licence.held_by, module_.terms[condition.subject].type.entity_types)) continue;
    holder = true;
    if (!pooled || Overlap(licence.from, module_.terms[condition.object].type.entity_types)) {
      return true;
    }
  }
  if (meant.empty()) {
    Report(DiagnosticKind::kConditionOnRole, condition.span, "no licence is declared",
           "nobody can hold one");
    return false;
  }
  const std::string which = meant.size() == 1
                                ? "the licence " + Quoted(module_.licences[meant[0]].name)
                                : std::string("each of these licences");
  Diagnostic* diagnostic = nullptr;
  if (!form) {
    diagnostic = &Report(DiagnosticKind::kConditionOnRole, condition.span,
                         which + (pooled ? " is held without `from`" : " is held from something"),
                         pooled ? "leave out `from`" : "from what?");
  } else if (!holder) {
    const Term& subject = module_.terms[condition.subject];
    diagnostic = &Report(DiagnosticKind::kConditionOnRole, subject.span,
                         which + " is not held by " + TypeWords(subject.type.entity_types),
                         "cannot hold it");
  } else {
    const Term& object = module_.terms[condition.object];
    diagnostic = &Report(DiagnosticKind::kConditionOnRole, object.span,
                         which + " is not held from " + TypeWords(object.type.entity_types),
                         "has no seats of it");
  }
  if (meant.size() == 1) {
    diagnostic->related.push_back({module_.licences[meant[0]].span, "declared here"});
  }
  return false;
}

// After `user is`: `for PROGRAM` and `on ENTITY`, in either order.
ConditionId Checker::ReadRole(Cursor& cursor, TermId subject, const Operand& role, bool negated) {
  Operand program = {{kNone}};
  Operand object = {{kNone}};
  const std::string shape = "user is role for program on tenant";
  while (!cursor.done()) {
    if (program.only() == kNone && cursor.Accept("for")) {
      program = ReadSymbol(cursor, SymbolKind::kProgram, nullptr);
      if (program.failed()) return kNone;
    } else if (object.only() == kNone && cursor.Accept("on")) {
      object = ReadEntity(cursor, AllTypes(), Quoted(shape));
      if (object.failed()) return kNone;
    } else {
      ExpectWord(cursor, object.only() == kNone ? "on" : "for", shape);
      return kNone;
    }
  }
  if (role.failed()) return kNone;
  std::vector<ConditionId> branches;
  for (const auto& row : Combine({role, program, object}, cursor.sentence())) {
    Condition condition;
    condition.kind = Condition::Kind::kRole;
    condition.span = cursor.sentence();
    condition.subject = subject;
    condition.symbol = row[0];
    condition.program = row[1];
    condition.object = row[2];
    if (!CheckRoleFits(condition, Candidates(row[0]))) return kNone;
    branches.push_back(AddCondition(std::move(condition)));
  }
  const ConditionId all = Join(Condition::Kind::kOr, std::move(branches), cursor.sentence());
  if (!negated) return all;
  return Negate(WrapAnonymous(all, cursor.sentence()), cursor.sentence());
}

bool Checker::CheckRoleFits(const Condition& condition, const std::vector<uint32_t>& meant) {
  const bool placed = condition.object != kNone;
  bool form = false;
  bool program = false;
  bool holder = false;
  for (uint32_t each : meant) {
    const Role& role = module_.roles[each];
    const bool has_types = !role_decls_[each].decl->on.empty();
    if (has_types && role.on.empty()) return true;  // already told
    if (has_types != placed) continue;
    form = true;
    if (condition.program != kNone && !role.for_program) continue;
    program = true;
    // A role that nobody asks about with a rule has no known holders.
    if (!role.held_by.empty() &&
        !Overlap(role.held_by, module_.terms[condition.subject].type.entity_types)) {
      continue;
    }
    holder = true;
    if (!placed || Overlap(role.on, module_.terms[condition.object].type.entity_types)) {
      return true;
    }
  }
  if (meant.empty()) {
    Report(DiagnosticKind::kConditionOnRole, condition.span, "no role is declared",
           "nobody can have one");
    return false;
  }
  const std::string which = meant.size() == 1 ? "the role " + Quoted(module_.roles[meant[0]].name)
                                              : std::string("each of these roles");
  Diagnostic* diagnostic = nullptr;
  const auto about = [&](Span span, const std::string& message, const std::string& label) {
    diagnostic = &Report(DiagnosticKind::kConditionOnRole, span, which + message, label);
  };
  if (!form) {
    about(condition.span, placed ? " is held everywhere" : " is held on something",
          placed ? "leave out `on`" : "on what?");
  } else if (!program) {
    about(module_.terms[condition.program].span, " is not held for a program",
          "leave this out, or declare the role `for program`");
  } else if (!holder) {
    const Term& subject = module_.terms[condition.subject];
    about(subject.span, " is not held by " + TypeWords(subject.type.entity_types),
          "cannot hold it");
  } else {
    const Term& object = module_.terms[condition.object];
    about(object.span, " is not held on " + TypeWords(object.type.entity_types),
          "no such role here");
  }
  if (meant.size() == 1) {
    diagnostic->related.push_back({module_.roles[meant[0]].span, "declared here"});
  }
  return false;
}

// `licence is free in tenant`
ConditionId Checker::ReadSeatFree(Cursor& cursor) {
  const std::string shape = "licence is free in tenant";
  const Operand licence = ReadSymbol(cursor, SymbolKind::kLicence, nullptr);
  cursor.Skip(1);
  const bool negated = cursor.Accept("not");
  cursor.Skip(1);
  if (!ExpectWord(cursor, "in", shape)) return kNone;
  const Operand pool = ReadEntity(cursor, AllTypes(), Quoted(shape));
  if (!ExpectEnd(cursor, shape) || licence.failed() || pool.failed()) return kNone;
  const Term& tenant = module_.terms[pool.only()];
  const std::vector<uint32_t> meant = Candidates(licence.only());
  const bool seats = std::any_of(meant.begin(), meant.end(), [&](uint32_t each) {
    return Overlap(module_.licences[each].from, tenant.type.entity_types);
  });
  if (!seats) {
    Report(DiagnosticKind::kConditionOnRole, tenant.span,
           "no such licence has seats in " + TypeWords(tenant.type.entity_types),
           "has no seats of it");
    return kNone;
  }
  std::vector<ConditionId> branches;
  for (const auto& row : Combine({licence, pool}, cursor.sentence())) {
    Condition condition;
    condition.kind = Condition::Kind::kSeatFree;
    condition.span = cursor.sentence();
    condition.symbol = row[0];
    condition.object = row[1];
    branches.push_back(AddCondition(std::move(condition)));
  }
  const ConditionId all = Join(Condition::Kind::kOr, std::move(branches), cursor.sentence());
  if (!negated) return all;
  return Negate(WrapAnonymous(all, cursor.sentence()), cursor.sentence());
}

}  // namespace portvakt::dsl
