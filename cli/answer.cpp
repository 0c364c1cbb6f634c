// A deny lists the nearest rules with what they lack; columns line up so that the eye finds the
// condition, its place and what was found. Ids and values come from whoever may store them: nothing
// of them may steer a terminal.
#include "cli/answer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/text.h"
#include "dsl/display.h"

namespace portvakt::cli {

namespace {

// Rules shown of a deny; the nearest come first, and beyond a handful nobody reads.
constexpr size_t kMaxRulesShown = 5;
// Characters of a condition that are shown; its place leads to the rest.
constexpr size_t kMaxConditionShown = 60;

std::string Found(const engine::ConditionReport& condition) {
  std::string text = OneLine(condition.found);
  if (!condition.wanted.empty()) {
    text += (text.empty() ? "wanted " : "; wanted ") + OneLine(condition.wanted);
  }
  if (text.empty())
    text = condition.verdict == engine::Tri::kUnknown ? "not known" : "does not hold";
  return dsl::Printable(text);
}

std::string RuleLine(const engine::RuleReport& rule, const AnswerOptions& options) {
  using Kind = engine::RuleReport::Kind;
  std::string place = rule.place;
  if (!place.empty() && !options.policy_root.empty()) place = options.policy_root + "/" + place;
  if (!place.empty()) place = " (" + place + ")";
  switch (rule.kind) {
    case Kind::kPermit:
      return "rule " + rule.name + place + (rule.conditions.empty() ? "" : " lacks");
    case Kind::kForbid:
      return "forbid " + rule.name + place +
             (rule.verdict == engine::Tri::kUnknown ? " may apply" : " applies");
    case Kind::kRequired: return "it requires " + rule.name + place;
  }
  return rule.name;
}

// A condition asked of many candidates (`some tick: ..`) fails once for each; one stands for all.
struct Row {
  std::string text;
  std::string place;
  std::string found;
  size_t others = 0;
};

std::vector<Row> RowsOf(const engine::RuleReport& rule) {
  std::vector<Row> rows;
  for (const engine::ConditionReport& condition : rule.conditions) {
    Row row{Shortened(OneLine(condition.text), kMaxConditionShown), condition.place,
            Found(condition)};
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
      return other.place == row.place && other.text == row.text;
    });
    if (same == rows.end()) {
      rows.push_back(std::move(row));
    } else if (same->found != row.found) {
      ++same->others;
    }
  }
  return rows;
}

void AppendRule(const engine::RuleReport& rule, const AnswerOptions& options, std::string& text) {
  text += "  " + RuleLine(rule, options) + "\n";
  const std::vector<Row> rows = RowsOf(rule);
  size_t text_width = 0;
  size_t place_width = 0;
  for (const Row& row : rows) {
    text_width = std::max(text_width, Width(row.text));
    place_width = std::max(place_width, Width(row.place));
  }
  for (const Row& row : rows) {
    text += "    " + Padded(row.text, text_width) + "   " + Padded(row.place, place_width) + "   " +
            row.found;
    if (row.others > 0) text += " (and " + std::to_string(row.others) + " more)";
    text += "\n";
  }
}

void AppendWhy(const engine::Explanation& explanation, const AnswerOptions& options,
               std::string& text) {
  for (size_t i = 1; i < explanation.reasons.size(); ++i) {
    text += "  also: " + DescribeReason(explanation.reasons[i]) + "\n";
  }
  for (const engine::ReasonText& note : explanation.notes) {
    text += "  note: " + DescribeReason(note) + "\n";
  }
  if (explanation.decision.permit && !explanation.decided_by.empty()) {
    text += "  by rule " + Join(explanation.decided_by) + "\n";
  }
  if (!explanation.decision.permit) AppendRules(explanation.rules, options, text);
}

// Missing values are told even without --why: the question was incomplete. One that is not of its
// type, or an id of nothing, is as good as missing.
std::string ContextHint(const std::vector<std::string>& missing) {
  std::string names;
  std::string options;
  for (std::string name : missing) {
    names += (names.empty() ? "" : ", ") + name;
    if (name.starts_with("context.")) name = name.substr(8);
    if (name.find('.') == std::string::npos) options += " --context " + name + "=..";
  }
  return "  hint: the question has no fitting value of " + names +
         (options.empty() ? "" : "; add" + options) + "\n";
}

}  // namespace

void AppendRules(const std::vector<engine::RuleReport>& rules, const AnswerOptions& options,
                 std::string& text) {
  size_t shown = 0;
  for (const engine::RuleReport& rule : rules) {
    if (++shown > kMaxRulesShown) break;
    AppendRule(rule, options, text);
  }
  if (rules.size() > kMaxRulesShown) {
    text += "  and " + std::to_string(rules.size() - kMaxRulesShown) +
            " more; --format json lists all\n";
  }
}

std::string DescribeReason(const engine::ReasonText& reason) {
  if (reason.text.empty()) return reason.code;
  return dsl::Printable(OneLine(reason.text)) + " (" + reason.code + ")";
}

std::string DescribeAnswer(const engine::Explanation& explanation, const AnswerOptions& options) {
  std::string text = explanation.decision.permit ? "yes" : "no";
  if (!explanation.decision.permit && !explanation.reasons.empty()) {
    text += ": " + DescribeReason(explanation.reasons.front());
  }
  text += "\n";
  for (const engine::ReasonText& obligation : explanation.decision.obligations) {
    text += "  note: " + DescribeReason(obligation) + "\n";
  }
  if (options.why) AppendWhy(explanation, options, text);
  if (!explanation.decision.permit && !explanation.missing_context.empty()) {
    text += ContextHint(explanation.missing_context);
  }
  return text;
}

}  // namespace portvakt::cli
