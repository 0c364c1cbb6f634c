#include "engine/request_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "dsl/module.h"
#include "engine/address.h"
#include "engine/calendar.h"

namespace portvakt::engine {
namespace {

using dsl::ValueKind;
using Kind = InputValue::Kind;

const InputValue* FindByName(const InputValues& values, std::string_view name) {
  for (const auto& [key, value] : values) {
    if (key == name) return &value;
  }
  return nullptr;
}

// The exact value of the shortest text that names the double; nothing beyond millionths.
std::optional<int64_t> Millionths(double number) {
  if (!std::isfinite(number) || std::abs(number) > 9e12) return std::nullopt;
  char text[512];
  const auto written = std::to_chars(text, text + sizeof(text), number, std::chars_format::fixed);
  if (written.ec != std::errc()) return std::nullopt;
  std::string_view rest(text, static_cast<size_t>(written.ptr - text));
  const bool minus = !rest.empty() && rest.front() == '-';
  if (minus) rest.remove_prefix(1);
  const size_t point = rest.find('.');
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (fraction.size() > 6) return std::nullopt;
  std::string digits(rest.substr(0, point));
  digits += fraction;
  digits.append(6 - fraction.size(), '0');
  int64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return minus ? -value : value;
}

std::optional<int64_t> Decimal(const InputValue& input) {
  if (input.kind == Kind::kDouble) return Millionths(input.number);
  if (input.kind != Kind::kInteger) return std::nullopt;
  int64_t scaled = 0;
  if (__builtin_mul_overflow(input.integer, dsl::kDecimalScale, &scaled)) return std::nullopt;
  return scaled;
}

std::optional<int64_t> Integer(const InputValue& input) {
  if (input.kind == Kind::kInteger) return input.integer;
  // 3.0 is the integer 3: many writers of JSON do not tell them apart.
  if (input.kind != Kind::kDouble || std::trunc(input.number) != input.number) return std::nullopt;
  if (std::abs(input.number) > 9007199254740992.0) return std::nullopt;  // 2^53: exact below
  return static_cast<int64_t>(input.number);
}

std::optional<int64_t> Duration(const InputValue& input) {
  if (input.kind == Kind::kString) return ParseDuration(input.text);
  const std::optional<int64_t> seconds = Integer(input);
  int64_t result = 0;
  if (!seconds || __builtin_mul_overflow(*seconds, kMicrosecondsPerSecond, &result)) {
    return std::nullopt;
  }
  return result;
}

StoredValue ToStored(const Value& value) {
  StoredValue stored;
  if (value.kind == Value::Kind::kText) {
    stored.kind = StoredValue::Kind::kText;
    stored.text = std::string(value.text);
  } else if (value.kind == Value::Kind::kEntity) {
    stored.kind = StoredValue::Kind::kEntity;
    stored.number = static_cast<int64_t>(value.entity);
  } else {
    stored.number = value.number;
  }
  return stored;
}

// Of two values that the request gives for one attribute.
bool Same(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Value::Kind::kGivenSet) return *a.given == *b.given;
  return a.number == b.number && a.entity == b.entity && a.text == b.text;
}

Value FromOptional(std::optional<int64_t> number) {
  return number ? Value::Number(*number) : Value();
}

}  // namespace

void RequestValues::Start(const Program& program, Reader& reader, const Request& request) {
  Start(program, reader, &request.context);
  request_ = &request;
}

void RequestValues::Start(const Program& program, Reader& reader, const InputValues* context) {
  program_ = &program;
  reader_ = &reader;
  request_ = nullptr;
  context_ = context;
  subject_ = kNoEntity;
  resource_ = kNoEntity;
  ++generation_;
  transients_.clear();
  if (slots_.size() < program.inputs.size() * 2) slots_.resize(program.inputs.size() * 2);
}

void RequestValues::SetEnds(EntityId subject, EntityId resource) {
  subject_ = subject;
  resource_ = resource;
}

EntityId RequestValues::Resolve(uint32_t type, std::string_view id) {
  const TypeRecord& record = program_->types[type];
  const auto number = static_cast<uint16_t>(record.number);
  if (!id.empty() && id.size() <= kMaxIdBytes) {
    if (const auto stored = reader_->FindEntity(number, id)) return *stored;
  }
  if (record.open == 0) return kNowhereEntity;
  for (size_t i = 0; i < transients_.size(); ++i) {
    if (transients_[i].type_number == record.number && transients_[i].id == id) {
      return MakeEntity(number, kTransientIndex + i);
    }
  }
  transients_.push_back({record.number, id});
  return MakeEntity(number, kTransientIndex + transients_.size() - 1);
}

EntityId RequestValues::ResolveLiteral(uint32_t type_number, std::string_view id) {
  const auto number = static_cast<uint16_t>(type_number);
  if (id.empty() || id.size() > kMaxIdBytes) return kNowhereEntity;
  if (const auto stored = reader_->FindEntity(number, id)) return *stored;
  std::vector<EntityId> mentioned;
  Transients(type_number, mentioned);
  for (EntityId entity : mentioned) {
    if (TransientId(entity) == id) return entity;
  }
  return kNowhereEntity;
}

std::string_view RequestValues::TransientId(EntityId entity) const {
  const uint64_t index = (entity & ((uint64_t{1} << 40) - 1)) - kTransientIndex;
  return index < transients_.size() ? transients_[index].id : std::string_view("?");
}

