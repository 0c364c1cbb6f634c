#include "engine/explain.h"
#include "engine/judge.h"
#include "engine/session_state.h"
#include "engine/verify.h"

namespace portvakt::engine {

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;

uint64_t Session::revision() const { return state_->snapshot.revision(); }
uint32_t Session::policy_version() const { return state_->version; }
const Snapshot& Session::snapshot() const { return state_->snapshot; }

Status Session::Refresh() {
  State& state = *state_;
  if (Status renewed = state.snapshot.Renew(); !renewed) {
    state.program = Program();
    return renewed;
  }
  const std::optional<PolicyInfo> active = state.snapshot.ActivePolicy();
  if (!active) {
    state.program = Program();
    state.version = 0;
    return Error{Error::Code::kNotFound, "there is no active policy"};
  }
  const std::string_view bytes = state.snapshot.PolicyProgram(active->version);
  const bool seen = !state.program.empty() && state.version == active->version &&
                    state.verified.data() == bytes.data() &&
                    state.verified.size() == bytes.size() &&
                    state.checksum == state.program.header().checksum;
  state.version = active->version;
  if (seen) return Done{};
  state.program = Program();
  Result<Program> program = ReadProgram(bytes);
  if (!program) return program.error();
  state.program = *program;
  state.verified = bytes;
  state.checksum = program->header().checksum;
  return Done{};
}

Decision Session::Decide(const Request& request) {
  State& state = *state_;
  Decision decision;
  decision.revision = state.snapshot.revision();
  decision.policy_version = state.version;
  if (state.program.empty()) return decision;
  Evaluator& evaluator = state.evaluator;
  const Question question = evaluator.Begin(state.program, state.snapshot, *state.clock, request);
  if (question.refusal != Question::Refusal::kNone) return decision;
  const Tri verdict = evaluator.Decide(question.subject, question.permission, question.object);
  if (verdict == Tri::kTrue) decision.obligations = Explainer(evaluator).Obligations(question);
  // What could not be told with a permit must not be left out in silence either.
  if (evaluator.exhausted()) {
    decision.obligations.clear();
    return decision;
  }
  decision.verdict = verdict;
  decision.permit = verdict == Tri::kTrue;
  return decision;
}

Explanation Session::Explain(const Request& request) {
  State& state = *state_;
  Explanation explanation;
  explanation.decision = Decide(request);
  if (state.program.empty()) {
    explanation.reasons.push_back({"no_policy", "there is no policy to decide by"});
    return explanation;
  }
  Evaluator& evaluator = state.evaluator;
  const bool exhausted = evaluator.exhausted();
  // Anew: the explanation has a budget of its own.
  const Question question = evaluator.Begin(state.program, state.snapshot, *state.clock, request);
  if (exhausted) {
    explanation.reasons.push_back(
        {"budget", "the decision would take more than " + std::to_string(kMaxSteps) + " steps"});
    return explanation;
  }
  Explainer(evaluator).Explain(question, explanation);
  return explanation;
}

std::vector<LimitReport> Session::BrokenLimits(size_t most) {
  if (state_->program.empty()) return {};
  Judge judge(state_->program, *state_->clock);
  return judge.Broken(view(), most, now_us());
}

}  // namespace portvakt::engine
