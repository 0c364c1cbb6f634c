// The checker's order of work, and its first pass: every declaration gets its number, so that
// declarations may stand in any order and in any file.
#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "dsl/checker.h"
#include "dsl/dsl.h"
#include "dsl/imports.h"

namespace portvakt::dsl {

std::optional<Module> Check(const std::vector<Tree>& trees, const SourceSet& sources,
                            Diagnostics& findings) {
  CheckImports(trees, sources, findings);
  return Checker(trees, sources, findings).Run();
}

std::optional<Module> Compile(const SourceSet& sources, Diagnostics& findings) {
  const std::vector<Tree> trees = Parse(sources, findings);
  return Check(trees, sources, findings);
}

Checker::Checker(const std::vector<Tree>& trees, const SourceSet& sources, Diagnostics& findings)
    : trees_(trees),
      sources_(sources),
      findings_(findings),
      syntax_errors_(findings.has_errors()) {}

std::optional<Module> Checker::Run() {
  Collect();
  CheckPolicyAndZone();
  CheckCounts();
  if (failed_ && module_.types.size() > kMaxTypes) {
    Flush();
    return std::nullopt;
  }
  CheckTypes();
  CheckPermissions();
  CheckSets();
  CheckLicences();
  CheckRoles();
  CheckFacts();
  CheckDefineShapes();
  CheckDefines();
  CheckRules();
  CheckLimits();
  FlushUnknown(unknown_, nullptr);
  CheckCodes();
  CheckPermissionWords();
  // What follows looks at the whole, and would only repeat what is already told.
  if (!failed_) CheckDefineRecursion();
  if (!failed_) CheckTies();
  if (!failed_) CheckMayRecursion();
  if (!failed_) WarnUnanchored();
  Flush();
  if (failed_ || syntax_errors_) return std::nullopt;
  return std::move(module_);
}

void Checker::Collect() {
  for (const Tree& tree : trees_) {
    for (const Declaration& declaration : tree.declarations) CollectOne(tree, declaration);
  }
}

void Checker::CollectOne(const Tree& tree, const Declaration& declaration) {
  const auto keep = [&](NameTable& table, const char* what, auto& list, const auto& decl) {
    const uint32_t earlier = table.Declare(decl.name.text, decl.name.span);
    if (earlier == kNone) {
      list.push_back({&decl, &tree, declaration.span, kNone});
    } else {
      Duplicate(what, decl.name.text, decl.name.span, table[earlier].span);
    }
    return earlier == kNone;
  };
  std::visit(
      [&](const auto& decl) {
        using T = std::decay_t<decltype(decl)>;
        if constexpr (std::is_same_v<T, EntityDecl>) {
          if (!keep(types_, "entity", type_decls_, decl)) return;
          Type type;
          type.name = decl.name.text;
          type.span = decl.name.span;
          type.is_union = !decl.members.empty();
          type.open = decl.open;
          if (!type.is_union) type.members = {static_cast<TypeId>(module_.types.size())};
          module_.types.push_back(std::move(type));
        } else if constexpr (std::is_same_v<T, RequestAttributesDecl>) {
          request_decls_.push_back({&decl, &tree, declaration.span, kNone});
        } else if constexpr (std::is_same_v<T, PermissionDecl>) {
          CollectPermissions(tree, decl, kNone);
        } else if constexpr (std::is_same_v<T, ProgramDecl>) {
          if (keep(programs_, "program", program_decls_, decl)) CollectProgram(tree, decl);
        } else if constexpr (std::is_same_v<T, SetDecl>) {
          keep(sets_, "set", set_decls_, decl);
        } else if constexpr (std::is_same_v<T, LicenceDecl>) {
          keep(licences_, "licence", licence_decls_, decl);
        } else if constexpr (std::is_same_v<T, RoleDecl>) {
          keep(roles_, "role", role_decls_, decl);
        } else if constexpr (std::is_same_v<T, FactDecl>) {
          const auto index = static_cast<uint32_t>(fact_decls_.size());
          fact_decls_.push_back({&decl, &tree, declaration.span, kNone});
          CollectVerb(decl.shape, false, index);
        } else if constexpr (std::is_same_v<T, DefineDecl>) {
          const auto index = static_cast<uint32_t>(define_decls_.size());
          define_decls_.push_back({&decl, &tree, declaration.span, kNone});
          CollectVerb(decl.shape, true, index);
        } else if constexpr (std::is_same_v<T, RuleDecl>) {
          keep(rules_, "rule", rule_decls_, decl);
        } else if constexpr (std::is_same_v<T, LimitDecl>) {
          keep(limits_, "limit", limit_decls_, decl);
        } else if constexpr (std::is_same_v<T, PromiseDecl>) {
          keep(promises_, "promise", promise_decls_, decl);
        }
      },
      declaration.value);
}

void Checker::CollectProgram(const Tree& tree, const ProgramDecl& decl) {
  const auto number = static_cast<ProgramId>(module_.programs.size());
  module_.programs.push_back(
      {decl.name.text, decl.title ? decl.title->text : "", decl.name.span, {}});
  for (const PermissionDecl& permission : decl.permissions) {
    CollectPermissions(tree, permission, number);
  }
}

void Checker::CollectPermissions(const Tree& tree, const PermissionDecl& decl, uint32_t program) {
  for (const Name& name : decl.names) {
    const std::string full =
        program == kNone ? name.text : module_.programs[program].name + "." + name.text;
    const uint32_t earlier = permissions_.Declare(full, name.span);
    if (earlier != kNone) {
      Duplicate("permission", full, name.span, permissions_[earlier].span);
      continue;
    }
    permission_decls_.push_back({&decl, &tree, decl.span, program});
    Permission permission;
    permission.name = full;
    permission.title = decl.title ? decl.title->text : "";
    permission.span = name.span;
    permission.program = program;
    if (program != kNone) {
      module_.programs[program].permissions.push_back(
          static_cast<PermissionId>(module_.permissions.size()));
    }
    module_.permissions.push_back(std::move(permission));
  }
}

// A shape whose verb is missing is told when the shape is read.
void Checker::CollectVerb(const Shape& shape, bool is_define, uint32_t index) {
  if (shape.size() < 2) return;
  const Name& verb = shape[1].name;
  const uint32_t earlier = verbs_.Declare(verb.text, verb.span);
  if (earlier != kNone) {
    Duplicate("verb", verb.text, verb.span, verbs_[earlier].span);
    return;
  }
  verb_targets_.push_back({is_define, index});
}

void Checker::CheckPolicyAndZone() {
  const PolicyDecl* policy = nullptr;
  const TimeZoneDecl* zone = nullptr;
  for (const Tree& tree : trees_) {
    for (const Declaration& declaration : tree.declarations) {
      // Every file may say which policy it belongs to; the first one names the whole.
      if (const auto* found = std::get_if<PolicyDecl>(&declaration.value);
          found != nullptr && policy == nullptr) {
        policy = found;
      }
      if (const auto* found = std::get_if<TimeZoneDecl>(&declaration.value)) {
        if (zone != nullptr) {
          Duplicate("time zone", found->zone.text, found->zone.span, zone->zone.span);
        } else {
          zone = found;
        }
      }
    }
  }
  if (policy != nullptr) {
    module_.name = policy->name.text;
    module_.title = policy->title ? policy->title->text : "";
  }
  if (zone == nullptr) return;
  module_.time_zone = zone->zone.text;
  const std::vector<std::string>& known = ZoneNames();
  if (std::binary_search(known.begin(), known.end(), module_.time_zone)) return;
  std::vector<std::string> suggestions = Suggest(module_.time_zone, known);
  Diagnostic& diagnostic =
      Report(DiagnosticKind::kUnknownTimeZone, zone->zone.span,
             "there is no time zone " + Quoted(module_.time_zone), "not known");
  diagnostic.suggestions = std::move(suggestions);
  diagnostic.help.push_back("zones are named as in the tz database: \"Europe/Stockholm\"");
}

void Checker::CheckCounts() {
  const auto check = [&](size_t count, size_t most, const std::string& what, Span last) {
    if (count <= most) return;
    Report(DiagnosticKind::kTooManyNames, last,
           std::to_string(count) + " " + what + ", and at most " + std::to_string(most) +
               " are allowed",
           "the last one");
  };
  const auto last = [](const NameTable& table) {
    return table.size() == 0 ? Span{} : table[static_cast<uint32_t>(table.size() - 1)].span;
  };
  for (SymbolKind kind :
       {SymbolKind::kPermission, SymbolKind::kRole, SymbolKind::kLicence, SymbolKind::kProgram}) {
    check(Table(kind).size(), kMaxSymbolsOfKind, std::string(KindWord(kind)) + "s",
          last(Table(kind)));
  }
  check(types_.size(), kMaxTypes, "entity types", last(types_));
  check(fact_decls_.size(), kMaxFacts, "facts",
        fact_decls_.empty() ? Span{} : fact_decls_.back().span);
  const size_t rules =
      rule_decls_.size() + define_decls_.size() + limit_decls_.size() + promise_decls_.size();
  check(rules, kMaxRules, "rules, definitions, limits and promises",
        rule_decls_.empty() ? Span{} : rule_decls_.back().span);
}

}  // namespace portvakt::dsl
