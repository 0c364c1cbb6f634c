// The order of reasons between rules.
#include "engine/explain.h"

#include <algorithm>

#include "dsl/module.h"

namespace portvakt::engine {

void Explainer::Add(Reasons& out, const ReasonText& reason) {
  const auto same = [&](const ReasonText& each) { return each.code == reason.code; };
  if (std::none_of(out.begin(), out.end(), same)) out.push_back(reason);
}

Explainer::Reasons Explainer::CodesOfRule(uint32_t index, EntityId subject, uint32_t permission,
                                          EntityId object) {
  Reasons codes;
  const RuleRecord& rule = evaluator_.program().rules[index];
  if (uint64_t* frame = evaluator_.PushRule(rule, subject, permission, object)) {
    Codes(rule.condition, frame, codes);
    evaluator_.PopFrame(frame);
  }
  return codes;
}

// Both lists of rules stand by name in the program.
Explainer::Judgement Explainer::Judge(EntityId subject, uint32_t permission, EntityId object) {
  Judgement judgement;
  const DispatchRecord* rules = evaluator_.RulesFor(subject, permission, object);
  if (rules == nullptr) return judgement;
  const Program& program = evaluator_.program();
  for (uint32_t rule : program.List(rules->permits)) {
    const Tri verdict = evaluator_.TestRule(rule, subject, permission, object);
    if (verdict == Tri::kTrue) {
      judgement.held.emplace_back(program.Text(program.rules[rule].name));
    } else {
      judgement.permits.push_back({rule, verdict, CodesOfRule(rule, subject, permission, object)});
    }
  }
  // Those with codes first, fewest first.
  std::stable_sort(judgement.permits.begin(), judgement.permits.end(),
                   [](const RuleVerdict& a, const RuleVerdict& b) {
                     return a.codes.size() - 1 < b.codes.size() - 1;
                   });
  for (uint32_t index : program.List(rules->forbids)) {
    const Tri verdict = evaluator_.TestRule(index, subject, permission, object);
    if (verdict == Tri::kFalse) continue;
    const RuleRecord& rule = program.rules[index];
    ReasonText reason{std::string(program.Text(rule.name)), ""};
    if (uint64_t* frame = evaluator_.PushRule(rule, subject, permission, object)) {
      reason.text = TextOf(rule.title, frame);
      evaluator_.PopFrame(frame);
    }
    judgement.forbids.push_back({index, verdict, {reason}});
  }
  return judgement;
}

void Explainer::RequiredReasons(EntityId subject, uint32_t permission, EntityId object,
                                Reasons& out, std::vector<RuleReport>* reports) {
  const Program& program = evaluator_.program();
  const uint32_t index = program.SymbolOfNumber(kPermissionSpace, permission);
  if (index == kNoIndex) return;
  for (uint32_t number : program.List(program.permissions[index].requires_permissions)) {
    const Tri verdict = evaluator_.Decide(subject, number, object);
    if (verdict == Tri::kTrue) continue;
    Reasons reasons;
    ReasonsOfDenial(subject, number, object, reasons);
    for (const ReasonText& reason : reasons) Add(out, reason);
    if (reports == nullptr) continue;
    RuleReport report;
    report.kind = RuleReport::Kind::kRequired;
    report.name = std::string(program.SymbolName(kPermissionSpace, number));
    report.verdict = verdict;
    for (const ReasonText& reason : reasons) report.codes.push_back(reason.code);
    reports->push_back(std::move(report));
  }
}

void Explainer::ReasonsOfDenial(EntityId subject, uint32_t permission, EntityId object,
                                Reasons& out) {
  if (depth_ >= kMaxReasonDepth || evaluator_.exhausted()) return;
  ++depth_;
  const Judgement judgement = Judge(subject, permission, object);
  if (judgement.held.empty()) {
    for (const RuleVerdict& permit : judgement.permits) {
      for (const ReasonText& reason : permit.codes) Add(out, reason);
    }
  }
  for (const RuleVerdict& forbid : judgement.forbids) Add(out, forbid.codes.front());
  if (judgement.held.empty() || judgement.forbids.empty()) {
    RequiredReasons(subject, permission, object, out, nullptr);
  }
  --depth_;
}

Explainer::Reasons Explainer::Notes(const Question& question, bool on_deny) {
  Reasons notes;
  const DispatchRecord* rules =
      evaluator_.RulesFor(question.subject, question.permission, question.object);
  if (rules == nullptr) return notes;
  const Program& program = evaluator_.program();
  for (uint32_t index : program.List(rules->notes)) {
    const RuleRecord& rule = program.rules[index];
    if ((rule.on_deny != 0) != on_deny) continue;
    const Tri verdict =
        evaluator_.TestRule(index, question.subject, question.permission, question.object);
    if (verdict == Tri::kFalse) continue;
    uint64_t* frame =
        evaluator_.PushRule(rule, question.subject, question.permission, question.object);
    if (frame == nullptr) break;
    notes.push_back({std::string(program.Text(rule.name)), TextOf(rule.title, frame)});
    evaluator_.PopFrame(frame);
  }
  return notes;
}

std::vector<ReasonText> Explainer::Obligations(const Question& question) {
  return Notes(question, false);
}

void Explainer::Refusal(const Question& question, Explanation& out) const {
  const std::string name = "`" + std::string(question.culprit) + "`";
  switch (question.refusal) {
    case Question::Refusal::kType:
      out.reasons.push_back({"unknown_type", "the policy has no type " + name});
      return;
    case Question::Refusal::kPermission:
      out.reasons.push_back({"unknown_permission", "the policy has no permission " + name});
      return;
    default:
      out.reasons.push_back({"unknown_entity", "nothing with the id " + name + " is stored"});
      return;
  }
}

void Explainer::Explain(const Question& question, Explanation& out) {
  if (question.refusal != Question::Refusal::kNone) return Refusal(question, out);
  const EntityId subject = question.subject;
  const EntityId object = question.object;
  Judgement judgement = Judge(subject, question.permission, object);
  if (out.decision.permit) {
    out.decided_by = judgement.held;
    return;
  }
  for (const RuleVerdict& permit : judgement.permits) {
    if (judgement.held.empty()) {
      for (const ReasonText& reason : permit.codes) Add(out.reasons, reason);
      out.rules.push_back(
          ReportRule(permit, RuleReport::Kind::kPermit, subject, question.permission, object));
    }
  }
  for (const RuleVerdict& forbid : judgement.forbids) {
    Add(out.reasons, forbid.codes.front());
    out.decided_by.push_back(forbid.codes.front().code);
    out.rules.push_back(
        ReportRule(forbid, RuleReport::Kind::kForbid, subject, question.permission, object));
  }
  if (judgement.held.empty() || judgement.forbids.empty()) {
    RequiredReasons(subject, question.permission, object, out.reasons, &out.rules);
  }
  out.notes = Notes(question, true);
  out.missing_context = missing_;
  if (!out.reasons.empty()) return;
  if (out.decision.verdict == Tri::kUnknown) {
    std::string names;
    for (const std::string& name : missing_) names += (names.empty() ? "" : ", ") + name;
    out.reasons.push_back(
        {"missing_context", names.empty() ? "the request leaves something out"
                                          : "the request has no fitting value of " + names});
  } else {
    out.reasons.push_back({"no_rule", "no rule permits this"});
  }
}

}  // namespace portvakt::engine
