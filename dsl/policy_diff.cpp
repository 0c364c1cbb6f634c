#include "dsl/policy_diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "dsl/dsl.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

constexpr std::array<std::string_view, 16> kWhat = {
    "policy",     "time zone",   "entity",  "context", "action", "program",
    "permission", "set",         "licence", "role",    "fact",   "definition",
    "rule",       "change rule", "limit",   "promise"};

using Place = std::pair<size_t, std::string>;  // index into kWhat, name
using Declarations = std::map<Place, std::string>;

size_t IndexOf(std::string_view what) {
  return static_cast<size_t>(std::find(kWhat.begin(), kWhat.end(), what) - kWhat.begin());
}

std::string Spelled(const Shape& shape) {
  std::string text;
  for (const ShapeElement& element : shape) {
    text += (text.empty() ? "" : " ") + Spell(element.name);
    if (element.as) text += " as " + Spell(*element.as);
  }
  return text;
}

// Takes one file's tree apart.
class Collector {
 public:
  Collector(const SourceSet& sources, Tree tree, Declarations& out)
      : sources_(sources), one_(std::move(tree)), out_(out) {
    all_ = std::exchange(one_.declarations, {});
    one_.comments.clear();
  }

  void Run() {
    for (const Declaration& declaration : all_) {
      span_ = declaration.span;
      std::visit([this](const auto& each) { Take(each); }, declaration.value);
    }
  }

 private:
  template <class Decl>
  void Add(std::string_view what, std::string name, Decl decl) {
    one_.declarations = {Declaration{std::move(decl), span_}};
    std::string text = Format(sources_, one_).value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::string& known = out_[{IndexOf(what), std::move(name)}];
    known += (known.empty() ? "" : "\n") + text;  // several `context { }` are one
  }

  void Take(const PolicyDecl& decl) { Add("policy", "", decl); }
  void Take(const TimeZoneDecl& decl) { Add("time zone", "", decl); }
  void Take(const ImportDecl&) {}
  void Take(const EntityDecl& decl) { Add("entity", decl.name.text, decl); }
  void Take(const RequestAttributesDecl& decl) {
    Add(decl.is_action ? "action" : "context", "", decl);
  }
  void Take(const PermissionDecl& decl) { AddPermissions(decl, ""); }
  void Take(const ProgramDecl& decl) {
    ProgramDecl bare = decl;
    bare.permissions.clear();
    Add("program", decl.name.text, std::move(bare));
    for (const PermissionDecl& permission : decl.permissions) {
      AddPermissions(permission, decl.name.text + ".");
    }
  }
  void Take(const SetDecl& decl) { Add("set", decl.name.text, decl); }
  void Take(const LicenceDecl& decl) { Add("licence", decl.name.text, decl); }
  void Take(const RoleDecl& decl) { Add("role", decl.name.text, decl); }
  void Take(const FactDecl& decl) { Add("fact", Spelled(decl.shape), decl); }
  void Take(const DefineDecl& decl) { Add("definition", Spelled(decl.shape), decl); }
  void Take(const RuleDecl& decl) {
    const bool act = std::holds_alternative<ActHead>(decl.head);
    Add(act ? "rule" : "change rule", decl.name.text, decl);
  }
  void Take(const LimitDecl& decl) { Add("limit", decl.name.text, decl); }
  void Take(const PromiseDecl& decl) { Add("promise", decl.name.text, decl); }

  // Each on its own, though several may share a line.
  void AddPermissions(const PermissionDecl& decl, const std::string& prefix) {
    for (const Name& name : decl.names) {
      PermissionDecl one = decl;
      one.names = {name};
      Add("permission", prefix + name.text, std::move(one));
    }
  }

  const SourceSet& sources_;
  Tree one_;  // the items, and one declaration at a time
  std::vector<Declaration> all_;
  Declarations& out_;
  Span span_;
};

Declarations Collect(const SourceSet& sources) {
  Declarations out;
  Diagnostics findings;
  for (Tree& tree : Parse(sources, findings)) {
    if (!tree.has_errors) Collector(sources, std::move(tree), out).Run();
  }
  return out;
}

void AppendLines(std::string& out, const std::string& text, const char* mark) {
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    out += mark + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
}

}  // namespace

std::vector<DeclarationChange> ComparePolicies(const SourceSet& before, const SourceSet& after) {
  using Kind = DeclarationChange::Kind;
  const Declarations old = Collect(before);
  const Declarations now = Collect(after);
  Declarations both = old;
  both.insert(now.begin(), now.end());
  std::vector<DeclarationChange> changes;
  for (const auto& [place, unused] : both) {
    const auto was = old.find(place);
    const auto is = now.find(place);
    if (was != old.end() && is != now.end() && was->second == is->second) continue;
    DeclarationChange& change = changes.emplace_back();
    change.kind = was == old.end()  ? Kind::kAdded
                  : is == now.end() ? Kind::kRemoved
                                    : Kind::kChanged;
    change.what = kWhat.at(place.first);
    change.name = place.second;
    if (was != old.end()) change.before = was->second;
    if (is != now.end()) change.after = is->second;
  }
  return changes;
}

std::string RenderChanges(const std::vector<DeclarationChange>& changes) {
  static constexpr std::array<const char*, 3> kMarks = {"+ ", "- ", "~ "};
  std::string out;
  for (const DeclarationChange& change : changes) {
    if (!out.empty()) out += "\n";
    out += kMarks[static_cast<size_t>(change.kind)] + std::string(change.what);
    if (!change.name.empty()) out += " " + change.name;
    out += "\n";
    if (!change.before.empty()) AppendLines(out, change.before, "    - ");
    if (!change.after.empty()) AppendLines(out, change.after, "    + ");
  }
  return out;
}

std::string_view NameOf(DeclarationChange::Kind kind) {
  static constexpr std::array<std::string_view, 3> kNames = {"added", "removed", "changed"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace portvakt::dsl
