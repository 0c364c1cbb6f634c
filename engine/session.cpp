// The present and the past, and decisions from either.
#include "engine/explain.h"
#include "engine/judge.h"
#include "engine/policy_program.h"
#include "engine/session_state.h"
#include "engine/snapshot_state.h"
#include "engine/verify.h"

namespace portvakt::engine {

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() = default;

uint64_t Session::revision() const { return state_->view().revision(); }
uint32_t Session::policy_version() const { return state_->version; }
const Snapshot& Session::snapshot() const { return state_->snapshot; }

const View& Session::view() const { return state_->view(); }
int64_t Session::now_us() const { return (*state_->clock)(); }

Status Session::State::Renew() {
  past.reset();
  clock = engine_clock;
  Status renewed = snapshot.Renew();
  if (!renewed) {
    program = Program();
    settled.reset();
  }
  return renewed;
}

Status Session::State::Adopt(uint32_t policy_version) {
  if (policy_version == 0) {
    program = Program();
    version = 0;
    return Error{Error::Code::kNotFound,
                 past ? "there was no active policy at that moment" : "there is no active policy"};
  }
  const std::string_view bytes = snapshot.PolicyProgram(policy_version);
  const bool seen = !program.empty() && compiled.empty() && version == policy_version &&
                    verified.data() == bytes.data() && verified.size() == bytes.size() &&
                    checksum == program.header().checksum;
  version = policy_version;
  if (seen) return Done{};
  program = Program();
  compiled.clear();
  if (bytes.empty() && !snapshot.FindPolicy(policy_version)) {
    return Error{Error::Code::kNotFound,
                 "there is no policy version " + std::to_string(policy_version)};
  }
  Result<Program> read = ReadProgram(bytes);
  if (bytes.empty() || (!read && read.error().code == Error::Code::kTooNew)) {
    Result<std::string> made = CompileForTheMoment(snapshot, policy_version);
    if (!made) return made.error();
    compiled = *std::move(made);
    read = ReadProgram(compiled);
  }
  if (!read) return read.error();
  program = *read;
  verified = bytes;
  checksum = program.header().checksum;
  return Done{};
}

Status Session::Refresh() {
  State& state = *state_;
  if (Status renewed = state.Renew(); !renewed) return renewed;
  const uint64_t commit = SnapshotTables(state.snapshot).transaction.commit();
  if (state.settled == commit) return Done{};
  state.settled.reset();
  const std::optional<PolicyInfo> active = state.snapshot.ActivePolicy();
  Status adopted = state.Adopt(active ? active->version : 0);
  if (adopted.ok()) state.settled = commit;
  return adopted;
}

Status Session::GoTo(const Moment& moment) {
  State& state = *state_;
  state.settled.reset();
  if (Status renewed = state.Renew(); !renewed) return renewed;
  const uint64_t last = state.snapshot.revision();
  uint64_t revision = last;
  if (moment.instant_us) revision = RevisionAt(state.snapshot, *moment.instant_us);
  if (moment.revision) revision = *moment.revision;
  if (revision > last) {
    state.program = Program();
    return Error{Error::Code::kNotFound, "there is no revision " + std::to_string(revision) +
                                             "; the last is " + std::to_string(last)};
  }
  std::optional<int64_t> now_us = moment.instant_us;
  if (!now_us && moment.revision) {
    const auto info = state.snapshot.FindRevision(revision);
    now_us = info ? info->instant_us : INT64_MIN;  // before the first
  }
  if (now_us) {
    state.clock = std::make_shared<const Reader::Clock>([now = *now_us] { return now; });
  }
  if (revision < last) state.past = std::make_unique<PastView>(state.snapshot, revision);
  if (moment.policy_version) return state.Adopt(*moment.policy_version);
  if (state.past) return state.Adopt(state.past->active_policy());
  const std::optional<PolicyInfo> active = state.snapshot.ActivePolicy();
  return state.Adopt(active ? active->version : 0);
}

Decision Session::Decide(const Request& request) {
  State& state = *state_;
  Decision decision;
  decision.revision = state.view().revision();
  decision.policy_version = state.version;
  state.decided_by = "no_policy";
  if (state.program.empty()) return decision;
  Evaluator& evaluator = state.evaluator;
  const Question question = evaluator.Begin(state.program, state.view(), *state.clock, request,
                                            state.settled.value_or(0));
  state.decided_by = CodeOf(question.refusal);
  if (question.refusal != Question::Refusal::kNone) return decision;
  const Tri verdict = evaluator.Decide(question.subject, question.permission, question.object);
  if (const uint32_t rule = evaluator.decisive_rule(); rule != kNoIndex) {
    state.decided_by = state.program.Text(state.program.rules[rule].name);
  } else {
    state.decided_by = verdict == Tri::kUnknown ? "missing_context" : "no_rule";
  }
  if (verdict == Tri::kTrue) decision.obligations = Explainer(evaluator).Obligations(question);
  // What could not be told with a permit must not be left out in silence either.
  if (evaluator.exhausted()) {
    decision.obligations.clear();
    state.decided_by = "budget";
    return decision;
  }
  decision.verdict = verdict;
  decision.permit = verdict == Tri::kTrue;
  return decision;
}

std::string_view Session::DecidedBy() const { return state_->decided_by; }

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
  const Question question = evaluator.Begin(state.program, state.view(), *state.clock, request);
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
