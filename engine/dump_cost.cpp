// What a decision reads: counted over expressions, so that a record that two rules need counts
// once.
#include "engine/dump_program.h"

namespace portvakt::engine {

std::string CostCounter::Read(uint32_t id, const Names& names) {
  if (id == kNoIndex) return "";
  const TermRecord& term = program_.terms[id];
  std::string text;
  if (term.kind == TermRecord::Kind::kVariable) {
    text = names[term.variable];
  } else if (term.kind == TermRecord::Kind::kInput) {
    text = "request." + std::string(program_.Text(program_.inputs[term.input].name));
  } else {
    return std::string(program_.Text(term.name));
  }
  for (uint32_t i = 0; i < term.steps.count; ++i) {
    const StepRecord& step = program_.steps[term.steps.first + i];
    if (step.from_request == 0) cost_.records.insert(text);
    text += "." + std::string(program_.Text(step.name));
  }
  return text;
}

void CostCounter::VisitCall(const NodeRecord& node, const Names& names) {
  const DefineRecord& define = program_.defines[node.index];
  Names callee(define.variables.count);
  std::string key = std::to_string(node.index);
  for (uint32_t i = 0; i < node.arguments.count; ++i) {
    callee[i] = Read(program_.lists[node.arguments.first + i], names);
    key += "|" + callee[i];
  }
  if (called_.insert(key).second) Visit(define.condition, callee);
}

void CostCounter::Visit(uint32_t id, Names& names) {
  const NodeRecord& node = program_.nodes[id];
  const std::string place(program_.Text(program_.places[node.place].text));
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot:
      for (uint32_t child : program_.List(node.children)) Visit(child, names);
      return;
    case Op::kSomeEntity:
    case Op::kSomeSymbol:
      names[node.variable] = "some " + std::to_string(id);
      if (node.op == Op::kSomeEntity) cost_.walks.insert(names[node.variable]);
      return Visit(program_.lists[node.children.first], names);
    case Op::kDefine: return VisitCall(node, names);
    case Op::kFact:
    case Op::kRole:
    case Op::kHolds: {
      const std::string cell = Read(node.subject, names) + ", " + Read(node.object, names);
      const bool walk =
          node.op == Op::kFact && program_.facts[node.index].transitive != 0 && node.directly == 0;
      (walk ? cost_.walks : cost_.cells).insert(cell);
      return;
    }
    case Op::kMay:
      cost_.decisions.insert(Read(node.subject, names) + ", " + place + ", " +
                             Read(node.object, names));
      return;
    case Op::kSeatFree: cost_.walks.insert(Read(node.object, names) + ", " + place); return;
    default:
      Read(node.subject, names);
      Read(node.object, names);
      return;
  }
}

Cost CostCounter::Of(const DispatchRecord& dispatch, uint32_t permission) {
  cost_ = {};
  const uint32_t record = program_.SymbolOfNumber(kPermissionSpace, permission);
  for (uint32_t required : program_.List(program_.permissions[record].requires_permissions)) {
    cost_.decisions.insert("requires " + std::to_string(required));
  }
  called_.clear();
  for (Range rules : {dispatch.permits, dispatch.forbids, dispatch.notes}) {
    for (uint32_t index : program_.List(rules)) {
      const RuleRecord& rule = program_.rules[index];
      Names names(rule.variables.count);
      names[0] = "subject";
      names[1] = "permission";
      names[2] = "object";
      Visit(rule.condition, names);
    }
  }
  return cost_;
}

}  // namespace portvakt::engine
