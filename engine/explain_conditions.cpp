// The order of reasons within a rule.
#include <algorithm>
#include <bit>

#include "engine/explain.h"

namespace portvakt::engine {

std::vector<uint32_t> Explainer::InReadingOrder(Range children) const {
  const Program& program = evaluator_.program();
  const auto list = program.List(children);
  std::vector<uint32_t> result(list.begin(), list.end());
  std::stable_sort(result.begin(), result.end(), [&](uint32_t a, uint32_t b) {
    return program.places[program.nodes[a].place].offset <
           program.places[program.nodes[b].place].offset;
  });
  return result;
}

void Explainer::Codes(uint32_t id, uint64_t* frame, Reasons& out) {
  if (evaluator_.Test(id, frame) == Tri::kTrue || evaluator_.exhausted()) return;
  const Program& program = evaluator_.program();
  const NodeRecord& node = program.nodes[id];
  if (node.reason != kNoIndex) {
    const ReasonRecord& reason = program.reasons[node.reason];
    Add(out, {std::string(program.Text(reason.code)), TextOf(reason.pieces, frame)});
  }
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
      for (uint32_t child : InReadingOrder(node.children)) Codes(child, frame, out);
      return;
    case Op::kSomeEntity:
    case Op::kSomeSymbol: return CodesOfSome(node, frame, out);
    case Op::kDefine: {
      Tri decided = Tri::kFalse;
      if (uint64_t* callee = evaluator_.PushCall(node, frame, decided)) {
        Codes(program.defines[node.index].condition, callee, out);
        evaluator_.PopFrame(callee);
      }
      return;
    }
    case Op::kMay: {
      const EntityId subject = evaluator_.EntityOf(node.subject, frame);
      const EntityId object = evaluator_.EntityOf(node.object, frame);
      if (!IsEntity(subject) || !IsEntity(object)) return;
      Reasons inner;
      ReasonsOfDenial(subject, evaluator_.SymbolOf(node.symbol, frame), object, inner);
      for (const ReasonText& reason : inner) Add(out, reason);
      return;
    }
    default: return;
  }
}

void Explainer::CodesOfSome(const NodeRecord& node, uint64_t* frame, Reasons& out) {
  const uint32_t body = evaluator_.program().lists[node.children.first];
  for (uint64_t candidate : Furthest(node, frame)) {
    frame[node.variable] = candidate;
    Codes(body, frame, out);
  }
}

// The candidates with the most leading conjuncts that hold.
std::vector<uint64_t> Explainer::Furthest(const NodeRecord& some, uint64_t* frame) {
  std::vector<uint64_t> candidates;
  if (some.op == Op::kSomeSymbol) {
    candidates = PossibleSymbols(some, frame);
  } else if (!evaluator_.Candidates(some, some.reason_source, frame, candidates)) {
    return {};  // nothing ties it: no candidate is nearer than another
  }
  const uint32_t body = evaluator_.program().lists[some.children.first];
  std::vector<uint64_t> furthest;
  size_t most = 0;
  for (uint64_t candidate : candidates) {
    frame[some.variable] = candidate;
    const size_t progress = Progress(body, frame);
    if (evaluator_.exhausted()) break;
    if (progress > most) furthest.clear();
    most = std::max(most, progress);
    if (progress == most) furthest.push_back(candidate);
  }
  return furthest;
}

size_t Explainer::Progress(uint32_t id, uint64_t* frame) {
  if (!evaluator_.Spend()) return 0;
  const Program& program = evaluator_.program();
  const NodeRecord& node = program.nodes[id];
  if (node.op == Op::kSomeEntity || node.op == Op::kSomeSymbol) {
    // `some a, b: ..`: as far as the best b gets.
    const std::vector<uint64_t> best = Furthest(node, frame);
    if (best.empty()) return 0;
    frame[node.variable] = best.front();
    return Progress(program.lists[node.children.first], frame);
  }
  if (node.op != Op::kAnd) return evaluator_.Test(id, frame) == Tri::kTrue ? 1 : 0;
  size_t leading = 0;
  for (uint32_t child : InReadingOrder(node.children)) {
    if (evaluator_.Test(child, frame) != Tri::kTrue) break;
    ++leading;
  }
  return leading;
}

Explainer::Possible Explainer::PossibleValues(uint32_t id, uint64_t* frame) {
  const Program& program = evaluator_.program();
  const NodeRecord& node = program.nodes[id];
  if (!evaluator_.Spend()) return {};
  switch (node.op) {
    case Op::kTrue: return {true, false};
    case Op::kTable:
    case Op::kSymbolIs:
    case Op::kSameSymbol: {
      const bool value = evaluator_.Test(id, frame) == Tri::kTrue;
      return {value, !value};
    }
    case Op::kAnd:
    case Op::kOr: {
      const bool is_and = node.op == Op::kAnd;
      Possible all{is_and, !is_and};
      for (uint32_t child : program.List(node.children)) {
        const Possible part = PossibleValues(child, frame);
        all.true_ = is_and ? all.true_ && part.true_ : all.true_ || part.true_;
        all.false_ = is_and ? all.false_ || part.false_ : all.false_ && part.false_;
        // Settled: static tables stand first, and rule out most symbols.
        if (all.true_ != is_and && all.false_ == is_and) break;
      }
      return all;
    }
    case Op::kNot: {
      const Possible part = PossibleValues(program.lists[node.children.first], frame);
      return {part.false_, part.true_};
    }
    case Op::kDefine: {
      Tri decided = Tri::kFalse;
      uint64_t* callee = evaluator_.PushCall(node, frame, decided);
      if (callee == nullptr) return {decided != Tri::kFalse, true};
      const Possible inner = PossibleValues(program.defines[node.index].condition, callee);
      evaluator_.PopFrame(callee);
      return inner;
    }
    case Op::kFact:
    case Op::kRole:
    case Op::kHolds: return {!evaluator_.SlotsRefuse(node, frame), true};
    default: return {};
  }
}

std::vector<uint64_t> Explainer::PossibleSymbols(const NodeRecord& some, uint64_t* frame) {
  const Program& program = evaluator_.program();
  const uint32_t mask = program.header().declared[some.space];
  const uint32_t body = program.lists[some.children.first];
  std::vector<uint64_t> result;
  for (uint32_t word = 0; word < program.mask_words(some.space); ++word) {
    for (uint64_t bits = program.masks[mask + word]; bits != 0; bits &= bits - 1) {
      const uint64_t symbol = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      frame[some.variable] = symbol;
      if (PossibleValues(body, frame).true_) result.push_back(symbol);
    }
  }
  return result;
}

}  // namespace portvakt::engine
