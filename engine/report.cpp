// What a person is shown of a deny: the rules that came nearest, and in each the conditions that
// failed or were not known, with what was found and what was wanted.
#include <algorithm>

#include "dsl/module.h"
#include "engine/explain.h"

namespace portvakt::engine {
namespace {

using dsl::Comparison;

const char* Words(Comparison comparison, bool wanted) {
  switch (comparison) {
    case Comparison::kEqual: return wanted ? "" : "not ";
    case Comparison::kNotEqual: return wanted ? "not " : "";
    case Comparison::kLess: return wanted ? "less than " : "at least ";
    case Comparison::kAtMost: return wanted ? "at most " : "more than ";
    case Comparison::kMore: return wanted ? "more than " : "at most ";
    case Comparison::kAtLeast: return wanted ? "at least " : "less than ";
    case Comparison::kWithin: return wanted ? "within " : "not within ";
  }
  return "";
}

// `context.login` is told as `login`: a reader knows what he sent.
std::string_view WithoutSource(std::string_view name) {
  for (std::string_view prefix : {std::string_view("context."), std::string_view("action.")}) {
    if (name.substr(0, prefix.size()) == prefix) return name.substr(prefix.size());
  }
  return name;
}

}  // namespace

std::string Explainer::PlaceText(uint32_t place) const {
  const Program& program = evaluator_.program();
  const PlaceRecord& record = program.places[place];
  return std::string(program.Text(record.file)) + ":" + std::to_string(record.line) + ":" +
         std::to_string(record.column);
}

RuleReport Explainer::ReportRule(const Asked& asked, const RuleVerdict& verdict,
                                 RuleReport::Kind kind) {
  const Program& program = evaluator_.program();
  const RuleRecord& rule = RuleOf(asked, verdict.rule);
  RuleReport report;
  report.kind = kind;
  report.name = std::string(program.Text(rule.name));
  report.place = PlaceText(rule.place);
  report.verdict = verdict.verdict;
  for (const ReasonText& code : verdict.codes) report.codes.push_back(code.code);
  if (uint64_t* frame = Push(asked, verdict.rule)) {
    Report(rule.condition, frame, kind == RuleReport::Kind::kPermit, report);
    evaluator_.PopFrame(frame);
  }
  return report;
}

void Explainer::Report(uint32_t id, uint64_t* frame, bool wanted, RuleReport& out) {
  const Tri verdict = evaluator_.Test(id, frame);
  if (verdict == From(wanted) || evaluator_.exhausted()) return;
  if (out.conditions.size() >= kMaxReportedConditions) return;
  const Program& program = evaluator_.program();
  const NodeRecord& node = program.nodes[id];
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot:
    case Op::kSomeEntity:
    case Op::kSomeSymbol:
    case Op::kDefine:
    case Op::kMay: {
      const size_t before = out.conditions.size();
      if (node.reason != kNoIndex) ReportLeaf(id, frame, wanted, verdict, out);
      const size_t parts = out.conditions.size();
      ReportParts(node, frame, wanted, out);
      // Where no part says why, the whole does.
      if (out.conditions.size() == parts && parts == before) {
        ReportLeaf(id, frame, wanted, verdict, out);
      }
      return;
    }
    default: ReportLeaf(id, frame, wanted, verdict, out);
  }
}

