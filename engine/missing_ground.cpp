// Rules, connectives and quantifiers of the ground formula.
#include "engine/missing_ground.h"

#include <algorithm>
#include <bit>

#include "engine/decide_change.h"

namespace portvakt::engine::missing {
namespace {

constexpr uint64_t kDecisionMark = ~uint64_t{0};
constexpr uint32_t kTicksBetweenClocks = 64;

}  // namespace

Grounder::Grounder(Evaluator& evaluator, Evaluator& trial, const Reader::Clock& clock,
                   const Request& request, const Question& question, Deadline deadline)
    : evaluator_(evaluator),
      trial_(trial),
      program_(evaluator.program()),
      clock_(clock),
      request_(request),
      question_(question),
      deadline_(deadline) {}

Formula Grounder::Ground() {
  formula_.root = Decision(question_.subject, question_.permission, question_.object, true, true);
  if (evaluator_.exhausted() || trial_.exhausted()) formula_.complete = false;
  return std::move(formula_);
}

Formula Grounder::GroundChange(const ProposedChange& change, EntityId actor) {
  asks_request_ = false;
  formula_.helped = actor;
  const ChangeRules rules(evaluator_, change, actor, change.adds);
  const auto ground = [&](uint32_t index, bool wanted) {
    const ChangeRuleRecord& rule = program_.change_rules[index];
    uint64_t* frame = evaluator_.PushChangeRule(rule, change, actor);
    if (frame == nullptr) return Formula::kNever;
    const PartId part = Condition(rule.rule.condition, frame, wanted);
    evaluator_.PopFrame(frame);
    return part;
  };
  std::vector<PartId> permits;
  for (uint32_t rule : rules.asked().permits) permits.push_back(ground(rule, true));
  std::vector<PartId> all{formula_.Join(false, permits)};
  for (uint32_t rule : rules.asked().forbids) all.push_back(ground(rule, false));
  formula_.root = formula_.Join(true, all);
  if (evaluator_.exhausted()) formula_.complete = false;
  return std::move(formula_);
}

bool Grounder::Out() {
  if (out_) return true;
  if (++ticks_ % kTicksBetweenClocks == 0 && std::chrono::steady_clock::now() >= deadline_) {
    out_ = true;
  }
  if (formula_.parts.size() >= kMaxParts || depth_ >= kMaxGroundDepth || evaluator_.exhausted()) {
    out_ = true;
  }
  if (out_) formula_.complete = false;
  return out_;
}

PartId Grounder::Rule(uint32_t index, EntityId subject, uint32_t permission, EntityId object,
                      bool wanted) {
  const RuleRecord& rule = program_.rules[index];
  uint64_t* frame = evaluator_.PushRule(rule, subject, permission, object);
  if (frame == nullptr) return Formula::kNever;
  const PartId part = Condition(rule.condition, frame, wanted);
  evaluator_.PopFrame(frame);
  return part;
}

// The formula of engine/decide.cpp, wanted true or false.
PartId Grounder::Decision(EntityId subject, uint32_t permission, EntityId object, bool wanted,
                          bool tell) {
  std::vector<uint64_t> key{kDecisionMark, subject, permission, object, wanted};
  if (const auto found = known_.find(key); found != known_.end() && !tell) return found->second;
  const DispatchRecord* rules = evaluator_.RulesFor(subject, permission, object);
  if (rules == nullptr) return formula_.Constant(!wanted);
  std::vector<PartId> permits;
  for (uint32_t rule : program_.List(rules->permits)) {
    permits.push_back(Rule(rule, subject, permission, object, wanted));
  }
  const PartId permitted = formula_.Join(!wanted, permits);
  if (tell && permitted == Formula::kNever) {
    const auto list = program_.List(rules->permits);
    unmendable_.insert(unmendable_.end(), list.begin(), list.end());
  }
  std::vector<PartId> all{permitted};
  for (uint32_t rule : program_.List(rules->forbids)) {
    all.push_back(Rule(rule, subject, permission, object, !wanted));
    if (tell && all.back() == Formula::kNever) unmendable_.push_back(rule);
  }
  const uint32_t index = program_.SymbolOfNumber(kPermissionSpace, permission);
  for (uint32_t required : program_.List(program_.permissions[index].requires_permissions)) {
    all.push_back(Decision(subject, required, object, wanted, tell));
  }
  const PartId part = formula_.Join(wanted, all);
  if (!out_) known_[std::move(key)] = part;
  return part;
}

PartId Grounder::Condition(uint32_t id, uint64_t* frame, bool wanted) {
  if (Out()) return Formula::kNever;
  const NodeRecord& node = program_.nodes[id];
  ++depth_;
  PartId part = Formula::kNever;
  switch (node.op) {
    case Op::kTrue: part = formula_.Constant(wanted); break;
    case Op::kAnd:
    case Op::kOr: part = Children(node, frame, wanted); break;
    case Op::kNot: part = Condition(program_.lists[node.children.first], frame, !wanted); break;
    case Op::kSomeEntity: part = SomeEntity(node, frame, wanted); break;
    case Op::kSomeSymbol: part = SomeSymbol(node, frame, wanted); break;
    case Op::kTable:
    case Op::kSymbolIs:
    case Op::kSameSymbol:
      part = formula_.Constant(evaluator_.Test(id, frame) == From(wanted));
      break;
    default: part = Sentence(id, frame, wanted); break;
  }
  --depth_;
  return part;
}

PartId Grounder::Children(const NodeRecord& node, uint64_t* frame, bool wanted) {
  const bool is_and = (node.op == Op::kAnd) == wanted;
  std::vector<PartId> parts;
  for (uint32_t child : program_.List(node.children)) {
    parts.push_back(Condition(child, frame, wanted));
    if (parts.back() == formula_.Constant(!is_and)) break;
  }
  return formula_.Join(is_and, parts);
}

PartId Grounder::SomeSymbol(const NodeRecord& node, uint64_t* frame, bool wanted) {
  const uint32_t mask = program_.header().declared[node.space];
  if (wanted) {
    if (const std::optional<PartId> part = AnySymbol(node, frame)) return *part;
  }
  const uint32_t body = program_.lists[node.children.first];
  std::vector<PartId> parts;
  for (uint32_t word = 0; word < program_.mask_words(node.space); ++word) {
    for (uint64_t bits = program_.masks[mask + word]; bits != 0; bits &= bits - 1) {
      frame[node.variable] = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      parts.push_back(Condition(body, frame, wanted));
    }
  }
  return formula_.Join(!wanted, parts);
}

PartId Grounder::SomeEntity(const NodeRecord& node, uint64_t* frame, bool wanted) {
  std::vector<EntityId> domain;
  Domain(node, frame, domain);
  const uint32_t body = program_.lists[node.children.first];
  std::vector<PartId> parts;
  for (EntityId entity : domain) {
    frame[node.variable] = entity;
    parts.push_back(Condition(body, frame, wanted));
    if (parts.back() == formula_.Constant(wanted)) break;
  }
  return formula_.Join(!wanted, parts);
}

// A tie that no step changes yields all there are; else every entity of the type might come in.
void Grounder::Domain(const NodeRecord& node, uint64_t* frame, std::vector<EntityId>& out) {
  evaluator_.Candidates(node, node.source, frame, out);
  if (Fixed(node.source)) return;
  std::vector<EntityId> all;
  for (uint32_t type : program_.List(node.types)) {
    evaluator_.reader().view().Entities(static_cast<uint16_t>(type), all);
  }
  const std::vector<EntityId> tied = out;
  size_t left_out = 0;
  for (EntityId entity : all) {
    if (std::binary_search(tied.begin(), tied.end(), entity)) continue;
    if (out.size() < std::max(kMaxTriedEntities, tied.size())) {
      out.push_back(entity);
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) formula_.complete = false;
}

bool Grounder::Fixed(uint32_t id) const {
  const SourceRecord& source = program_.sources[id];
  const auto stored = [&](uint32_t term) {
    const TermRecord& record = program_.terms[term];
    bool result = record.kind != TermRecord::Kind::kInput;
    for (uint32_t i = 0; i < record.steps.count; ++i) {
      result = result && program_.steps[record.steps.first + i].from_request == 0;
    }
    return result;
  };
  switch (source.op) {
    case SourceRecord::Op::kAll: return true;
    case SourceRecord::Op::kTerm:
    case SourceRecord::Op::kMembers: return stored(source.term);
    case SourceRecord::Op::kNeighbours:
    case SourceRecord::Op::kClosure: return false;
    case SourceRecord::Op::kReferrers:
    case SourceRecord::Op::kUnion:
    case SourceRecord::Op::kJoin:
    case SourceRecord::Op::kCall: break;
  }
  for (uint32_t term : program_.List(source.arguments)) {
    if (term != kNoIndex && !stored(term)) return false;
  }
  const auto children = program_.List(source.children);
  return std::all_of(children.begin(), children.end(),
                     [&](uint32_t child) { return Fixed(child); });
}

PartId Grounder::Define(uint32_t id, uint64_t* frame, bool wanted) {
  const NodeRecord& node = program_.nodes[id];
  Tri admitted = Tri::kUnknown;
  const std::vector<Override> outer = overrides_;
  uint64_t* callee = nullptr;
  if (outer.empty()) {
    callee = evaluator_.PushCall(node, frame, admitted);
  } else if (uint64_t* found = Terms().PushCall(node, frame, admitted)) {
    const uint32_t count = program_.defines[node.index].variables.count;
    callee = evaluator_.PushFrame(count);
    if (callee != nullptr) std::copy(found, found + count, callee);
    trial_.PopFrame(found);
  }
  if (callee == nullptr) return formula_.Constant(admitted == From(wanted));
  if (admitted == Tri::kUnknown && wanted) {
    evaluator_.PopFrame(callee);
    return Formula::kNever;
  }
  const DefineRecord& define = program_.defines[node.index];
  std::vector<uint64_t> key{node.index, wanted};
  key.insert(key.end(), callee, callee + define.parameter_count);
  PartId part = Formula::kNever;
  if (const auto found = known_.find(key); found != known_.end()) {
    part = found->second;
  } else {
    overrides_.clear();
    part = Condition(define.condition, callee, wanted);
    overrides_ = outer;
    if (!out_) known_[std::move(key)] = part;
  }
  evaluator_.PopFrame(callee);
  return part;
}

PartId Grounder::May(uint32_t id, uint64_t* frame, bool wanted) {
  const NodeRecord& node = program_.nodes[id];
  Evaluator& terms = Terms();
  const EntityId subject = terms.EntityOf(node.subject, frame);
  const EntityId object = terms.EntityOf(node.object, frame);
  if (subject == kUnknownEntity || object == kUnknownEntity) return Formula::kNever;
  if (!IsEntity(subject) || !IsEntity(object)) return formula_.Constant(!wanted);
  const uint32_t permission = terms.SymbolOf(node.symbol, frame);
  const std::vector<Override> outer = overrides_;
  overrides_.clear();
  const PartId part = Decision(subject, permission, object, wanted, false);
  overrides_ = outer;
  return part;
}

}  // namespace portvakt::engine::missing
