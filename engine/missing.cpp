// The front of what is missing: the question becomes a formula, its cheapest answers become plans.
#include "engine/missing.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "engine/missing_costs.h"
#include "engine/missing_ground.h"
#include "engine/missing_plan.h"
#include "engine/missing_search.h"
#include "engine/missing_steps.h"
#include "engine/session_state.h"

namespace portvakt::engine {
namespace {

using namespace missing;

// Sets that are ordered and priced before the plans that there are must do.
constexpr size_t kMaxWeighedSets = 8;

std::string PlaceText(const Program& program, uint32_t place) {
  const PlaceRecord& record = program.places[place];
  return std::string(program.Text(record.file)) + ":" + std::to_string(record.line) + ":" +
         std::to_string(record.column);
}

// A forbid is its own reason; a permit's are those that the explanation found in it.
Unmendable Tell(const Program& program, uint32_t index, const Explanation& explanation) {
  const RuleRecord& rule = program.rules[index];
  Unmendable told;
  told.rule = program.Text(rule.name);
  told.place = PlaceText(program, rule.place);
  std::vector<std::string> codes{told.rule};
  for (const RuleReport& report : explanation.rules) {
    if (report.name == told.rule && report.kind == RuleReport::Kind::kPermit) codes = report.codes;
  }
  for (const ReasonText& reason : explanation.reasons) {
    if (std::find(codes.begin(), codes.end(), reason.code) != codes.end()) {
      told.reasons.push_back(reason);
    }
  }
  return told;
}

// Two sets that differ only in what the request brings for the same inputs are one plan: the nearer
// value was found first.
std::vector<uint64_t> Signature(const Formula& formula, const Solution& solution) {
  std::vector<uint64_t> signature;
  for (uint32_t index : solution.literals) {
    const Literal& literal = formula.literals[index];
    const bool input = literal.kind == Literal::Kind::kInput;
    signature.push_back(uint64_t{input} << 32 | (input ? literal.input : index));
  }
  std::sort(signature.begin(), signature.end());
  return signature;
}

// Orders of seats make some plans dearer than their sets, so that a plan is ready only when no set
// that is yet to come is cheaper.
void FindPlans(Formula& formula, Evaluator& evaluator, PlanMaker& maker, size_t most,
               Deadline deadline, MissingAnswer& answer) {
  Search search(formula, evaluator, deadline);
  std::vector<PlanMaker::Made> made;
  std::set<std::vector<uint64_t>> signatures;
  const auto cheaper = [](const PlanMaker::Made& a, const PlanMaker::Made& b) {
    return a.price < b.price;
  };
  size_t weighed = 0;
  while (const std::optional<Solution> solution = search.Next()) {
    // Those that the operator has to help with are the dearest by far: they are not waited for.
    const bool enough = made.size() > most && made[most].price <= solution->price;
    if (enough || (++weighed > kMaxWeighedSets && made.size() >= most)) {
      answer.more_plans = true;
      break;
    }
    if (!signatures.insert(Signature(formula, *solution)).second) continue;
    std::optional<PlanMaker::Made> plan = maker.Order(*solution);
    if (!plan) continue;
    made.insert(std::upper_bound(made.begin(), made.end(), *plan, cheaper), std::move(*plan));
  }
  answer.more_plans = answer.more_plans || made.size() > most;
  answer.complete = search.complete() && maker.complete() && !answer.more_plans;
  if (made.size() > most) made.resize(most);
  for (const PlanMaker::Made& each : made) answer.plans.push_back(maker.Tell(each));
}

}  // namespace

MissingAnswer Session::Missing(const MissingQuery& query) {
  State& state = *state_;
  Request request = query.request;
  if (!request.now_us) request.now_us = now_us();
  MissingAnswer answer;
  const Explanation explanation = Explain(request);
  answer.permitted = explanation.decision.permit;
  answer.reasons = explanation.reasons;
  answer.revision = explanation.decision.revision;
  answer.policy_version = explanation.decision.policy_version;
  if (answer.permitted || state.program.empty()) return answer;
  const Deadline deadline =
      std::chrono::steady_clock::now() + std::chrono::microseconds(query.budget_us);
  Evaluator& evaluator = state.evaluator;
  const Question question = evaluator.Begin(state.program, view(), *state.clock, request);
  if (question.refusal != Question::Refusal::kNone) return answer;
  Evaluator trial;
  Grounder grounder(evaluator, trial, *state.clock, request, question, deadline);
  Formula formula = grounder.Ground();
  for (uint32_t rule : grounder.unmendable()) {
    answer.unmendable.push_back(Tell(state.program, rule, explanation));
  }
  PlanMaker maker(
      state.program, view(), *state.clock, query, request, formula,
      [this](const ChangeItem& change) { return Describe(change); }, deadline);
  FindPlans(formula, evaluator, maker, query.max_plans, deadline, answer);
  return answer;
}

}  // namespace portvakt::engine
