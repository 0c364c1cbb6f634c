#include "cli/report_policy.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "cli/json_members.h"
#include "cli/policy.h"
#include "cli/text.h"
#include "dsl/display.h"
#include "dsl/policy_diff.h"

namespace portvakt::cli {
namespace {

using server::JsonValue;

constexpr size_t kDigestShown = 12;  // enough to tell versions apart
// Those with the most changed decisions; --format json has more.
constexpr size_t kHoldersShown = 20;
constexpr std::array<const char*, 3> kEffects = {"gained", "lost", "depends"};
constexpr std::array<const char*, 3> kMarks = {"+ ", "- ", "? "};

std::string StateOf(const JsonValue& version) {
  if (FlagIn(version, "active")) return "active";
  return In(version, "activated").is(JsonValue::Kind::kObject) ? "earlier" : "candidate";
}

std::string Number(const JsonValue& object, const char* name) {
  return std::to_string(NumberIn(object, name));
}

std::string EntityText(const JsonValue& object, const char* name) {
  return Shown(EntityOf(In(object, name)), true);
}

// "gained 3 (2 subjects), lost 0, depends 1 (1 subject)"
std::string Tallies(const JsonValue& object) {
  std::string text;
  for (const char* effect : kEffects) {
    const JsonValue& tally = In(object, effect);
    text += (text.empty() ? "" : ", ") + std::string(effect) + " " + Number(tally, "decisions");
    const auto subjects = static_cast<size_t>(NumberIn(tally, "subjects"));
    if (subjects > 0) text += " (" + Counted(subjects, "subject") + ")";
  }
  return text;
}

std::string Examples(const JsonValue& permission) {
  std::string text;
  for (size_t effect = 0; effect < kEffects.size(); ++effect) {
    const JsonValue& tally = In(permission, kEffects[effect]);
    const auto& examples = ListIn(tally, "examples");
    for (const JsonValue& example : examples) {
      text += std::string("  ") + kMarks[effect] + EntityText(example, "subject") + " " +
              EntityText(example, "resource") + "   " + TextIn(example, "before") + " -> " +
              TextIn(example, "after") + "\n";
    }
    const auto all = static_cast<size_t>(NumberIn(tally, "decisions"));
    if (all > examples.size()) {
      text += std::string("  ") + kMarks[effect] + "and " + std::to_string(all - examples.size()) +
              " more\n";
    }
  }
  return text;
}

}  // namespace

std::string DescribePolicies(const JsonValue& policies) {
  std::vector<std::vector<std::string>> rows = {
      {"version", "state", "uploaded", "by", "digest", "name"}};
  for (const JsonValue& version : ListIn(policies, "policies")) {
    const JsonValue& uploaded = In(version, "uploaded");
    const std::string title = TextIn(version, "title");
    rows.push_back({Number(version, "version"), StateOf(version), TextIn(uploaded, "instant"),
                    dsl::Printable(TextIn(uploaded, "by")),
                    TextIn(version, "digest").substr(0, kDigestShown),
                    dsl::Printable(TextIn(version, "name") +
                                   (title.empty() ? "" : " \"" + OneLine(title) + "\""))});
  }
  return rows.size() == 1 ? "no policy was ever stored\n" : Table(rows);
}

std::string DescribePolicy(const JsonValue& version) {
  const std::string state = StateOf(version);
  return "version " + Number(version, "version") + " of " +
         dsl::Printable(TextIn(version, "name")) + " is " +
         (state == "active"      ? "active"
          : state == "candidate" ? "a candidate"
                                 : "stored; it was active before") +
         "\n";
}

std::string DescribeSources(const JsonValue& version) {
  std::string text;
  for (const JsonValue& file : ListIn(version, "files")) {
    text += (text.empty() ? "" : "\n") + std::string("// ") + dsl::Printable(TextIn(file, "name")) +
            "\n" + TextIn(file, "text");
    if (!text.ends_with('\n')) text += "\n";
  }
  return text;
}

std::string DescribeDiff(const JsonValue& diff) {
  using Kind = dsl::DeclarationChange::Kind;
  std::vector<std::string> whats;  // what the changes refer to
  std::vector<dsl::DeclarationChange> changes;
  const auto& list = ListIn(diff, "changes");
  whats.reserve(list.size());
  for (const JsonValue& each : list) {
    dsl::DeclarationChange& change = changes.emplace_back();
    for (const Kind kind : {Kind::kAdded, Kind::kRemoved, Kind::kChanged}) {
      if (TextIn(each, "kind") == dsl::NameOf(kind)) change.kind = kind;
    }
    change.what = whats.emplace_back(TextIn(each, "what"));
    change.name = TextIn(each, "name");
    change.before = TextIn(each, "before");
    change.after = TextIn(each, "after");
  }
  return changes.empty() ? "no difference\n" : dsl::RenderChanges(changes);
}

std::string DescribeImpact(const JsonValue& impact) {
  std::string text = "version " + Number(impact, "before") + " -> " + Number(impact, "after") +
                     " at revision " + Number(impact, "revision") + ", " +
                     Counted(static_cast<size_t>(NumberIn(impact, "subjects")), "subject") + ", " +
                     Counted(static_cast<size_t>(NumberIn(impact, "pairs")), "pair") +
                     " with resources\n" + Tallies(impact) + "\n";
  if (NumberIn(impact, "undecided") > 0) {
    text += Number(impact, "undecided") + " pairs take too many steps and are not compared\n";
  }
  for (const JsonValue& permission : ListIn(impact, "permissions")) {
    text += "\n" + dsl::Printable(TextIn(permission, "name"));
    if (!FlagIn(permission, "declared_before")) text += " (new)";
    if (!FlagIn(permission, "declared_after")) text += " (gone)";
    text += ": " + Tallies(permission) + "\n" + Examples(permission);
  }
  const auto& holders = ListIn(impact, "holders");
  if (holders.empty()) return text;
  text += "\nwho holds most of them\n";
  for (size_t i = 0; i < std::min(holders.size(), kHoldersShown); ++i) {
    text += "  " + EntityText(holders[i], "subject") + ":";
    for (const char* effect : kEffects) {
      text += " " + std::string(effect) + " " + Number(holders[i], effect);
    }
    text += "\n";
  }
  return text;
}

}  // namespace portvakt::cli
