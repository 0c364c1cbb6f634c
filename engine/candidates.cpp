// The candidates of `some X: body`: every entity for which the body might not be false. What a tie
// starts from may be unknown; then every entity of the type is one, so that the answer is always
// the `or` over the whole domain.
#include <algorithm>

#include "engine/evaluator.h"

namespace portvakt::engine {

std::vector<EntityId>& Evaluator::TakeBuffer() {
  if (buffers_used_ == buffers_.size()) {
    buffers_.push_back(std::make_unique<std::vector<EntityId>>());
  }
  std::vector<EntityId>& buffer = *buffers_[buffers_used_++];
  buffer.clear();
  return buffer;
}

// The stored entities and those that the request alone knows.
void Evaluator::CollectAll(Range types, std::vector<EntityId>& out) {
  for (uint32_t type : program_->List(types)) {
    reader_.view().Entities(static_cast<uint16_t>(type), out);
    values_.Transients(type, out);
  }
}

bool Evaluator::Candidates(const NodeRecord& some, uint32_t source, uint64_t* frame,
                           std::vector<EntityId>& out) {
  out.clear();
  const bool tied = Collect(source, frame, out);
  if (!tied) {
    out.clear();
    CollectAll(some.types, out);
  }
  std::erase_if(out, [&](EntityId entity) { return !Admits(some.types, entity); });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return tied;
}

bool Evaluator::SearchCandidates(uint32_t source, uint64_t* frame, std::vector<EntityId>& out) {
  const size_t before = out.size();
  if (!Collect(source, frame, out)) return false;
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                           [](EntityId entity) { return IsTransient(entity); }),
            out.end());
  return true;
}

bool Evaluator::Collect(uint32_t id, uint64_t* frame, std::vector<EntityId>& out) {
  const Depth depth(*this);
  if (exhausted_ || !Step()) return true;
  const SourceRecord& source = program_->sources[id];
  const size_t before = out.size();
  bool bounded = true;
  switch (source.op) {
    case SourceRecord::Op::kAll: CollectAll(source.types, out); return true;
    case SourceRecord::Op::kReferrers:
    case SourceRecord::Op::kUnion:
    case SourceRecord::Op::kJoin: bounded = CollectChildren(source, frame, out); break;
    case SourceRecord::Op::kCall: bounded = CollectCall(source, frame, out); break;
    default: bounded = CollectFrom(source, frame, out); break;
  }
  if (!bounded) return false;
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(before);
  out.erase(std::remove_if(begin, out.end(),
                           [&](EntityId entity) { return !Admits(source.types, entity); }),
            out.end());
  return true;
}

// From one term.
bool Evaluator::CollectFrom(const SourceRecord& source, uint64_t* frame,
                            std::vector<EntityId>& out) {
  if (source.op == SourceRecord::Op::kMembers) {
    const Value set = ValueOf(source.term, frame);
    if (set.kind == Value::Kind::kGivenSet) {
      for (const StoredValue& member : *set.given) out.push_back(member.entity());
    } else if (set.kind == Value::Kind::kStoredSet) {
      for (size_t i = 0; i < set.stored.size(); ++i) out.push_back(set.stored.at(i).entity());
    }
    return set.kind != Value::Kind::kUnknown;
  }
  const EntityId from = EntityOf(source.term, frame);
  if (from == kUnknownEntity) return false;
  if (!IsEntity(from)) return true;
  const auto direction = static_cast<Direction>(source.direction);
  if (source.op == SourceRecord::Op::kTerm) {
    out.push_back(from);
  } else if (source.op == SourceRecord::Op::kClosure) {
    const uint32_t symbol =
        source.symbol == kNoIndex && program_->facts[source.fact].has_symbol != 0 ? kAnySymbol
        : source.symbol == kNoIndex                                               ? 0
                                    : SymbolOf(source.symbol, frame);
    const Closure& closure = FindClosure(source.fact, symbol, from, direction);
    out.insert(out.end(), closure.reached.begin(), closure.reached.end());
  } else if (!IsTransient(from)) {
    CollectNeighbours(source, from, frame, out);
  }
  return true;
}

