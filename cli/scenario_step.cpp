// The four kinds of steps. Each makes a text of what was expected and one of what came, in one
// form, so that a reader sees the difference.
#include "cli/scenario_step.h"

#include <algorithm>
#include <utility>

#include "cli/answer.h"
#include "cli/change_text.h"
#include "cli/question.h"
#include "cli/search_text.h"
#include "cli/supplied.h"

namespace portvakt::cli {

namespace {

using Codes = std::vector<std::string>;

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

void AddCodes(const std::vector<engine::ReasonText>& reasons, Codes& codes) {
  for (const engine::ReasonText& reason : reasons) {
    const bool told = std::find(codes.begin(), codes.end(), reason.code) != codes.end();
    if (!told) codes.push_back(reason.code);
  }
}

Codes CodesOf(const std::vector<engine::ReasonText>& reasons) {
  Codes codes;
  AddCodes(reasons, codes);
  return codes;
}

std::string DescribeExpected(const ScenarioStep& step, const char* yes, const char* no) {
  std::string text = step.expect_yes ? yes : no;
  if (step.primary) text += " because " + *step.primary + " (first)";
  if (step.because)
    text += step.because->empty() ? " without reasons" : " because " + Join(*step.because);
  if (step.notes) text += step.notes->empty() ? ", no notes" : ", notes " + Join(*step.notes);
  return text;
}

std::string DescribeActual(const std::string& verdict, const Codes& codes, const Codes& notes) {
  return verdict + (codes.empty() ? "" : " because " + Join(codes)) +
         (notes.empty() ? "" : ", notes " + Join(notes));
}

bool Agrees(const ScenarioStep& step, bool yes, const Codes& codes, const Codes& notes) {
  if (yes != step.expect_yes) return false;
  if (step.primary && (codes.empty() || codes.front() != *step.primary)) return false;
  if (step.because && codes != *step.because) return false;
  return !step.notes || notes == *step.notes;
}

class StepTaker {
 public:
  StepTaker(const ScenarioStep& step, const Policy& policy, engine::Engine& engine, int64_t now_us,
            StepFinding& finding)
      : step_(step),
        policy_(policy),
        module_(*policy.module),
        engine_(engine),
        now_us_(now_us),
        finding_(finding) {}

  std::optional<StepResult> Take() {
    auto session = engine_.NewSession();
    if (!session) return Wrong(step_.place, session.error().message);
    if (const auto refreshed = session->Refresh(); !refreshed) {
      return Wrong(step_.place, refreshed.error().message);
    }
    for (const WrittenValue& value : step_.context) {
      if (FindAttribute(module_.context, value.name) != nullptr) continue;
      return Wrong(value.place, NoSuchContext(module_, value.name));
    }
    switch (step_.kind) {
      case ScenarioStep::Kind::kCan: return TakeCan(*session);
      case ScenarioStep::Kind::kChange: return TakeChange(*session);
      case ScenarioStep::Kind::kFind: return TakeFind(*session);
      case ScenarioStep::Kind::kMissing: return TakeMissing(*session);
    }
    return std::nullopt;
  }

 private:
  std::nullopt_t Wrong(const FilePlace& place, std::string message) {
    finding_ = {place, std::move(message)};
    return std::nullopt;
  }

  engine::InputValues Inputs(const std::vector<WrittenValue>& written,
                             const std::vector<dsl::Attribute>* declared) const;
  std::optional<engine::Request> RequestOf(const engine::Snapshot& snapshot);
  // Absent for the operator, and after a finding.
  std::optional<engine::EntityName> EntityOf(const std::string& text,
                                             const engine::Snapshot& snapshot);

  std::optional<StepResult> TakeCan(engine::Session& session);
  std::optional<StepResult> TakeChange(engine::Session& session);
  std::optional<StepResult> TakeFind(engine::Session& session);
  std::optional<StepResult> TakeMissing(engine::Session& session);

