// What the request brings, as literals of the ground formula: each value that a condition could ask
// for is a candidate, and a condition that reads an input becomes an `or` over its candidates.
#include <algorithm>

#include "dsl/module.h"
#include "engine/calendar.h"
#include "engine/missing_costs.h"
#include "engine/missing_ground.h"

namespace portvakt::engine::missing {
namespace {

using dsl::Comparison;
using dsl::ValueKind;

InputValue Text(std::string text) {
  InputValue value;
  value.kind = InputValue::Kind::kString;
  value.text = std::move(text);
  return value;
}

InputValue Integer(int64_t number) {
  InputValue value;
  value.kind = InputValue::Kind::kInteger;
  value.integer = number;
  return value;
}

// A number as a request would write it.
InputValue Written(ValueKind kind, int64_t number) {
  InputValue value;
  switch (kind) {
    case ValueKind::kBool:
      value.kind = InputValue::Kind::kBool;
      value.boolean = number != 0;
      return value;
    case ValueKind::kDecimal:
      if (number % dsl::kDecimalScale == 0) return Integer(number / dsl::kDecimalScale);
      value.kind = InputValue::Kind::kDouble;
      value.number = static_cast<double>(number) / static_cast<double>(dsl::kDecimalScale);
      return value;
    case ValueKind::kDate: return Text(FormatDate(number));
    case ValueKind::kInstant: return Text(FormatInstant(number));
    case ValueKind::kDuration: return Text(FormatDuration(number));
    default: return Integer(number);
  }
}

std::string Told(const InputValue& value) {
  switch (value.kind) {
    case InputValue::Kind::kBool: return value.boolean ? "true" : "false";
    case InputValue::Kind::kInteger: return std::to_string(value.integer);
    case InputValue::Kind::kDouble: {
      std::string text = std::to_string(value.number);
      while (text.back() == '0') text.pop_back();
      return text;
    }
    default: return value.text;
  }
}

bool SameInput(const InputValue& a, const InputValue& b) {
  return a.kind == b.kind && a.boolean == b.boolean && a.integer == b.integer &&
         a.number == b.number && a.text == b.text;
}

InputValues& ValuesOf(InputRecord::From from, bool of_resource, Request& request) {
  if (from == InputRecord::From::kContext) return request.context;
  if (from == InputRecord::From::kAction) return request.action_properties;
  return of_resource ? request.resource_properties : request.subject_properties;
}

}  // namespace

void Supply(const Program& program, const InputKey& key, const InputValue& value,
            Request& request) {
  const InputRecord& input = program.inputs[key.input];
  InputValues& values = ValuesOf(input.from, key.of_resource, request);
  const std::string_view name = program.Text(input.name);
  for (auto& [each, old] : values) {
    if (each != name) continue;
    old = value;
    return;
  }
  values.emplace_back(std::string(name), value);
}

// The evaluator that sees the request with what is supposed of it.
Evaluator& Grounder::Terms() {
  if (overrides_.empty()) return evaluator_;
  const auto same = [](const Override& a, const Override& b) {
    return a.input == b.input && a.candidate == b.candidate;
  };
  if (std::equal(begun_.begin(), begun_.end(), overrides_.begin(), overrides_.end(), same)) {
    return trial_;
  }
  trial_request_ = request_;
  for (const Override& each : overrides_) {
    if (each.candidate == kNoIndex) continue;
    const Input& input = formula_.inputs[each.input];
    Supply(program_, input.key, input.candidates[each.candidate].value, trial_request_);
  }
  trial_.Begin(program_, evaluator_.reader().view(), clock_, trial_request_);
  begun_ = overrides_;
  return trial_;
}

uint32_t Grounder::AddCandidate(Input& input, InputValue value, EntityId entity,
                                uint64_t distance) {
  for (uint32_t i = 0; i < input.candidates.size(); ++i) {
    Candidate& each = input.candidates[i];
    if (!SameInput(each.value, value)) continue;
    each.distance = std::min(each.distance, distance);
    return i;
  }
  const auto index = static_cast<uint32_t>(input.candidates.size());
  Literal literal;
  literal.kind = Literal::Kind::kInput;
  literal.input = input.index;
  literal.candidate = index;
  literal.price = PriceOf(kContextCost) + distance;
  Candidate candidate;
  candidate.value = std::move(value);
  candidate.entity = entity;
  candidate.distance = distance;
  candidate.literal = static_cast<uint32_t>(formula_.literals.size());
  formula_.literals.push_back(literal);
  input.candidates.push_back(std::move(candidate));
  return index;
}

void Grounder::AddEntities(Input& input, const ValueTypeRecord& type) {
  const View& view = evaluator_.reader().view();
  std::vector<EntityId> all{question_.subject, question_.object};
  for (uint32_t each : program_.List(type.entity_types)) {
    view.Entities(static_cast<uint16_t>(each), all);
  }
  for (EntityId entity : all) {
    if (IsTransient(entity) || !Admits(type.entity_types, entity)) continue;
    if (input.candidates.size() >= kMaxInputEntities) {
      formula_.complete = false;
      break;
    }
    AddCandidate(input, Text(std::string(view.FindRecord(entity).id())), entity, 0);
  }
}

// What can be told beforehand: the values of small types.
void Grounder::AddCandidates(Input& input) {
  const ValueTypeRecord& type = program_.value_types[program_.inputs[input.key.input].value_type];
  const auto kind = static_cast<ValueKind>(type.kind);
  if (kind == ValueKind::kBool) {
    AddCandidate(input, Written(kind, 0), kNoEntity, 0);
    AddCandidate(input, Written(kind, 1), kNoEntity, 0);
  } else if (kind == ValueKind::kEnum) {
    const Range labels = program_.enums[type.enum_index].labels;
    for (uint32_t i = 0; i < labels.count; ++i) {
      const LabelRecord& label = program_.labels[labels.first + i];
      AddCandidate(input, Text(std::string(program_.Text(label.name))), kNoEntity, i);
    }
  } else if (kind == ValueKind::kEntity) {
    AddEntities(input, type);
  }
}

uint32_t Grounder::FindInput(const InputKey& key, const Value& given) {
  for (uint32_t i = 0; i < formula_.inputs.size(); ++i) {
    if (formula_.inputs[i].key == key) return i;
  }
  const InputRecord& record = program_.inputs[key.input];
  const ValueTypeRecord& type = program_.value_types[record.value_type];
  const auto index = static_cast<uint32_t>(formula_.inputs.size());
  formula_.inputs.emplace_back();
  Input& input = formula_.inputs.back();
  input.key = key;
  input.index = index;
  input.entities = type.kind == static_cast<uint8_t>(ValueKind::kEntity);
  const bool is_given = given.kind != Value::Kind::kUnknown;
  // A property describes what is asked about: another one would be another question.
  input.changeable = type.is_set == 0 && !(is_given && record.from == InputRecord::From::kProperty);
  if (!input.changeable) {
    if (!is_given) formula_.complete = false;
    return index;
  }
  if (is_given) {
    Request copy = request_;
    for (const auto& [name, value] : ValuesOf(record.from, key.of_resource, copy)) {
      if (name != program_.Text(record.name)) continue;
      input.given = AddCandidate(input, value, given.ToEntity(), 0);
      formula_.literals[input.candidates[input.given].literal].holds = true;
    }
  }
  AddCandidates(input);
  return index;
}

// The input that a term reads, or kNoIndex.
uint32_t Grounder::InputOf(uint32_t id, const uint64_t* frame) {
  if (id == kNoIndex || !asks_request_) return kNoIndex;
  const TermRecord& term = program_.terms[id];
  if (term.kind == TermRecord::Kind::kInput) {
    return FindInput({term.input, false}, evaluator_.values().Input(term.input));
  }
  if (term.kind != TermRecord::Kind::kVariable || term.steps.count == 0) return kNoIndex;
  const StepRecord& step = program_.steps[term.steps.first];
  const EntityId owner = frame[term.variable];
  if (step.from_request == 0 || (owner != question_.subject && owner != question_.object)) {
    return kNoIndex;
  }
  const uint32_t type = program_.TypeOfNumber(TypeOf(owner));
  if (type == kNoIndex) return kNoIndex;
  const Range inputs = program_.types[type].inputs;
  for (uint32_t input = inputs.first; input < inputs.first + inputs.count; ++input) {
    if (program_.inputs[input].attribute != step.attribute) continue;
    return FindInput({input, owner != question_.subject},
                     evaluator_.values().Property(owner, step.attribute));
  }
  return kNoIndex;
}

uint32_t Grounder::FirstInput(const NodeRecord& node, const uint64_t* frame) {
  const auto free = [&](uint32_t term) {
    const uint32_t input = InputOf(term, frame);
    if (input == kNoIndex || !formula_.inputs[input].changeable) return kNoIndex;
    for (const Override& each : overrides_) {
      if (each.input == input) return kNoIndex;
    }
    return input;
  };
  for (uint32_t term : {node.subject, node.object}) {
    if (const uint32_t input = free(term); input != kNoIndex) return input;
  }
  if (node.op != Op::kDefine) return kNoIndex;
  for (uint32_t term : program_.List(node.arguments)) {
    if (program_.terms[term].is_symbol != 0) continue;
    if (const uint32_t input = free(term); input != kNoIndex) return input;
  }
  return kNoIndex;
}

// Values around the one that the input is compared with.
void Grounder::AddNear(Input& input, const NodeRecord& node, const uint64_t* frame) {
  if (node.op != Op::kCompare || input.entities) return;
  const bool left = InputOf(node.subject, frame) == input.index;
  const uint32_t other = left ? node.object : node.subject;
  if (InputOf(other, frame) != kNoIndex) return;
  const Value value = evaluator_.ValueOf(other, frame);
  const auto kind_of = [&](uint32_t type) {
    return static_cast<ValueKind>(program_.value_types[type].kind);
  };
  const ValueKind kind = kind_of(program_.inputs[input.key.input].value_type);
  if (value.kind == Value::Kind::kText && kind == ValueKind::kString) {
    AddCandidate(input, Text(std::string(value.text)), kNoEntity, 0);
    AddCandidate(input, Text(value.text.empty() ? "given" : "not " + std::string(value.text)),
                 kNoEntity, 1);
    return;
  }
  if (value.kind != Value::Kind::kNumber || kind == ValueKind::kEnum || kind == ValueKind::kBool) {
    return;
  }
  int64_t number = value.number;
  int64_t unit = kind == ValueKind::kDecimal ? dsl::kDecimalScale
                 : kind == ValueKind::kDuration || kind == ValueKind::kInstant
                     ? kMicrosecondsPerSecond
                     : 1;
  const ValueKind other_kind = kind_of(program_.terms[other].value_type);
  bool fits = true;
  if (kind == ValueKind::kDecimal && other_kind == ValueKind::kInt) {
    fits = !__builtin_mul_overflow(number, dsl::kDecimalScale, &number);
  } else if (kind == ValueKind::kInt && other_kind == ValueKind::kDecimal) {
    number /= dsl::kDecimalScale;
  }
  int64_t below = 0;
  int64_t above = 0;
  fits = fits && !__builtin_sub_overflow(number, unit, &below) &&
         !__builtin_add_overflow(number, unit, &above);
  if (!fits) return;
  AddCandidate(input, Written(kind, number), kNoEntity, 0);
  AddCandidate(input, Written(kind, below), kNoEntity, 1);
  AddCandidate(input, Written(kind, above), kNoEntity, 1);
}

// What a condition asks of an input, in words, for a value with which it is as wanted.
void Grounder::NoteWanted(const NodeRecord& node, bool input_left, bool wanted,
                          Candidate& candidate) const {
  if (!candidate.wanted.empty()) return;
  const std::string value = Told(candidate.value);
  candidate.wanted = value;
  if (node.op != Op::kCompare) return;
  const auto comparison = static_cast<Comparison>(node.comparison);
  const bool less = comparison == Comparison::kLess || comparison == Comparison::kAtMost;
  const bool more = comparison == Comparison::kMore || comparison == Comparison::kAtLeast;
  if (less || more) {
    candidate.wanted = (more == (wanted == input_left) ? "at least " : "at most ") + value;
  } else if (comparison == Comparison::kNotEqual ? wanted : !wanted) {
    const TermRecord& other = program_.terms[input_left ? node.object : node.subject];
    if (other.kind == TermRecord::Kind::kLiteral || other.kind == TermRecord::Kind::kEntityId) {
      const std::string text(program_.Text(other.name));
      if (!text.empty()) candidate.wanted = "not " + text;
    }
  }
}

bool Grounder::Expand(uint32_t id, uint64_t* frame, bool wanted, PartId& result) {
  const NodeRecord& node = program_.nodes[id];
  const uint32_t index = FirstInput(node, frame);
  if (index == kNoIndex) return false;
  AddNear(formula_.inputs[index], node, frame);
  const bool left = InputOf(node.subject, frame) == index;
  const uint32_t given = formula_.inputs[index].given;
  std::vector<PartId> parts;
  const auto suppose = [&](uint32_t candidate) {
    overrides_.push_back({index, candidate});
    const PartId part = Sentence(id, frame, wanted);
    overrides_.pop_back();
    return part;
  };
  // What holds while it is left out holds whatever is brought.
  if (given == kNoIndex) parts.push_back(suppose(kNoIndex));
  if (formula_.inputs[index].candidates.empty()) formula_.complete = false;
  for (uint32_t i = 0; i < formula_.inputs[index].candidates.size(); ++i) {
    const PartId body = suppose(i);
    if (body == Formula::kNever) continue;
    Candidate& candidate = formula_.inputs[index].candidates[i];
    NoteWanted(node, left, wanted, candidate);
    std::vector<PartId> both{formula_.AddLiteral(candidate.literal, true), body};
    parts.push_back(formula_.Join(true, both));
  }
  result = formula_.Join(false, parts);
  return true;
}

}  // namespace portvakt::engine::missing
