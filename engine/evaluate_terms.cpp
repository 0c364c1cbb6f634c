// Values of terms, and conditions that compare them.
#include "dsl/module.h"
#include "engine/address.h"
#include "engine/calendar.h"
#include "engine/evaluator.h"

namespace portvakt::engine {
namespace {

using dsl::Comparison;
using dsl::ValueKind;
using Kind = Value::Kind;

// Wide enough for an int in millionths.
__extension__ using Wide = __int128;

Tri Ordered(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::kEqual: return From(order == 0);
    case Comparison::kNotEqual: return From(order != 0);
    case Comparison::kLess: return From(order < 0);
    case Comparison::kAtMost: return From(order <= 0);
    case Comparison::kMore: return From(order > 0);
    case Comparison::kAtLeast: return From(order >= 0);
    case Comparison::kWithin: break;
  }
  return Tri::kUnknown;
}

template <class Number>
int Order(Number a, Number b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

Tri Same(Comparison comparison, bool same) {
  if (comparison == Comparison::kEqual) return From(same);
  return comparison == Comparison::kNotEqual ? From(!same) : Tri::kUnknown;
}

// The place of a label in an ordered enum, from 0; -1 when it has none.
int64_t RankOf(const Program& program, const ValueTypeRecord& type, int64_t label) {
  const Range labels = program.enums[type.enum_index].labels;
  for (uint32_t i = 0; i < labels.count; ++i) {
    if (program.labels[labels.first + i].number == label) return i;
  }
  return -1;
}

Tri CompareEnums(const Program& program, const ValueTypeRecord& type, Comparison comparison,
                 int64_t left, int64_t right) {
  if (comparison == Comparison::kEqual || comparison == Comparison::kNotEqual) {
    return Same(comparison, left == right);
  }
  const int64_t a = RankOf(program, type, left);
  const int64_t b = RankOf(program, type, right);
  return a < 0 || b < 0 ? Tri::kUnknown : Ordered(comparison, Order(a, b));
}

Tri Within(const Value& left, const Value& right) {
  if (left.text.size() != kAddressBytes) return Tri::kUnknown;
  const auto in = [&](std::string_view range) {
    return range.size() == kAddressBytes && AddressWithin(left.text, range);
  };
  if (right.kind == Kind::kText) return From(in(right.text));
  if (right.kind == Kind::kGivenSet) {
    for (const StoredValue& range : *right.given) {
      if (in(range.text)) return Tri::kTrue;
    }
    return Tri::kFalse;
  }
  if (right.kind != Kind::kStoredSet) return Tri::kUnknown;
  for (size_t i = 0; i < right.stored.size(); ++i) {
    if (in(right.stored.at(i).text())) return Tri::kTrue;
  }
  return Tri::kFalse;
}

}  // namespace

EntityId Evaluator::EntityOf(uint32_t id, const uint64_t* frame) {
  const TermRecord& term = program_->terms[id];
  if (term.kind == TermRecord::Kind::kVariable && term.steps.count == 0) {
    return frame[term.variable];
  }
  return ValueOf(id, frame).ToEntity();
}

uint32_t Evaluator::SymbolOf(uint32_t id, const uint64_t* frame) const {
  const TermRecord& term = program_->terms[id];
  if (term.kind == TermRecord::Kind::kSymbol) return term.symbol;
  const auto symbol = static_cast<uint32_t>(frame[term.variable]);
  if (term.kind != TermRecord::Kind::kProgramOf || symbol >= kNoSymbol) return symbol;
  const uint32_t permission = program_->SymbolOfNumber(kPermissionSpace, symbol);
  const uint32_t program =
      permission == kNoIndex ? kNoIndex : program_->permissions[permission].program;
  return program == kNoIndex ? kNoSymbol : program;
}

// The stored value, or unknown when it is not of the type: an earlier policy's data.
Value Evaluator::ReadStored(const ValueView& view, const ValueTypeRecord& type) const {
  const auto kind = static_cast<ValueKind>(type.kind);
  const bool text = kind == ValueKind::kString || kind == ValueKind::kIp;
  StoredValue::Kind wanted = text ? StoredValue::Kind::kText : StoredValue::Kind::kNumber;
  if (kind == ValueKind::kEntity) wanted = StoredValue::Kind::kEntity;
  if (type.is_set != 0) wanted = StoredValue::Kind::kSet;
  if (view.kind() != wanted) return {};
  if (wanted == StoredValue::Kind::kEntity) return Value::Entity(view.entity());
  if (wanted == StoredValue::Kind::kText) return Value::Text(view.text());
  if (wanted == StoredValue::Kind::kNumber) return Value::Number(view.number());
  Value value;
  value.kind = Kind::kStoredSet;
  value.stored = view;
  return value;
}

Value Evaluator::Follow(EntityId entity, Range steps) {
  Value value = Value::Entity(entity);
  for (uint32_t i = 0; i < steps.count; ++i) {
    if (value.kind != Kind::kEntity) return value;
    if (value.entity == kNowhereEntity) return Value::Absent();
    const StepRecord& step = program_->steps[steps.first + i];
    if (step.from_request != 0) {
      value = values_.Property(value.entity, step.attribute);
      continue;
    }
    ValueView view;
    if (reader_.RecordOf(value.entity).Find(static_cast<uint16_t>(step.attribute), view)) {
      value = ReadStored(view, program_->value_types[step.value_type]);
    } else {
      // A required attribute that data of an earlier policy lack is not known.
      value = step.optional != 0 ? Value::Absent() : Value();
    }
  }
  return value;
}

EntityId Evaluator::ResolveLiteral(const TermRecord& term) {
  const Range types = program_->value_types[term.value_type].entity_types;
  for (uint32_t type : program_->List(types)) {
    const EntityId entity = values_.ResolveLiteral(type, program_->Text(term.text));
    if (IsEntity(entity)) return entity;
  }
  return kNowhereEntity;
}

// What cannot own seats has none.
Value Evaluator::SeatsOf(const TermRecord& term, const uint64_t* frame) {
  const EntityId pool = EntityOf(term.pool, frame);
  if (pool == kUnknownEntity) return {};
  if (!IsEntity(pool) || IsTransient(pool)) return Value::Number(0);
  const auto licence = static_cast<uint16_t>(SymbolOf(term.licence, frame));
  return Value::Number(reader_.view().FindSeats(pool, licence));
}

Value Evaluator::ValueOf(uint32_t id, const uint64_t* frame) {
  const TermRecord& term = program_->terms[id];
  switch (term.kind) {
    case TermRecord::Kind::kVariable: return Follow(frame[term.variable], term.steps);
    case TermRecord::Kind::kInput: {
      const Value& input = values_.Input(term.input);
      return term.steps.count == 0 ? input : Follow(input.ToEntity(), term.steps);
    }
    case TermRecord::Kind::kLiteral: {
      const auto kind = static_cast<ValueKind>(program_->value_types[term.value_type].kind);
      const bool text = kind == ValueKind::kString || kind == ValueKind::kIp;
      return text ? Value::Text(program_->Text(term.text)) : Value::Number(term.number);
    }
    case TermRecord::Kind::kEntityId: return Value::Entity(ResolveLiteral(term));
    case TermRecord::Kind::kNow: return Value::Number(reader_.now_us() + term.number);
    case TermRecord::Kind::kToday:
      return Value::Number(DateOf(reader_.now_us(), program_->Text(program_->header().time_zone)) +
                           term.number);
    case TermRecord::Kind::kChangeSecond: return Follow(second_, term.steps);
    case TermRecord::Kind::kSeats: return SeatsOf(term, frame);
    case TermRecord::Kind::kSymbol:
    case TermRecord::Kind::kProgramOf: break;
  }
  return {};
}

// An entity against an id that the policy names: no look-up, the id's bytes are compared.
Tri Evaluator::CompareEntityId(const NodeRecord& node, uint32_t entity_term, uint32_t literal,
                               const uint64_t* frame) {
  const EntityId entity = EntityOf(entity_term, frame);
  if (entity == kAbsentEntity) return Tri::kFalse;
  if (entity == kUnknownEntity) return Tri::kUnknown;
  const TermRecord& term = program_->terms[literal];
  bool same = Admits(program_->value_types[term.value_type].entity_types, entity);
  if (same) {
    const Record record = reader_.RecordOf(entity);
    if (!IsTransient(entity) && !record.exists()) return Tri::kUnknown;
    const std::string_view id = IsTransient(entity) ? values_.TransientId(entity) : record.id();
    same = id == program_->Text(term.text);
  }
  return Same(static_cast<Comparison>(node.comparison), same);
}

Tri Evaluator::TestCompare(const NodeRecord& node, const uint64_t* frame) {
  const TermRecord& left_term = program_->terms[node.subject];
  const TermRecord& right_term = program_->terms[node.object];
  if (right_term.kind == TermRecord::Kind::kEntityId) {
    return CompareEntityId(node, node.subject, node.object, frame);
  }
  if (left_term.kind == TermRecord::Kind::kEntityId) {
    return CompareEntityId(node, node.object, node.subject, frame);
  }
  const Value left = ValueOf(node.subject, frame);
  const Value right = ValueOf(node.object, frame);
  if (left.kind == Kind::kAbsent || right.kind == Kind::kAbsent) return Tri::kFalse;
  if (left.kind == Kind::kUnknown || right.kind == Kind::kUnknown) return Tri::kUnknown;
  const auto comparison = static_cast<Comparison>(node.comparison);
  if (comparison == Comparison::kWithin) {
    return left.kind == Kind::kText ? Within(left, right) : Tri::kUnknown;
  }
  if (left.kind != right.kind) return Tri::kUnknown;
  if (left.kind == Kind::kEntity) {
    return Same(comparison, left.entity == right.entity && IsEntity(left.entity));
  }
  const ValueTypeRecord& left_type = program_->value_types[left_term.value_type];
  const auto left_kind = static_cast<ValueKind>(left_type.kind);
  if (left.kind == Kind::kText) {
    if (left_kind == ValueKind::kIp) return Same(comparison, left.text == right.text);
    return Ordered(comparison, Order(left.text, right.text));
  }
  if (left.kind != Kind::kNumber) return Tri::kUnknown;
  if (left_kind == ValueKind::kEnum) {
    return CompareEnums(*program_, left_type, comparison, left.number, right.number);
  }
  const auto right_kind = static_cast<ValueKind>(program_->value_types[right_term.value_type].kind);
  const auto scaled = [](int64_t number, ValueKind kind) {
    return static_cast<Wide>(number) * (kind == ValueKind::kInt ? dsl::kDecimalScale : 1);
  };
  if (left_kind == right_kind) return Ordered(comparison, Order(left.number, right.number));
  const bool numbers = (left_kind == ValueKind::kInt || left_kind == ValueKind::kDecimal) &&
                       (right_kind == ValueKind::kInt || right_kind == ValueKind::kDecimal);
  if (!numbers) return Tri::kUnknown;
  return Ordered(comparison,
                 Order(scaled(left.number, left_kind), scaled(right.number, right_kind)));
}

Tri Evaluator::TestContains(const NodeRecord& node, const uint64_t* frame) {
  const Value set = ValueOf(node.subject, frame);
  const Value member = ValueOf(node.object, frame);
  if (set.kind == Kind::kAbsent || member.kind == Kind::kAbsent) return Tri::kFalse;
  if (set.kind == Kind::kUnknown || member.kind == Kind::kUnknown) return Tri::kUnknown;
  const int64_t number =
      member.kind == Kind::kEntity ? static_cast<int64_t>(member.entity) : member.number;
  if (set.kind == Kind::kGivenSet) {
    for (const StoredValue& each : *set.given) {
      const bool text = each.kind == StoredValue::Kind::kText;
      if (text ? member.kind == Kind::kText && each.text == member.text
               : member.kind != Kind::kText && each.number == number) {
        return Tri::kTrue;
      }
    }
    return Tri::kFalse;
  }
  if (set.kind != Kind::kStoredSet) return Tri::kUnknown;
  for (size_t i = 0; i < set.stored.size(); ++i) {
    const ValueView each = set.stored.at(i);
    const bool text = each.kind() == StoredValue::Kind::kText;
    if (text ? member.kind == Kind::kText && each.text() == member.text
             : member.kind != Kind::kText && each.number() == number) {
      return Tri::kTrue;
    }
  }
  return Tri::kFalse;
}

Tri Evaluator::TestPresence(const NodeRecord& node, const uint64_t* frame) {
  const Value value = ValueOf(node.subject, frame);
  if (value.kind == Kind::kUnknown) return Tri::kUnknown;
  return From((value.kind == Kind::kAbsent) == (node.op == Op::kAbsent));
}

Tri Evaluator::TestFlag(const NodeRecord& node, const uint64_t* frame) {
  const Value value = ValueOf(node.subject, frame);
  if (value.kind == Kind::kAbsent) return Tri::kFalse;
  return value.kind == Kind::kNumber ? From(value.number != 0) : Tri::kUnknown;
}

}  // namespace portvakt::engine