void Explainer::ReportParts(const NodeRecord& node, uint64_t* frame, bool wanted, RuleReport& out) {
  const Program& program = evaluator_.program();
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
      for (uint32_t child : InReadingOrder(node.children)) Report(child, frame, wanted, out);
      return;
    case Op::kNot: return Report(program.lists[node.children.first], frame, !wanted, out);
    case Op::kDefine: {
      Tri decided = Tri::kFalse;
      if (uint64_t* callee = evaluator_.PushCall(node, frame, decided)) {
        Report(program.defines[node.index].condition, callee, wanted, out);
        evaluator_.PopFrame(callee);
      }
      for (uint32_t term : program.List(node.arguments)) {
        if (program.terms[term].is_symbol == 0) NoteMissing(term, frame);
      }
      return;
    }
    case Op::kMay: {
      const EntityId subject = evaluator_.EntityOf(node.subject, frame);
      const EntityId object = evaluator_.EntityOf(node.object, frame);
      if (!IsEntity(subject) || !IsEntity(object) || depth_ >= kMaxReasonDepth || !wanted) return;
      ++depth_;
      const Asked inner = AboutAct(subject, evaluator_.SymbolOf(node.symbol, frame), object);
      const Judgement judgement = Judge(inner);
      const auto add = [&](const RuleVerdict& rule, RuleReport::Kind kind) {
        for (ConditionReport& condition : ReportRule(inner, rule, kind).conditions) {
          if (out.conditions.size() >= kMaxReportedConditions) return;
          out.conditions.push_back(std::move(condition));
        }
      };
      if (judgement.held.empty()) {
        for (const RuleVerdict& permit : judgement.permits) add(permit, RuleReport::Kind::kPermit);
      }
      for (const RuleVerdict& forbid : judgement.forbids) add(forbid, RuleReport::Kind::kForbid);
      --depth_;
      return;
    }
    default: {
      std::vector<uint64_t> candidates;
      if (wanted) {
        candidates = Furthest(node, frame);
        if (candidates.empty() && node.op == Op::kSomeEntity) NoteMissingOfAny(node, frame);
      } else if (node.op == Op::kSomeSymbol) {
        candidates = PossibleSymbols(node, frame);
      } else {
        evaluator_.Candidates(node, node.source, frame, candidates);
      }
      // A long list of symbols is one finding, not many.
      if (wanted && node.op == Op::kSomeSymbol && candidates.size() > kMaxFollowedSymbols) return;
      const uint32_t body = program.lists[node.children.first];
      size_t followed = 0;
      for (uint64_t candidate : candidates) {
        frame[node.variable] = candidate;
        // Of what should not hold, those that do.
        if (!wanted && evaluator_.Test(body, frame) == Tri::kFalse) continue;
        if (++followed > kMaxFollowedCandidates) return;
        Report(body, frame, wanted, out);
      }
    }
  }
}

void Explainer::ReportLeaf(uint32_t id, uint64_t* frame, bool wanted, Tri verdict,
                           RuleReport& out) {
  const Program& program = evaluator_.program();
  const NodeRecord& node = program.nodes[id];
  if (verdict == Tri::kUnknown) NoteMissingOf(node, frame);
  ConditionReport report;
  report.place = PlaceText(node.place);
  report.text = std::string(program.Text(program.places[node.place].text));
  report.verdict = verdict;
  report.found = Found(node, frame);
  report.wanted = Wanted(node, frame, wanted);
  if (node.reason != kNoIndex) {
    report.code = std::string(program.Text(program.reasons[node.reason].code));
  }
  out.conditions.push_back(std::move(report));
}

std::string Explainer::Found(const NodeRecord& node, const uint64_t* frame) {
  const Program& program = evaluator_.program();
  const auto value_of = [&](uint32_t term) {
    std::string name(WithoutSource(program.Text(program.terms[term].name)));
    const Value value = evaluator_.ValueOf(term, frame);
    if (value.kind == Value::Kind::kUnknown) return name + " is not given";
    if (value.kind == Value::Kind::kAbsent) return name + " is absent";
    return name + " is " + ValueText(value, program.terms[term].value_type);
  };
  const auto fact = [&](const char* none) {
    const bool holds = evaluator_.Test(static_cast<uint32_t>(&node - program.nodes.data()),
                                       const_cast<uint64_t*>(frame)) == Tri::kTrue;
    return SentenceText(node, frame) + (holds ? "" : none);
  };
  switch (node.op) {
    case Op::kFact:
    case Op::kRole:
    case Op::kHolds: return fact(": no such fact");
    case Op::kDefine:
    case Op::kMay:
    case Op::kSeatFree:
    case Op::kTable: return fact(": no");
    case Op::kCompare: return value_of(node.subject);
    case Op::kFlag:
    case Op::kPresent:
    case Op::kAbsent:
    case Op::kContains:
    case Op::kIsType: return value_of(node.subject);
    default: return "";
  }
}

