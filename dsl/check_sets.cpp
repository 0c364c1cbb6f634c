// Sets: names, patterns, programs and other sets, with `only` and `except`; each ends as a sorted
// list of numbers of one kind.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

constexpr SymbolKind kKinds[] = {SymbolKind::kPermission, SymbolKind::kLicence, SymbolKind::kRole,
                                 SymbolKind::kProgram};

bool IsPattern(const Name& name) { return name.text.find('*') != std::string::npos; }

// Segments of a pattern against those of a name: `*` at either end stands for one or more
// segments, alone for all, in between for exactly one.
bool Matches(const std::vector<std::string>& pattern, const std::vector<std::string>& name) {
  if (pattern.size() == 1) return true;
  const bool open_begin = pattern.front() == "*";
  const bool open_end = pattern.back() == "*";
  if (name.size() < pattern.size()) return false;
  if (!open_begin && !open_end && name.size() != pattern.size()) return false;
  const auto same = [](const std::string& wanted, const std::string& found) {
    return wanted == "*" || wanted == found;
  };
  const size_t last_start = name.size() - pattern.size();
  for (size_t start = open_begin ? last_start : 0; start <= (open_begin ? last_start : 0);
       ++start) {
    if (open_begin && open_end) break;
    if (std::equal(pattern.begin(), pattern.end(), name.begin() + static_cast<ptrdiff_t>(start),
                   same)) {
      return true;
    }
  }
  if (!(open_begin && open_end)) return false;
  // `*.las.*`: the middle stands anywhere between a first and a last segment.
  const auto found =
      std::search(name.begin() + 1, name.end() - 1, pattern.begin() + 1, pattern.end() - 1,
                  [&](const auto& a, const auto& b) { return same(b, a); });
  return found != name.end() - 1;
}

std::vector<uint32_t> Intersect(const std::vector<uint32_t>& left,
                                const std::vector<uint32_t>& right) {
  std::vector<uint32_t> both;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                        std::back_inserter(both));
  return both;
}

std::vector<uint32_t> Subtract(const std::vector<uint32_t>& left,
                               const std::vector<uint32_t>& right) {
  std::vector<uint32_t> rest;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(),
                      std::back_inserter(rest));
  return rest;
}

}  // namespace

void Checker::CheckSets() {
  for (const auto& source : set_decls_) {
    const uint32_t program = programs_.Find(source.decl->name.text);
    const uint32_t permission = permissions_.Find(source.decl->name.text);
    if (program != kNone) {
      Duplicate("set or program", source.decl->name.text, source.decl->name.span,
                programs_[program].span);
    } else if (permission != kNone) {
      Duplicate("set or permission", source.decl->name.text, source.decl->name.span,
                permissions_[permission].span);
    }
    NamedSet set;
    set.name = source.decl->name.text;
    set.span = source.decl->name.span;
    module_.sets.push_back(std::move(set));
  }
  set_states_.assign(module_.sets.size(), SetState::kNew);
  for (uint32_t set = 0; set < module_.sets.size(); ++set) EvaluateSet(set, 0);
}

void Checker::EvaluateSet(uint32_t set, size_t depth) {
  if (set_states_[set] == SetState::kDone || set_states_[set] == SetState::kFailed) return;
  if (set_states_[set] == SetState::kOpen) {
    Report(DiagnosticKind::kSetCycle, module_.sets[set].span,
           "the set " + Quoted(module_.sets[set].name) + " is defined by itself",
           "leads back to itself")
        .help.push_back("name the members in one of the sets instead");
    set_states_[set] = SetState::kFailed;
    return;
  }
  if (depth > kMaxNesting) {
    Report(DiagnosticKind::kNestedTooDeep, module_.sets[set].span,
           "more than " + std::to_string(kMaxNesting) + " sets lean on each other in a row");
    set_states_[set] = SetState::kFailed;
    return;
  }
  set_states_[set] = SetState::kOpen;
  const SetExpression& expression = set_decls_[set].decl->value;
  const SymbolKind kind = KindOf(expression, depth);
  bool failed = set_states_[set] == SetState::kFailed;
  if (!failed) {
    module_.sets[set].kind = kind;
    module_.sets[set].members = Evaluate(expression, kind, depth, failed);
  }
  if (!failed && set_states_[set] == SetState::kOpen && module_.sets[set].members.empty()) {
    Report(DiagnosticKind::kEmptySet, module_.sets[set].span,
           "the set " + Quoted(module_.sets[set].name) + " is empty", "nothing is left in it");
    failed = true;
  }
  if (failed || set_states_[set] == SetState::kFailed) {
    set_states_[set] = SetState::kFailed;
  } else {
    set_states_[set] = SetState::kDone;
  }
}