  const ScenarioStep& step_;
  const Policy& policy_;
  const dsl::Module& module_;
  engine::Engine& engine_;
  int64_t now_us_;
  StepFinding& finding_;
};

engine::InputValues StepTaker::Inputs(const std::vector<WrittenValue>& written,
                                      const std::vector<dsl::Attribute>* declared) const {
  engine::InputValues values;
  for (const WrittenValue& value : written) {
    const dsl::Attribute* attribute =
        declared != nullptr ? FindAttribute(*declared, value.name) : nullptr;
    engine::InputValue input;
    if (value.is_list) {
      input = ReadInputs(attribute, value.list);
    } else if (value.quoted) {
      input.kind = engine::InputValue::Kind::kString;
      input.text = value.text;
    } else {
      input = ReadInput(attribute, value.text);
    }
    values.emplace_back(value.name, std::move(input));
  }
  return values;
}

std::optional<engine::Request> StepTaker::RequestOf(const engine::Snapshot& snapshot) {
  const auto question = SplitQuestion(module_, step_.question);
  if (!question) return Wrong(step_.question_place, question.error().message);
  auto request = Resolve(module_, snapshot, question.value());
  if (!request) return Wrong(step_.question_place, request.error().message);
  const dsl::Type* subject = FindType(module_, request->subject.type);
  const dsl::Type* object = FindType(module_, request->resource.type);
  request->context = Inputs(step_.context, &module_.context);
  request->subject_properties =
      Inputs(step_.subject_properties, subject != nullptr ? &subject->attributes : nullptr);
  request->resource_properties =
      Inputs(step_.resource_properties, object != nullptr ? &object->attributes : nullptr);
  request->action_properties = Inputs(step_.action_properties, &module_.action);
  request->now_us = now_us_;
  return *std::move(request);
}

std::optional<engine::EntityName> StepTaker::EntityOf(const std::string& text,
                                                      const engine::Snapshot& snapshot) {
  auto name = ReadActor(module_, snapshot, text);
  if (!name) return Wrong(step_.actor_place, name.error().message);
  return *std::move(name);
}

std::optional<StepResult> StepTaker::TakeCan(engine::Session& session) {
  const auto request = RequestOf(session.snapshot());
  if (!request) return std::nullopt;
  const engine::Explanation explanation = session.Explain(*request);
  const bool permit = explanation.decision.permit;
  const Codes notes = CodesOf(permit ? explanation.decision.obligations : explanation.notes);
  const Codes codes = CodesOf(explanation.reasons);
  StepResult result;
  result.question = step_.question;
  result.expected = DescribeExpected(step_, "permit", "deny");
  result.actual = DescribeActual(permit ? "permit" : "deny", codes, notes);
  result.passed = Agrees(step_, permit, codes, notes);
  // The quick way and the explaining way are one law; a test file is a good place to see it broken.
  if (session.Decide(*request).permit != permit) {
    result.passed = false;
    result.actual += " (but without an explanation the answer differs)";
  }
  if (!result.passed) {
    result.explanation = DescribeAnswer(explanation, {true, policy_.root});
    for (const auto& hint : MisspeltNames(module_, session.snapshot(), *request)) {
      result.explanation += "  hint: " + hint + "\n";
    }
  }
  return result;
}

std::string ExplainRefusal(const std::string& change, const engine::ChangeVerdict& verdict) {
  std::string text = change + "\n";
  for (const engine::ReasonText& reason : verdict.reasons) {
    text += "  " + DescribeReason(reason) + "\n";
  }
  for (const engine::LimitReport& limit : verdict.limits) {
    text += "  " + limit.place + ": " + limit.text + (limit.remedy.empty() ? "" : "; ") +
            limit.remedy + "\n";
  }
  for (const std::string& name : verdict.missing_context) text += "  not told: " + name + "\n";
  return text;
}

std::optional<StepResult> StepTaker::TakeChange(engine::Session& session) {
  using Outcome = engine::ChangeVerdict::Outcome;
  engine::ChangeRequest request;
  StepResult result;
  result.question = (step_.actor.empty() ? "the operator" : step_.actor) + ":";
  for (const auto& [text, name] :
       {std::pair(&step_.actor, &request.actor), std::pair(&step_.second, &request.second)}) {
    if (text->empty()) continue;
    if (!(*name = EntityOf(*text, session.snapshot()))) return std::nullopt;
  }
  for (const WrittenSentence& written : step_.changes) {
    auto change = ReadChange(module_, session.snapshot(), written.text, request.changes);
    if (!change) return Wrong(written.place, change.error().message);
    request.changes.push_back(*std::move(change));
    result.question += (request.changes.size() > 1 ? ", " : " ") + written.text;
  }
  request.context = Inputs(step_.context, &module_.context);
  request.reason = step_.reason;
  const engine::ChangeResult changed = engine_.Change(request);
  Codes codes;
  Codes notes;
  for (size_t i = 0; i < changed.verdicts.size(); ++i) {
    const engine::ChangeVerdict& verdict = changed.verdicts[i];
    AddCodes(verdict.obligations, notes);
    if (verdict.outcome == Outcome::kDone || verdict.outcome == Outcome::kAlready) continue;
    AddCodes(verdict.reasons, codes);
    result.explanation += ExplainRefusal(step_.changes[i].text, verdict);
  }
  std::string verdict = changed.ok() ? "accepted" : "refused";
  if (!changed.error.empty()) verdict += " (" + changed.error + ")";
  result.expected = DescribeExpected(step_, "accepted", "refused");
  result.actual = DescribeActual(verdict, codes, notes);
  result.passed = Agrees(step_, changed.ok(), codes, notes);
  return result;
}

std::string DescribeResults(std::vector<std::string> results) {
  std::sort(results.begin(), results.end());
  return results.empty() ? "nothing" : Join(results);
}

// Results are compared as sets: the order of the store's numbers is nobody's expectation.
std::optional<StepResult> StepTaker::TakeFind(engine::Session& session) {
  auto query = step_.actor.empty()
                   ? ReadSearch(module_, session.snapshot(), step_.question)
                   : ReadChangeSearch(module_, session.snapshot(), step_.question, step_.actor);
  if (!query) return Wrong(step_.question_place, query.error().message);
  query->request.context = Inputs(step_.context, &module_.context);
  query->request.now_us = now_us_;
  StepResult result;
  result.question = (step_.actor.empty() ? "" : step_.actor + ": ") + step_.question;
  if (!step_.viewer.empty()) {
    query->viewer = EntityOf(step_.viewer, session.snapshot());
    if (!query->viewer) return std::nullopt;
    result.question += ", as " + step_.viewer + " sees it";
  }
  const engine::SearchPage page = session.Search(*query);
  std::vector<std::string> found;
  for (const engine::SearchResult& one : page.results) {
    found.push_back((one.symbol.empty() ? one.entity.id : one.symbol) +
                    (one.verdict == engine::Tri::kUnknown ? " depends" : ""));
  }
  result.expected = DescribeResults(step_.expected);
  result.actual = DescribeResults(std::move(found));
  result.passed = result.expected == result.actual && page.error.empty();
  if (!page.error.empty()) result.actual += " (" + page.error + ")";
  return result;
}

// `david assigned_to alfa by bo, anna`.
std::string DescribeStep(const engine::MissingStep& step) {
  if (step.operator_only) return step.text + " by the operator";
  std::string who;
  for (const engine::EntityName& name : step.who) who += (who.empty() ? "" : ", ") + name.id;
  if (step.more_who) who += " and others";
  return step.text + (who.empty() ? "" : " by " + who);
}

// What was expected may leave out who can do it.
bool IsStep(const std::string& expected, const engine::MissingStep& step) {
  return expected == step.text || expected == DescribeStep(step);
}

std::optional<StepResult> StepTaker::TakeMissing(engine::Session& session) {
  const auto request = RequestOf(session.snapshot());
  if (!request) return std::nullopt;
  engine::MissingQuery query;
  query.request = *request;
  if (!step_.actor.empty()) {
    query.actor = EntityOf(step_.actor, session.snapshot());
    if (!query.actor) return std::nullopt;
  }
  const engine::MissingAnswer answer = session.Missing(query);
  StepResult result;
  result.question = "what is missing for " + step_.question;
  result.expected = step_.expected.empty() ? "nothing" : Join(step_.expected);
  std::vector<std::string> steps;
  if (!answer.plans.empty()) {
    for (const auto& step : answer.plans.front().steps) steps.push_back(DescribeStep(step));
  }
  result.actual = !steps.empty()     ? Join(steps)
                  : answer.permitted ? "nothing"
                                     : "no change of facts would do";
  if (answer.permitted || answer.plans.empty()) {
    result.passed = answer.permitted && step_.expected.empty();
    return result;
  }
  const auto& plan = answer.plans.front().steps;
  result.passed =
      std::equal(step_.expected.begin(), step_.expected.end(), plan.begin(), plan.end(), IsStep);
  return result;
}

}  // namespace

std::optional<StepResult> TakeStep(const ScenarioStep& step, const Policy& policy,
                                   engine::Engine& engine, int64_t now_us, StepFinding& finding) {
  return StepTaker(step, policy, engine, now_us, finding).Take();
}

}  // namespace portvakt::cli
