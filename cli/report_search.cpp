// Lists of results, and the steps of what is missing.
#include <algorithm>
#include <set>

#include "cli/reports.h"
#include "cli/text.h"
#include "dsl/display.h"
#include "server/limits.h"

namespace portvakt::cli {

namespace {

std::string_view Imperative(engine::MissingStep::Kind kind) {
  using Kind = engine::MissingStep::Kind;
  switch (kind) {
    case Kind::kOrderSeat: return "order a seat";
    case Kind::kHoldLicence: return "give a licence";
    case Kind::kAssign: return "assign";
    case Kind::kActivate: return "activate";
    case Kind::kGrant: return "grant";
    case Kind::kAppoint: return "appoint";
    case Kind::kWithdraw: return "take away";
    case Kind::kContext: return "bring";
  }
  return "";
}

void AppendStep(const engine::MissingStep& step, size_t number, const std::string& actor,
                std::string& text) {
  const bool context = step.kind == engine::MissingStep::Kind::kContext;
  const std::string what = context ? "context." + step.context + ", " + step.wanted : step.text;
  text += "  " + std::to_string(number) + ". " + std::string(Imperative(step.kind)) + ": " +
          dsl::Printable(OneLine(what)) + "\n";
  if (context) return;
  if (!actor.empty() && step.actor_may) {
    text += "       " + dsl::Printable(actor) + " may\n";
  } else if (!actor.empty()) {
    text += "       " + dsl::Printable(actor) + " may not";
    if (!step.actor_reasons.empty()) text += ": " + DescribeReason(step.actor_reasons.front());
    text += "\n";
  }
  if (step.operator_only || step.who.empty()) {
    text += "       by the operator only\n";
  } else {
    text += "       by " + NameList(step.who, step.more_who) + "\n";
  }
}

void AppendUnmendable(const engine::Unmendable& unmendable, std::string& text) {
  text += "no change mends " + unmendable.rule;
  if (!unmendable.place.empty()) text += " (" + unmendable.place + ")";
  for (size_t i = 0; i < unmendable.reasons.size(); ++i) {
    text += (i == 0 ? ": " : "; ") + DescribeReason(unmendable.reasons[i]);
  }
  text += "\n";
}

}  // namespace

std::string DescribeMissing(const engine::MissingAnswer& answer, const std::string& actor) {
  if (answer.permitted) return "yes: nothing is missing\n";
  std::string text = "no";
  if (!answer.reasons.empty()) text += ": " + DescribeReason(answer.reasons.front());
  text += "\n";
  for (size_t plan = 0; plan < answer.plans.size(); ++plan) {
    text += plan == 0 ? "what would do, in this order:\n" : "or:\n";
    const auto& steps = answer.plans[plan].steps;
    for (size_t i = 0; i < steps.size(); ++i) AppendStep(steps[i], i + 1, actor, text);
  }
  for (const engine::Unmendable& unmendable : answer.unmendable) {
    AppendUnmendable(unmendable, text);
  }
  if (answer.more_plans) {
    text += "not all: there are more ways, or may be";
    text += answer.plans.size() < server::kMaxPlans ? "; --plans N asks for more\n" : "\n";
  } else if (!answer.complete) {
    text += "not complete: the search came to a bound, so there may be other ways\n";
  } else if (answer.plans.empty() && answer.unmendable.empty()) {
    text += "no change of what is stored would do\n";
  }
  return text;
}

std::string DescribeSearch(const engine::SearchPage& page, const std::string& nothing) {
  std::set<std::string> types;
  for (const engine::SearchResult& result : page.results) types.insert(result.entity.type);
  std::string text;
  for (const engine::SearchResult& result : page.results) {
    std::string line = result.symbol.empty() ? Shown(result.entity, types.size() > 1)
                                             : dsl::Printable(result.symbol);
    if (result.verdict == engine::Tri::kUnknown) {
      line += "  depends on " + Join(result.missing_context);
    }
    text += line + "\n";
    for (const engine::ReasonText& note : result.obligations) {
      text += "  note: " + DescribeReason(note) + "\n";
    }
  }
  if (!page.error.empty()) return text + "not complete: " + page.error + "\n";
  return text.empty() ? nothing + "\n" : text;
}

}  // namespace portvakt::cli