// The first kind in which every item is known; else the one in which most are.
SymbolKind Checker::KindOf(const SetExpression& expression, size_t depth) {
  if (expression.all_of) {
    std::string word = expression.all_of->text;
    if (!word.empty()) word.pop_back();
    return KindOfWord(word).value_or(SymbolKind::kPermission);
  }
  SymbolKind best = SymbolKind::kPermission;
  size_t most = 0;
  for (SymbolKind kind : kKinds) {
    const auto known = static_cast<size_t>(
        std::count_if(expression.items.begin(), expression.items.end(),
                      [&](const Name& item) { return Resolves(item, kind, depth); }));
    if (known > most) {
      most = known;
      best = kind;
    }
  }
  return best;
}

bool Checker::Resolves(const Name& item, SymbolKind kind, size_t depth) {
  if (IsPattern(item)) return kind == SymbolKind::kPermission || !Matching(item.text, kind).empty();
  const uint32_t set = sets_.Find(item.text);
  if (set != kNone) {
    EvaluateSet(set, depth + 1);
    return set_states_[set] == SetState::kDone && module_.sets[set].kind == kind;
  }
  if (kind == SymbolKind::kPermission && programs_.Find(item.text) != kNone) return true;
  return Table(kind).Find(item.text) != kNone;
}

std::vector<uint32_t> Checker::Evaluate(const SetExpression& expression, SymbolKind kind,
                                        size_t depth, bool& failed) {
  std::vector<uint32_t> members = EvaluateItems(expression.items, kind, depth, failed);
  if (expression.all_of) members = All(kind);
  if (!expression.only.empty()) {
    members = Intersect(members, EvaluateItems(expression.only, kind, depth, failed));
  }
  if (!expression.except.empty()) {
    members = Subtract(members, EvaluateItems(expression.except, kind, depth, failed));
  }
  return members;
}

std::vector<uint32_t> Checker::EvaluateItems(const std::vector<Name>& items, SymbolKind kind,
                                             size_t depth, bool& failed) {
  std::vector<uint32_t> members;
  for (const Name& item : items) {
    const auto found = EvaluateItem(item, kind, depth);
    if (!found) {
      failed = true;
      continue;
    }
    members.insert(members.end(), found->begin(), found->end());
  }
  SortUnique(members);
  return members;
}

