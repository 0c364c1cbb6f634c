// Definitions and rules about acts: heads, the permissions that they name, bodies.
#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

Effect EffectOf(RuleDecl::Effect effect) {
  switch (effect) {
    case RuleDecl::Effect::kForbid: return Effect::kForbid;
    case RuleDecl::Effect::kNote: return Effect::kNote;
    default: return Effect::kPermit;
  }
}

Name AsName(const Part& part) { return {part.text, part.span, part.quoted}; }

}  // namespace

void Checker::CheckDefines() {
  for (DefineId id = 0; id < module_.defines.size(); ++id) {
    Define& define = module_.defines[id];
    const DefineDecl& decl = *define_decls_[id].decl;
    Scope scope;
    BeginScope(scope, Scope::Owner::kDefine, define_decls_[id].tree);
    scope.failed = define_failed_[id];
    size_t slot = 0;
    for (size_t at = 0; at < decl.shape.size() && slot < define.shape.slots.size(); ++at) {
      const ShapeElement& element = decl.shape[at];
      const Slot& declared = define.shape.slots[slot];
      const Name& name = element.as ? *element.as : element.name;
      if (at == 1 || name.text != declared.name) continue;
      Variable variable;
      variable.name = declared.name;
      variable.span = name.span;
      variable.is_symbol = declared.is_symbol;
      variable.symbol_kind = declared.symbol_kind;
      variable.types = declared.types;
      const uint32_t bound =
          AddVariable(std::move(variable), false, !declared.is_symbol && declared.types.empty());
      if (scope.states[bound].failed && !element.as) {
        scope.states[bound].aliases = Suggest(element.name.text, types_.Names());
      }
      ++slot;
    }
    define.parameter_count = static_cast<uint32_t>(scope.variables.size());
    define.condition = ReadBody(decl.body);
    EndScope(scope);
    define.variables = std::move(scope.variables);
  }
}

void Checker::CheckRules() {
  for (const auto& source : rule_decls_) {
    if (const auto* act = std::get_if<ActHead>(&source.decl->head)) {
      CheckActRule(source, *act);
    } else {
      CheckChangeRule(source, std::get<ChangeHead>(source.decl->head));
    }
  }
}

void Checker::CheckActRule(const Source<RuleDecl>& source, const ActHead& head) {
  const RuleDecl& decl = *source.decl;
  Scope scope;
  BeginScope(scope, Scope::Owner::kAct, source.tree);
  ActRule rule;
  rule.effect = EffectOf(decl.effect);
  rule.name = decl.name.text;
  rule.span = decl.name.span;
  rule.on_deny = head.negated;
  if (head.negated && decl.effect != RuleDecl::Effect::kNote) {
    Report(DiagnosticKind::kWrongKind, head.subject.span, "only a `note` says `may not`",
           decl.effect == RuleDecl::Effect::kForbid ? "a forbid says `may`, and then it may not"
                                                    : "a permit says what may be done")
        .help.emplace_back("leave out `not`, or write `forbid`");
  }
  ReadActHead(head, rule);
  if (decl.title) rule.title = ReadText(*decl.title);
  rule.condition = ReadBody(decl.body);
  EndScope(scope);
  rule.variables = std::move(scope.variables);
  module_.acts.push_back(std::move(rule));
}

// Variables 0, 1 and 2: subject, permission, object.
void Checker::ReadActHead(const ActHead& head, ActRule& rule) {
  Bind(head.subject.type, head.subject.as, false, false);
  Variable permission;
  permission.name = "permission";
  permission.span = head.permissions.empty()
                        ? head.preposition.span
                        : Cover(head.permissions.front().span, head.permissions.back().span);
  permission.is_symbol = true;
  permission.symbol_kind = SymbolKind::kPermission;
  AddVariable(std::move(permission), false, false);
  const uint32_t object = Bind(head.object.type, head.object.as, false, false);
  rule.permissions =
      HeadPermissions(head, scope_->variables[object].types, !scope_->states[object].failed);
}

std::vector<PermissionId> Checker::HeadPermissions(const ActHead& head,
                                                   const std::vector<TypeId>& types,
                                                   bool objects_known) {
  if (head.permissions.empty()) return {};
  const Part& first = head.permissions.front();
  const Span span = Cover(first.span, head.permissions.back().span);
  bool failed = false;
  std::vector<uint32_t> named;
  bool single = false;
  if (head.permissions.size() > 1) {
    std::vector<Part> rest(head.permissions.begin() + 2, head.permissions.end());
    Cursor cursor(rest, span);
    named = ReadMembers(cursor, SymbolKind::kPermission, failed);
  } else if (IsWord(&first, "permission")) {
    named = All(SymbolKind::kPermission);
  } else {
    single = true;
    const Name name = AsName(first);
    const uint32_t one = FindPermission(name, kNone, false);
    if (one != kNone) {
      named = {one};
    } else if (sets_.Find(name.text) != kNone || programs_.Find(name.text) != kNone) {
      Report(DiagnosticKind::kWrongKind, name.span,
             Quoted(name.text) + " is a " + (sets_.Find(name.text) != kNone ? "set" : "program") +
                 ", and one permission is needed here",
             "not one permission")
          .help.push_back("write " + Quoted("any of " + name.text));
      failed = true;
    } else {
      UnknownName unknown = UnknownSymbol(SymbolKind::kPermission, name.text, name.span);
      unknown.candidates.emplace_back("permission");
      Unknown(std::move(unknown));
      failed = true;
    }
  }
  if (failed || !objects_known) return {};
  std::vector<PermissionId> acting;
  std::copy_if(named.begin(), named.end(), std::back_inserter(acting),
               [&](uint32_t each) { return Overlap(module_.permissions[each].on, types); });
  if (!acting.empty()) return acting;
  if (single) {
    const Permission& permission = module_.permissions[named.front()];
    if (permission.on.empty()) return {};  // already told
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kPermissionNotOnType, first.span,
               Quoted(permission.name) + " does not act on " + TypeWords(types),
               "acts on " + TypeWords(permission.on));
    diagnostic.related.push_back({permission.span, "declared here"});
  } else {
    Report(DiagnosticKind::kNeverApplies, span,
           "none of these permissions acts on " + TypeWords(types), "never applies");
  }
  return {};
}

}  // namespace portvakt::dsl
