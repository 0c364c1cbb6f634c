// What came of changes: what was done, or why not and what would solve it.
#include <sstream>

#include "cli/reports.h"
#include "cli/text.h"
#include "dsl/display.h"

namespace portvakt::cli {

namespace {

using Outcome = engine::ChangeResult::Outcome;
using Verdict = engine::ChangeVerdict;

std::string Indented(const std::string& text, size_t blanks) {
  std::string indented;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    indented += std::string(blanks, ' ') + line + "\n";
  }
  return indented;
}

void AppendLimit(const engine::LimitReport& limit, std::string& text) {
  text += "    limit " + limit.limit + (limit.place.empty() ? "" : " (" + limit.place + ")");
  if (limit.counted) {
    text += ": " + std::to_string(limit.count) + ", wanted at " +
            (limit.at_least ? "least " : "most ") + std::to_string(limit.bound);
  }
  text += "\n";
  if (!limit.conflicting.empty()) {
    text += "      counted: " + NameList(limit.conflicting, !limit.all_conflicting) + "\n";
  }
  if (!limit.remedy.empty()) {
    text += "      what solves it: " + dsl::Printable(OneLine(limit.remedy)) + "\n";
  }
}

void AppendVerdict(const Verdict& verdict, const std::string& written, bool made,
                   const AnswerOptions& options, std::string& text) {
  text += "  " + dsl::Printable(written);
  switch (verdict.outcome) {
    case Verdict::Outcome::kDone: text += made ? "" : ": may be done"; break;
    case Verdict::Outcome::kAlready: text += ": already so"; break;
    case Verdict::Outcome::kRefused: text += ": refused"; break;
    case Verdict::Outcome::kInvalid: text += ": not understood"; break;
  }
  text += "\n";
  for (const engine::ReasonText& reason : verdict.reasons) {
    text += "    " + DescribeReason(reason) + "\n";
  }
  for (const engine::ReasonText& note : verdict.obligations) {
    text += "    note: " + DescribeReason(note) + "\n";
  }
  for (const engine::LimitReport& limit : verdict.limits) AppendLimit(limit, text);
  if (verdict.outcome != Verdict::Outcome::kRefused) return;
  std::string rules;
  if (options.why) AppendRules(verdict.rules, options, rules);
  text += Indented(rules, 2);
  if (verdict.missing_context.empty()) return;
  text += "    hint: the request has no fitting value of " + Join(verdict.missing_context) + "\n";
}

// Before the engine's sentence of a change, as people write it; that of seats needs none.
std::string_view VerbOf(engine::ChangeItem::Kind kind) {
  using Kind = engine::ChangeItem::Kind;
  switch (kind) {
    case Kind::kAdd: return "add ";
    case Kind::kRemove: return "remove ";
    case Kind::kSeats: break;
    case Kind::kCreate: return "create ";
    case Kind::kSet: return "set ";
    case Kind::kDelete: return "delete ";
  }
  return "";
}

std::string Headline(const engine::ChangeResult& result) {
  const std::string revision = std::to_string(result.revision);
  switch (result.outcome) {
    case Outcome::kApplied:
      return (result.repeated ? "done before, with the same key: revision " : "done: revision ") +
             revision;
    case Outcome::kUnchanged: return "nothing to do: all of it is so already";
    case Outcome::kDryRun: return "would be done; nothing was changed";
    case Outcome::kRefused: return "refused; nothing was changed";
    case Outcome::kInvalid: return "not understood; nothing was changed";
    case Outcome::kConflict: return "conflict; nothing was changed";
    case Outcome::kFailed: break;
  }
  return "failed; nothing was changed";
}

}  // namespace

int ExitCodeOf(const engine::ChangeResult& result) {
  if (result.ok()) return kExitOk;
  return result.outcome == Outcome::kRefused || result.outcome == Outcome::kConflict ? kExitFindings
                                                                                     : kExitUsage;
}

std::string DescribeChange(const engine::ChangeResult& result,
                           const std::vector<std::string>& texts, const AnswerOptions& options) {
  std::string text = Headline(result) + "\n";
  if (!result.error.empty()) text += "  " + dsl::Printable(OneLine(result.error)) + "\n";
  for (size_t i = 0; i < result.verdicts.size(); ++i) {
    AppendVerdict(result.verdicts[i], i < texts.size() ? texts[i] : "", result.ok(), options, text);
  }
  return text;
}

std::string DescribeTransfer(const engine::TransferResult& transfer, const AnswerOptions& options) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < transfer.texts.size() && i < transfer.changes.size(); ++i) {
    texts.push_back(std::string(VerbOf(transfer.changes[i].kind)) + transfer.texts[i]);
  }
  std::string text = DescribeChange(transfer.result, texts, options);
  if (transfer.todo.empty()) return text;
  text += "left to do by others:\n";
  for (const engine::ToDo& todo : transfer.todo) {
    text += "  " + std::string(VerbOf(todo.change.kind)) + dsl::Printable(todo.text) + "\n";
    for (const engine::ReasonText& reason : todo.verdict.reasons) {
      text += "    " + DescribeReason(reason) + "\n";
    }
    for (const engine::LimitReport& limit : todo.verdict.limits) AppendLimit(limit, text);
    text +=
        "    by " + (todo.who.empty() ? "the operator only" : NameList(todo.who, todo.more_who));
    text += "\n";
  }
  return text;
}

}  // namespace portvakt::cli
