// The order of reasons between rules.
#include "engine/explain.h"

#include <algorithm>

#include "dsl/module.h"

namespace portvakt::engine {

void Explainer::Add(Reasons& out, const ReasonText& reason) {
  const auto same = [&](const ReasonText& each) { return each.code == reason.code; };
  if (std::none_of(out.begin(), out.end(), same)) out.push_back(reason);
}

Asked Explainer::AboutAct(EntityId subject, uint32_t permission, EntityId object) const {
  Asked asked;
  asked.subject = subject;
  asked.permission = permission;
  asked.object = object;
  const DispatchRecord* rules = evaluator_.RulesFor(subject, permission, object);
  if (rules == nullptr) return asked;
  const Program& program = evaluator_.program();
  asked.permits = program.List(rules->permits);
  asked.forbids = program.List(rules->forbids);
  asked.notes = program.List(rules->notes);
  return asked;
}

const RuleRecord& Explainer::RuleOf(const Asked& asked, uint32_t index) const {
  const Program& program = evaluator_.program();
  return asked.change == nullptr ? program.rules[index] : program.change_rules[index].rule;
}

uint64_t* Explainer::Push(const Asked& asked, uint32_t index) {
  const Program& program = evaluator_.program();
  if (asked.change == nullptr) {
    return evaluator_.PushRule(program.rules[index], asked.subject, asked.permission, asked.object);
  }
  return evaluator_.PushChangeRule(program.change_rules[index], *asked.change, asked.subject);
}

Tri Explainer::Test(const Asked& asked, uint32_t index) {
  uint64_t* frame = Push(asked, index);
  if (frame == nullptr) return Tri::kUnknown;
  const Tri value = evaluator_.Test(RuleOf(asked, index).condition, frame);
  evaluator_.PopFrame(frame);
  return value;
}

Explainer::Reasons Explainer::CodesOfRule(const Asked& asked, uint32_t index) {
  Reasons codes;
  if (uint64_t* frame = Push(asked, index)) {
    Codes(RuleOf(asked, index).condition, frame, codes);
    evaluator_.PopFrame(frame);
  }
  return codes;
}

std::vector<std::string> Explainer::Held(const Asked& asked) {
  const Program& program = evaluator_.program();
  std::vector<std::string> held;
  for (uint32_t rule : asked.permits) {
    if (Test(asked, rule) == Tri::kTrue) held.emplace_back(program.Text(RuleOf(asked, rule).name));
  }
  return held;
}

Explainer::Judgement Explainer::Judge(const Asked& asked) {
  Judgement judgement;
  const Program& program = evaluator_.program();
  for (uint32_t rule : asked.permits) {
    const Tri verdict = Test(asked, rule);
    if (verdict == Tri::kTrue) {
      judgement.held.emplace_back(program.Text(RuleOf(asked, rule).name));
    } else {
      judgement.permits.push_back({rule, verdict, CodesOfRule(asked, rule)});
    }
  }
  // Those with codes first, fewest first.
  std::stable_sort(judgement.permits.begin(), judgement.permits.end(),
                   [](const RuleVerdict& a, const RuleVerdict& b) {
                     return a.codes.size() - 1 < b.codes.size() - 1;
                   });
  for (uint32_t index : asked.forbids) {
    const Tri verdict = Test(asked, index);
    if (verdict == Tri::kFalse) continue;
    const RuleRecord& rule = RuleOf(asked, index);
    ReasonText reason{std::string(program.Text(rule.name)), ""};
    if (uint64_t* frame = Push(asked, index)) {
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
  const Judgement judgement = Judge(AboutAct(subject, permission, object));
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

Explainer::Reasons Explainer::Notes(const Asked& asked, bool on_deny) {
  Reasons notes;
  const Program& program = evaluator_.program();
  for (uint32_t index : asked.notes) {
    const RuleRecord& rule = RuleOf(asked, index);
    if ((rule.on_deny != 0) != on_deny || Test(asked, index) == Tri::kFalse) continue;
    uint64_t* frame = Push(asked, index);
    if (frame == nullptr) break;
    notes.push_back({std::string(program.Text(rule.name)), TextOf(rule.title, frame)});
    evaluator_.PopFrame(frame);
  }
  return notes;
}

std::vector<ReasonText> Explainer::Obligations(const Question& question) {
  return Notes(AboutAct(question.subject, question.permission, question.object), false);
}

void Explainer::Refusal(const Question& question, Explanation& out) const {
  const std::string name = "`" + std::string(question.culprit) + "`";
  const std::string code(CodeOf(question.refusal));
  switch (question.refusal) {
    case Question::Refusal::kType:
      out.reasons.push_back({code, "the policy has no type " + name});
      return;
    case Question::Refusal::kPermission:
      out.reasons.push_back({code, "the policy has no permission " + name});
      return;
    default: out.reasons.push_back({code, "nothing with the id " + name + " is stored"}); return;
  }
}

void Explainer::Explain(const Question& question, Explanation& out) {
  if (question.refusal != Question::Refusal::kNone) return Refusal(question, out);
  const Asked asked = AboutAct(question.subject, question.permission, question.object);
  if (out.decision.permit) {
    out.decided_by = Held(asked);
    return;
  }
  const Judgement judgement = Judge(asked);
  Tell(asked, judgement, out.reasons, out.decided_by, out.rules);
  if (judgement.held.empty() || judgement.forbids.empty()) {
    RequiredReasons(asked.subject, asked.permission, asked.object, out.reasons, &out.rules);
  }
  out.notes = Notes(asked, true);
  out.missing_context = missing_;
  if (!out.reasons.empty()) return;
  if (out.decision.verdict == Tri::kUnknown) {
    out.reasons.push_back(MissingReason());
  } else {
    out.reasons.push_back({"no_rule", "no rule permits this"});
  }
}

void Explainer::Tell(const Asked& asked, const Judgement& judgement, Reasons& reasons,
                     std::vector<std::string>& decided_by, std::vector<RuleReport>& rules) {
  const auto report = [&](const RuleVerdict& rule, RuleReport::Kind kind) {
    const std::string_view name = evaluator_.program().Text(RuleOf(asked, rule.rule).name);
    const bool told = std::any_of(rules.begin(), rules.end(),
                                  [&](const RuleReport& each) { return each.name == name; });
    if (!told) rules.push_back(ReportRule(asked, rule, kind));
  };
  if (judgement.held.empty()) {
    for (const RuleVerdict& permit : judgement.permits) {
      for (const ReasonText& reason : permit.codes) Add(reasons, reason);
      report(permit, RuleReport::Kind::kPermit);
    }
  }
  for (const RuleVerdict& forbid : judgement.forbids) {
    const std::string& name = forbid.codes.front().code;
    Add(reasons, forbid.codes.front());
    report(forbid, RuleReport::Kind::kForbid);
    if (std::find(decided_by.begin(), decided_by.end(), name) == decided_by.end()) {
      decided_by.push_back(name);
    }
  }
}

ReasonText Explainer::MissingReason() const {
  std::string names;
  for (const std::string& name : missing_) names += (names.empty() ? "" : ", ") + name;
  return {"missing_context", names.empty() ? "the request leaves something out"
                                           : "the request has no fitting value of " + names};
}

void Explainer::ExplainChange(const Asked& asked, ChangeVerdict& out) {
  const Judgement judgement = Judge(asked);
  const size_t before = out.reasons.size();
  Tell(asked, judgement, out.reasons, out.decided_by, out.rules);
  for (const std::string& name : missing_) {
    auto& all = out.missing_context;
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
  if (!judgement.held.empty() && judgement.forbids.empty()) return;
  if (out.reasons.size() != before || evaluator_.exhausted()) return;
  const auto unknown = [](const RuleVerdict& rule) { return rule.verdict == Tri::kUnknown; };
  if (asked.permits.empty()) {
    Add(out.reasons, {"no_rule", "only the operator may change this"});
  } else if (std::any_of(judgement.permits.begin(), judgement.permits.end(), unknown)) {
    Add(out.reasons, MissingReason());
  } else {
    Add(out.reasons, {"no_rule", "no rule permits this"});
  }
}

}  // namespace portvakt::engine
