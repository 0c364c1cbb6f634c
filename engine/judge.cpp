#include "engine/judge.h"

#include <algorithm>

#include "engine/decide_change.h"
#include "engine/explain.h"
#include "engine/limits.h"

namespace portvakt::engine {

struct Judge::State {
  const Program& program;
  const Reader::Clock& clock;
  Evaluator evaluator;
  LimitJudge limits;

  void Begin(const View& view, const Asker& asker) {
    evaluator.Begin(program, view, clock, asker.context, asker.now_us);
    evaluator.SetSecond(asker.second);
  }
};

Judge::Judge(const Program& program, const Reader::Clock& clock)
    : state_(new State{program, clock, Evaluator(), LimitJudge(program, clock)}) {}
Judge::~Judge() = default;

Tri Judge::Verdict(const View& view, const Asker& asker, const ProposedChange& change) {
  Evaluator& evaluator = state_->evaluator;
  state_->Begin(view, asker);
  Explainer explainer(evaluator);
  Tri verdict = From(change.adds || change.removes);
  for (const bool adds : {true, false}) {
    if (!(adds ? change.adds : change.removes)) continue;
    const ChangeRules rules(evaluator, change, asker.actor, adds);
    verdict = And(verdict, VerdictOf(explainer, rules.asked(), nullptr));
  }
  return evaluator.exhausted() ? Tri::kUnknown : verdict;
}

void Judge::AskRules(const View& view, const Asker& asker, const ProposedChange& change,
                     ChangeVerdict& verdict) {
  Evaluator& evaluator = state_->evaluator;
  const Program& program = state_->program;
  state_->Begin(view, asker);
  bool permitted = change.adds || change.removes;
  Explainer explainer(evaluator);
  const auto add_once = [](auto& list, const auto& item, const auto& same) {
    if (std::none_of(list.begin(), list.end(), same)) list.push_back(item);
  };
  for (const bool adds : {true, false}) {
    if (!(adds ? change.adds : change.removes)) continue;
    const ChangeRules rules(evaluator, change, asker.actor, adds);
    std::vector<uint32_t> held;
    permitted &= VerdictOf(explainer, rules.asked(), &held) == Tri::kTrue;
    for (uint32_t rule : held) {
      const std::string name(program.Text(program.change_rules[rule].rule.name));
      add_once(verdict.decided_by, name, [&](const auto& each) { return each == name; });
    }
    for (const ReasonText& note : explainer.Notes(rules.asked(), false)) {
      add_once(verdict.obligations, note, [&](const auto& each) { return each.code == note.code; });
    }
  }
  const auto give_up = [&] {
    verdict.outcome = ChangeVerdict::Outcome::kRefused;
    verdict.decided_by.clear();
    verdict.obligations.clear();
    verdict.reasons.push_back(
        {"budget", "the change would take more than " + std::to_string(kMaxSteps) + " steps"});
  };
  // What could not be told with a permit must not be left out in silence either.
  if (evaluator.exhausted()) return give_up();
  verdict.outcome = permitted ? ChangeVerdict::Outcome::kDone : ChangeVerdict::Outcome::kRefused;
  if (permitted) return;
  verdict.decided_by.clear();
  verdict.obligations.clear();
  state_->Begin(view, asker);  // anew: the explanation has a budget of its own
  for (const bool adds : {true, false}) {
    if (!(adds ? change.adds : change.removes)) continue;
    const ChangeRules rules(evaluator, change, asker.actor, adds);
    explainer.ExplainChange(rules.asked(), verdict);
  }
  if (verdict.reasons.empty()) give_up();
}

void Judge::Before(const View& view, std::span<const ProposedChange> changes,
                   std::optional<int64_t> now_us) {
  state_->limits.Before(view, changes, now_us);
}

void Judge::After(const View& view, std::span<const ProposedChange> changes,
                  ChangeVerdict& verdict) {
  state_->limits.After(view, changes, verdict);
}

std::vector<LimitReport> Judge::Broken(const View& view, size_t most,
                                       std::optional<int64_t> now_us) {
  return state_->limits.Broken(view, most, now_us);
}

}  // namespace portvakt::engine