// Nothing when the item is wrong, which is then told (or was: a set that failed itself).
std::optional<std::vector<uint32_t>> Checker::EvaluateItem(const Name& item, SymbolKind kind,
                                                           size_t depth) {
  if (IsPattern(item)) {
    std::vector<uint32_t> members = Matching(item.text, kind);
    if (!members.empty()) return members;
    std::vector<std::string> endings;
    for (const std::string& name : Table(kind).Names()) {
      const std::vector<std::string> segments = SplitName(name);
      for (size_t from = 1; from < segments.size(); ++from) {
        std::string tail = "*";
        for (size_t at = from; at < segments.size(); ++at) tail += "." + segments[at];
        endings.push_back(std::move(tail));
        std::string head;
        for (size_t at = 0; at < from; ++at) head += segments[at] + ".";
        endings.push_back(head + "*");
      }
    }
    std::sort(endings.begin(), endings.end());
    endings.erase(std::unique(endings.begin(), endings.end()), endings.end());
    std::vector<std::string> suggestions = Suggest(item.text, endings);
    if (syntax_errors_ && suggestions.empty()) return std::nullopt;
    Report(DiagnosticKind::kEmptySet, item.span,
           "no " + std::string(KindWord(kind)) + " matches " + Quoted(item.text), "matches nothing")
        .suggestions = std::move(suggestions);
    return std::nullopt;
  }
  const uint32_t set = sets_.Use(item.text);
  if (set != kNone) {
    EvaluateSet(set, depth + 1);
    if (set_states_[set] != SetState::kDone) return std::nullopt;
    if (module_.sets[set].kind == kind) return module_.sets[set].members;
    Report(DiagnosticKind::kMixedSet, item.span,
           Quoted(item.text) + " holds " + std::string(KindWord(module_.sets[set].kind)) +
               "s, and " + std::string(KindWord(kind)) + "s are needed here",
           "a set of " + std::string(KindWord(module_.sets[set].kind)) + "s")
        .related.push_back({module_.sets[set].span, "declared here"});
    return std::nullopt;
  }
  if (kind == SymbolKind::kPermission) {
    const uint32_t program = programs_.Use(item.text);
    if (program != kNone) return module_.programs[program].permissions;
  }
  const uint32_t symbol = Table(kind).Use(item.text);
  if (symbol != kNone) return std::vector<uint32_t>{symbol};
  UnknownItem(item, kind);
  return std::nullopt;
}

void Checker::UnknownItem(const Name& item, SymbolKind kind) {
  for (SymbolKind other : kKinds) {
    const uint32_t found = Table(other).Find(item.text);
    if (found == kNone) continue;
    Report(DiagnosticKind::kMixedSet, item.span,
           Quoted(item.text) + " is a " + std::string(KindWord(other)) + ", and " +
               std::string(KindWord(kind)) + "s are needed here",
           "a " + std::string(KindWord(other)))
        .related.push_back({Table(other)[found].span, "declared here"});
    return;
  }
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownSet;
  unknown.name = item.text;
  unknown.span = item.span;
  unknown.candidates = sets_.Names();
  const std::string word(KindWord(kind));
  unknown.message = "there is no set" +
                    std::string(kind == SymbolKind::kPermission ? ", program" : "") + " or " +
                    word + " " + Quoted(item.text);
  const auto add = [&](const NameTable& table) {
    const std::vector<std::string> names = table.Names();
    unknown.candidates.insert(unknown.candidates.end(), names.begin(), names.end());
  };
  add(Table(kind));
  if (kind == SymbolKind::kPermission) add(programs_);
  // Where its declaration would stand: in the table of its best likeness.
  unknown.table = &sets_;
  const std::vector<std::string> likely = Suggest(item.text, unknown.candidates);
  if (!likely.empty() && sets_.Find(likely.front()) == kNone) {
    unknown.table = Table(kind).Find(likely.front()) != kNone ? &Table(kind) : &programs_;
  }
  Unknown(std::move(unknown));
}

std::vector<uint32_t> Checker::Matching(std::string_view pattern, SymbolKind kind) {
  const std::vector<std::string> wanted = SplitName(pattern);
  std::vector<uint32_t> found;
  const NameTable& table = Table(kind);
  for (uint32_t symbol = 0; symbol < table.size(); ++symbol) {
    if (Matches(wanted, SplitName(table[symbol].name))) found.push_back(symbol);
  }
  return found;
}

std::vector<uint32_t> Checker::All(SymbolKind kind) const {
  size_t count = 0;
  switch (kind) {
    case SymbolKind::kPermission: count = module_.permissions.size(); break;
    case SymbolKind::kRole: count = role_decls_.size(); break;
    case SymbolKind::kLicence: count = licence_decls_.size(); break;
    case SymbolKind::kProgram: count = module_.programs.size(); break;
  }
  std::vector<uint32_t> all(count);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

}  // namespace portvakt::dsl
