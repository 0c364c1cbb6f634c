// Permissions, licences and roles: what they act on, include, require, cover and give.
#include <algorithm>
#include <utility>
#include <variant>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {

void Checker::CheckPermissions() {
  std::vector<std::vector<TypeId>> program_types;
  for (const auto& source : program_decls_) {
    program_types.push_back(EntityTypes(source.decl->types));
  }
  std::vector<std::vector<uint32_t>> includes(module_.permissions.size());
  const PermissionDecl* previous = nullptr;
  for (PermissionId id = 0; id < module_.permissions.size(); ++id) {
    const auto& [decl, tree, span, program] = permission_decls_[id];
    Permission& permission = module_.permissions[id];
    // Several names of one declaration share its lists; what is wrong in them is told once.
    const bool again = decl == previous;
    previous = decl;
    if (again) {
      permission.on = module_.permissions[id - 1].on;
      includes[id] = includes[id - 1];
      permission.requires_permissions = module_.permissions[id - 1].requires_permissions;
      continue;
    }
    if (!decl->types.empty()) {
      permission.on = EntityTypes(decl->types);
    } else if (program != kNone) {
      permission.on = program_types[program];
    } else {
      Report(DiagnosticKind::kPermissionNotOnType, permission.span,
             "the permission " + Quoted(permission.name) + " does not act on any type",
             "in or on what?")
          .help.push_back("write `in` or `on` and the types that it acts on");
    }
    for (const Name& name : decl->includes) {
      const uint32_t included = FindPermission(name, program, true);
      if (included != kNone) includes[id].push_back(included);
    }
    for (const Name& name : decl->requires_names) {
      const uint32_t required = FindPermission(name, program, true);
      if (required != kNone) permission.requires_permissions.push_back(required);
    }
  }
  CloseInclusion(SymbolKind::kPermission, includes);
  for (PermissionId id = 0; id < module_.permissions.size(); ++id) {
    module_.permissions[id].includes = std::move(includes[id]);
  }
}

// Inside a program among its own first.
uint32_t Checker::FindPermission(const Name& name, uint32_t program, bool report) {
  if (program != kNone) {
    const uint32_t own = permissions_.Use(module_.programs[program].name + "." + name.text);
    if (own != kNone) return own;
  }
  const uint32_t found = permissions_.Use(name.text);
  if (found != kNone || !report) return found;
  UnknownName unknown = UnknownSymbol(SymbolKind::kPermission, name.text, name.span);
  if (program != kNone) {
    const std::string prefix = module_.programs[program].name + ".";
    if (!name.text.starts_with(prefix)) unknown.prefix = prefix;
    for (PermissionId own : module_.programs[program].permissions) {
      unknown.candidates.push_back(module_.permissions[own].name.substr(prefix.size()));
    }
  }
  if (programs_.Find(name.text) != kNone || sets_.Find(name.text) != kNone) {
    unknown.help.push_back(Quoted(name.text) + " is a " +
                           (programs_.Find(name.text) != kNone ? "program" : "set") +
                           "; a single permission is needed here");
    unknown.table = nullptr;
  }
  Unknown(std::move(unknown));
  return kNone;
}

// Makes `includes` reflexive and transitive, and tells the circles. Iterative, with an own stack:
// chains of inclusion may be as long as there are names.
void Checker::CloseInclusion(SymbolKind kind, std::vector<std::vector<uint32_t>>& includes) {
  enum State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> states(includes.size(), kNew);
  std::vector<std::vector<uint32_t>> closed(includes.size());
  struct Frame {
    uint32_t symbol;
    size_t next;
  };
  for (uint32_t start = 0; start < includes.size(); ++start) {
    if (states[start] != kNew) continue;
    std::vector<Frame> stack = {{start, 0}};
    states[start] = kOpen;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const uint32_t symbol = frame.symbol;
      if (frame.next < includes[symbol].size()) {
        const uint32_t included = includes[symbol][frame.next++];
        if (states[included] == kNew) {
          states[included] = kOpen;
          stack.push_back({included, 0});
        } else if (states[included] == kOpen) {
          const auto begin = std::find_if(stack.begin(), stack.end(), [&](const Frame& open) {
            return open.symbol == included;
          });
          std::string path;
          for (auto step = begin; step != stack.end(); ++step) {
            path += Quoted(Table(kind)[step->symbol].name) + " includes ";
          }
          path += Quoted(Table(kind)[included].name);
          Diagnostic& diagnostic =
              Report(DiagnosticKind::kInclusionCycle, Table(kind)[included].span,
                     std::string(KindWord(kind)) + "s include each other in a circle: " + path,
                     "includes itself in the end");
          for (auto step = begin + 1; step < stack.end(); ++step) {
            diagnostic.related.push_back({Table(kind)[step->symbol].span, "part of the circle"});
          }
          diagnostic.help.push_back("what always comes together is one " +
                                    std::string(KindWord(kind)));
        }
        continue;
      }
      std::vector<uint32_t>& all = closed[symbol];
      all.push_back(symbol);
      for (uint32_t included : includes[symbol]) {
        all.insert(all.end(), closed[included].begin(), closed[included].end());
      }
      SortUnique(all);
      states[symbol] = kDone;
      stack.pop_back();
    }
  }
  includes = std::move(closed);
}