// The first few symbols that could have been meant.
std::string Explainer::SymbolList(const NodeRecord& some, uint64_t* frame) {
  const std::vector<uint64_t> symbols = PossibleSymbols(some, frame);
  std::string list;
  for (size_t i = 0; i < symbols.size() && i < kMaxFollowedSymbols; ++i) {
    list += (i == 0 ? "" : ", ");
    list += evaluator_.program().SymbolName(some.space, static_cast<uint32_t>(symbols[i]));
  }
  if (symbols.size() <= kMaxFollowedSymbols) return list;
  return list + " and " + std::to_string(symbols.size() - kMaxFollowedSymbols) + " more";
}

std::string Explainer::Wanted(const NodeRecord& node, const uint64_t* frame, bool wanted) {
  switch (node.op) {
    case Op::kFact:
    case Op::kRole:
    case Op::kHolds: return wanted ? "" : "no such fact";
    case Op::kCompare:
      return Words(static_cast<Comparison>(node.comparison), wanted) + TermText(node.object, frame);
    case Op::kFlag: return wanted ? "true" : "false";
    case Op::kPresent:
    case Op::kAbsent: return (node.op == Op::kPresent) == wanted ? "present" : "absent";
    case Op::kContains: return (wanted ? "with " : "without ") + TermText(node.object, frame);
    default: return "";
  }
}

// Where a `some` starts from what the request left out, no candidate is nearer than another; any
// that is not known tells what was left out.
void Explainer::NoteMissingOfAny(const NodeRecord& some, uint64_t* frame) {
  std::vector<EntityId> candidates;
  evaluator_.Candidates(some, some.source, frame, candidates);
  const uint32_t body = evaluator_.program().lists[some.children.first];
  for (EntityId candidate : candidates) {
    frame[some.variable] = candidate;
    if (evaluator_.Test(body, frame) != Tri::kUnknown) continue;
    RuleReport unread;
    return Report(body, frame, true, unread);
  }
}

std::vector<std::string> Explainer::MissingContext(uint32_t node, uint64_t* frame) {
  RuleReport unread;
  Report(node, frame, true, unread);
  return std::move(missing_);
}

// What a term with an unknown value would have needed from the request.
void Explainer::NoteMissing(uint32_t id, const uint64_t* frame) {
  const Program& program = evaluator_.program();
  const TermRecord& term = program.terms[id];
  if (term.is_symbol != 0 || evaluator_.ValueOf(id, frame).kind != Value::Kind::kUnknown) return;
  bool asked =
      term.kind == TermRecord::Kind::kInput || term.kind == TermRecord::Kind::kChangeSecond;
  for (uint32_t i = 0; i < term.steps.count; ++i) {
    asked = asked || program.steps[term.steps.first + i].from_request != 0;
  }
  // A parameter without a value is told where the definition is called.
  if (!asked) return;
  const std::string name(program.Text(term.name));
  if (std::find(missing_.begin(), missing_.end(), name) == missing_.end()) {
    missing_.push_back(name);
  }
}

void Explainer::NoteMissingOf(const NodeRecord& node, const uint64_t* frame) {
  for (uint32_t term : {node.subject, node.object}) {
    if (term != kNoIndex) NoteMissing(term, frame);
  }
  if (node.op != Op::kDefine) return;
  for (uint32_t term : evaluator_.program().List(node.arguments)) NoteMissing(term, frame);
}

}  // namespace portvakt::engine