void RequestValues::Transients(uint32_t type_number, std::vector<EntityId>& out) {
  const auto inputs = static_cast<uint32_t>(program_->inputs.size());
  for (uint32_t input = 0; input < inputs; ++input) {
    const ValueTypeRecord& type = program_->value_types[program_->inputs[input].value_type];
    if (type.kind != static_cast<uint8_t>(ValueKind::kEntity)) continue;
    Find(input, false);
    Find(input, true);
  }
  for (size_t i = 0; i < transients_.size(); ++i) {
    if (transients_[i].type_number == type_number) {
      out.push_back(MakeEntity(static_cast<uint16_t>(type_number), kTransientIndex + i));
    }
  }
}

const InputValue* RequestValues::Supplied(const InputRecord& input, bool of_resource) const {
  const std::string_view name = program_->Text(input.name);
  if (input.from == InputRecord::From::kContext) {
    return context_ == nullptr ? nullptr : FindByName(*context_, name);
  }
  if (request_ == nullptr) return nullptr;
  if (input.from == InputRecord::From::kAction) {
    return FindByName(request_->action_properties, name);
  }
  const EntityId owner = of_resource ? resource_ : subject_;
  if (!IsEntity(owner) || TypeOf(owner) != input.type) return nullptr;
  return FindByName(of_resource ? request_->resource_properties : request_->subject_properties,
                    name);
}

const Value& RequestValues::Find(uint32_t index, bool of_resource) {
  Slot& slot = slots_[index + (of_resource ? program_->inputs.size() : 0)];
  if (slot.generation != generation_) {
    slot.generation = generation_;
    slot.value = Value();
    const InputRecord& input = program_->inputs[index];
    if (const InputValue* supplied = Supplied(input, of_resource)) {
      slot.value = Read(*supplied, program_->value_types[input.value_type], slot);
    }
  }
  return slot.value;
}

Value RequestValues::Property(EntityId entity, uint32_t attribute) {
  if (entity != subject_ && entity != resource_) return {};
  const uint32_t type = program_->TypeOfNumber(TypeOf(entity));
  if (type == kNoIndex) return {};
  const Range inputs = program_->types[type].inputs;
  for (uint32_t input = inputs.first; input < inputs.first + inputs.count; ++input) {
    if (program_->inputs[input].attribute != attribute) continue;
    const Value& given = Find(input, entity != subject_);
    if (subject_ != resource_) return given;
    // One entity, described twice: where the two disagree neither is known.
    const Value& again = Find(input, true);
    if (given.kind == Value::Kind::kUnknown) return again;
    return again.kind == Value::Kind::kUnknown || Same(given, again) ? given : Value();
  }
  return {};
}

EntityId RequestValues::ReadEntity(std::string_view id, const ValueTypeRecord& type) {
  if (id.empty() || id.size() > kMaxIdBytes) return kUnknownEntity;
  EntityId found = kUnknownEntity;
  size_t count = 0;
  size_t open = kNoIndex;
  size_t open_count = 0;
  for (uint32_t number : program_->List(type.entity_types)) {
    if (const auto stored = reader_->FindEntity(static_cast<uint16_t>(number), id)) {
      found = *stored;
      ++count;
    }
    const uint32_t record = program_->TypeOfNumber(number);
    if (record == kNoIndex || program_->types[record].open == 0) continue;
    open = record;
    ++open_count;
  }
  if (count == 0 && open_count == 1) return Resolve(static_cast<uint32_t>(open), id);
  // An id that two types of a union have, or could have, names neither.
  return count == 1 ? found : kUnknownEntity;
}

Value RequestValues::ReadScalar(const InputValue& input, const ValueTypeRecord& type,
                                std::string& storage) {
  const auto kind = static_cast<ValueKind>(type.kind);
  if (kind == ValueKind::kBool) {
    return input.kind == Kind::kBool ? Value::Number(input.boolean ? 1 : 0) : Value();
  }
  if (kind == ValueKind::kInt) return FromOptional(Integer(input));
  if (kind == ValueKind::kDecimal) return FromOptional(Decimal(input));
  if (kind == ValueKind::kDuration) return FromOptional(Duration(input));
  if (input.kind != Kind::kString) return {};
  switch (kind) {
    case ValueKind::kString: return Value::Text(input.text);
    case ValueKind::kEnum: {
      const Range labels = program_->enums[type.enum_index].labels;
      for (uint32_t i = 0; i < labels.count; ++i) {
        const LabelRecord& label = program_->labels[labels.first + i];
        if (program_->Text(label.name) == input.text) return Value::Number(label.number);
      }
      return {};
    }
    case ValueKind::kDate: return FromOptional(ParseDate(input.text));
    case ValueKind::kInstant: return FromOptional(ParseInstant(input.text));
    case ValueKind::kIp: {
      const std::optional<std::string> address = ParseAddress(input.text);
      if (!address) return {};
      storage = *address;
      return Value::Text(storage);
    }
    case ValueKind::kEntity: return Value::Entity(ReadEntity(input.text, type));
    default: return {};
  }
}

Value RequestValues::ReadSet(const InputValue& input, const ValueTypeRecord& type, Slot& slot) {
  if (input.kind != Kind::kList) return {};
  slot.set.clear();
  for (const InputValue& member : input.list) {
    std::string storage;
    const Value value = ReadScalar(member, type, storage);
    if (value.kind == Value::Kind::kUnknown) return {};
    slot.set.push_back(ToStored(value));
  }
  Value value;
  value.kind = Value::Kind::kGivenSet;
  value.given = &slot.set;
  return value;
}

Value RequestValues::Read(const InputValue& input, const ValueTypeRecord& type, Slot& slot) {
  return type.is_set != 0 ? ReadSet(input, type, slot) : ReadScalar(input, type, slot.text);
}

}  // namespace portvakt::engine