void Checker::CheckLicences() {
  for (const auto& source : licence_decls_) {
    const LicenceDecl& decl = *source.decl;
    Licence licence;
    licence.name = decl.name.text;
    licence.title = decl.title ? decl.title->text : "";
    licence.span = decl.name.span;
    licence.held_by = EntityTypes(decl.held_by);
    if (decl.from) licence.from = EntityTypes(*decl.from);
    if (decl.covers) {
      bool failed = false;
      licence.covers = Evaluate(*decl.covers, SymbolKind::kPermission, 0, failed);
    }
    module_.licences.push_back(std::move(licence));
  }
}

// Who asks for anything at all: the subjects of the act rules.
std::vector<TypeId> Checker::SubjectTypes() {
  std::vector<TypeId> subjects;
  for (const auto& source : rule_decls_) {
    const auto* head = std::get_if<ActHead>(&source.decl->head);
    if (head == nullptr) continue;
    const uint32_t type = types_.Find(head->subject.type.text);
    if (type == kNone) continue;
    const std::vector<TypeId>& members = module_.types[type].members;
    subjects.insert(subjects.end(), members.begin(), members.end());
  }
  SortUnique(subjects);
  return subjects;
}

void Checker::CheckRoles() {
  const std::vector<TypeId> subjects = SubjectTypes();
  std::vector<std::vector<uint32_t>> includes(role_decls_.size());
  for (RoleId id = 0; id < role_decls_.size(); ++id) {
    const RoleDecl& decl = *role_decls_[id].decl;
    Role role;
    role.name = decl.name.text;
    role.title = decl.title ? decl.title->text : "";
    role.span = decl.name.span;
    role.on = EntityTypes(decl.on);
    role.for_program = decl.for_program;
    role.held_by = decl.held_by ? EntityTypes(*decl.held_by) : subjects;
    for (const Name& name : decl.includes) {
      const uint32_t included = roles_.Use(name.text);
      if (included == kNone) {
        Unknown(UnknownSymbol(SymbolKind::kRole, name.text, name.span));
      } else {
        includes[id].push_back(included);
      }
    }
    if (decl.gives) {
      bool failed = false;
      role.gives = Evaluate(*decl.gives, SymbolKind::kPermission, 0, failed);
    }
    module_.roles.push_back(std::move(role));
  }
  // A role that includes another is held on the same things, or nobody could say where.
  for (RoleId id = 0; id < role_decls_.size(); ++id) {
    for (RoleId other : includes[id]) {
      const Role& role = module_.roles[id];
      const Role& included = module_.roles[other];
      if (role.on.empty() == included.on.empty()) continue;
      Diagnostic& diagnostic =
          Report(DiagnosticKind::kConditionOnRole, role.span,
                 "the role " + Quoted(role.name) +
                     (role.on.empty() ? " is held everywhere" : " is held on something") +
                     ", but it includes " + Quoted(included.name) +
                     (included.on.empty() ? ", which is held everywhere" : ", which is not"),
                 "includes a role of another sort");
      diagnostic.related.push_back({included.span, "declared here"});
      diagnostic.help.push_back("give both the same `on`, or neither");
    }
  }
  CloseInclusion(SymbolKind::kRole, includes);
  std::vector<std::vector<PermissionId>> given(module_.roles.size());
  for (RoleId id = 0; id < module_.roles.size(); ++id) {
    for (RoleId included : includes[id]) {
      const std::vector<PermissionId>& more = module_.roles[included].gives;
      given[id].insert(given[id].end(), more.begin(), more.end());
    }
    SortUnique(given[id]);
  }
  for (RoleId id = 0; id < module_.roles.size(); ++id) {
    module_.roles[id].includes = std::move(includes[id]);
    module_.roles[id].gives = std::move(given[id]);
  }
}

}  // namespace portvakt::dsl