void Evaluator::CollectNeighbours(const SourceRecord& source, EntityId from, uint64_t* frame,
                                  std::vector<EntityId>& out) {
  const auto direction = static_cast<Direction>(source.direction);
  const auto before = static_cast<std::ptrdiff_t>(out.size());
  for (uint32_t type : program_->List(source.types)) {
    reader_.view().Neighbours(direction, from, static_cast<uint16_t>(type), out);
  }
  const uint32_t symbol = source.symbol == kNoIndex ? kAnySymbol : SymbolOf(source.symbol, frame);
  const bool forward = direction == Direction::kObjectsOf;
  out.erase(std::remove_if(out.begin() + before, out.end(),
                           [&](EntityId to) {
                             return !Step() || !Joined(source, symbol, forward ? from : to,
                                                       forward ? to : from);
                           }),
            out.end());
}

// Whether the relation holds now, for a symbol or for any.
bool Evaluator::Joined(const SourceRecord& source, uint32_t symbol, EntityId subject,
                       EntityId object) {
  if (symbol == kNoSymbol) return false;
  if (source.relation == SourceRecord::Relation::kFact) {
    return StepHolds(program_->facts[source.fact], symbol, subject, object);
  }
  if (source.relation == SourceRecord::Relation::kHolds) {
    const auto holds = static_cast<uint16_t>(program_->header().holds_relation);
    return symbol == kAnySymbol ? reader_.HoldsAny(holds, subject, object)
                                : reader_.Holds(holds, symbol, subject, object);
  }
  if (symbol != kAnySymbol) return RoleHeld(symbol, kAnySymbol, true, subject, object);
  return std::any_of(program_->roles.begin(), program_->roles.end(), [&](const RoleRecord& role) {
    return RoleHeld(role.number, kAnySymbol, true, subject, object);
  });
}

bool Evaluator::CollectChildren(const SourceRecord& source, uint64_t* frame,
                                std::vector<EntityId>& out) {
  const auto children = program_->List(source.children);
  if (source.op == SourceRecord::Op::kUnion) {
    return std::all_of(children.begin(), children.end(),
                       [&](uint32_t child) { return Collect(child, frame, out); });
  }
  std::vector<EntityId>& inner = TakeBuffer();
  bool bounded = Collect(children[0], frame, inner);
  std::sort(inner.begin(), inner.end());
  inner.erase(std::unique(inner.begin(), inner.end()), inner.end());
  for (size_t i = 0; i < inner.size() && bounded && Step(); ++i) {
    if (source.op == SourceRecord::Op::kReferrers) {
      if (IsTransient(inner[i])) continue;
      reader_.view().Referrers(static_cast<uint16_t>(source.attribute), inner[i], out);
    } else {
      frame[source.variable] = inner[i];
      bounded = Collect(children[1], frame, out);
    }
  }
  GiveBuffer();
  return bounded;
}

bool Evaluator::CollectCall(const SourceRecord& source, uint64_t* frame,
                            std::vector<EntityId>& out) {
  const DefineRecord& define = program_->defines[source.define];
  uint64_t* callee = PushFrame(define.variables.count);
  if (callee == nullptr) return true;
  for (uint32_t i = 0; i < source.arguments.count; ++i) {
    const uint32_t term = program_->lists[source.arguments.first + i];
    const bool symbol = program_->variables[define.variables.first + i].is_symbol != 0;
    if (term == kNoIndex) {
      callee[i] = symbol ? uint64_t{kAnySymbol} : kUnknownEntity;
    } else {
      callee[i] = symbol ? SymbolOf(term, frame) : EntityOf(term, frame);
    }
  }
  const bool bounded = Collect(program_->lists[source.children.first], callee, out);
  PopFrame(callee);
  return bounded;
}

}  // namespace portvakt::engine
