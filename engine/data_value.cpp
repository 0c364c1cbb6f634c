// Reading attribute values. Text that does not fit its type is a finding that shows how to write
// it.
#include "engine/data_value.h"

#include <algorithm>
#include <charconv>

#include "engine/address.h"
#include "engine/calendar.h"

namespace portvakt::engine {
namespace {

using dsl::ValueKind;

std::optional<int64_t> ReadInteger(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Exact millionths: "-12.50". Digits beyond the sixth must be zeros.
std::optional<int64_t> ReadDecimal(std::string_view text) {
  constexpr size_t kPlaces = 6;
  const size_t point = text.find('.');
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (point == 0 || fraction.empty()) return std::nullopt;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!digit(text[point - 1]) || !std::all_of(fraction.begin(), fraction.end(), digit)) {
      return std::nullopt;
    }
    while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  }
  if (fraction.size() > kPlaces) return std::nullopt;
  std::string digits(text.substr(0, point));
  digits.append(fraction).append(kPlaces - fraction.size(), '0');
  return ReadInteger(digits);
}

// How a value of the kind is written.
const char* FormOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kBool: return "write true or false";
    case ValueKind::kInt: return "write a whole number of at most 64 bits";
    case ValueKind::kDecimal: return "write a number like 1250.50, with at most six decimals";
    case ValueKind::kDate: return "write a date like 2026-01-31";
    case ValueKind::kInstant: return "write an instant like 2026-01-31T12:00:00Z, or a date";
    case ValueKind::kDuration: return "write a duration like 30 days";
    case ValueKind::kIp: return "write an address like 192.0.2.1, or a range like 192.0.2.0/24";
    case ValueKind::kString:
    case ValueKind::kEnum:
    case ValueKind::kEntity: break;
  }
  return "";
}

std::optional<int64_t> ReadNumber(std::string_view text, ValueKind kind,
                                  const dsl::Module& module) {
  switch (kind) {
    case ValueKind::kBool:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return std::nullopt;
    case ValueKind::kInt: return ReadInteger(text);
    case ValueKind::kDecimal: return ReadDecimal(text);
    case ValueKind::kDate: return ParseDate(text);
    case ValueKind::kInstant: return ReadWhen(text, module);
    case ValueKind::kDuration: return ParseDuration(text);
    default: return std::nullopt;
  }
}

StoredValue TextValue(std::string text) {
  StoredValue value;
  value.kind = StoredValue::Kind::kText;
  value.text = std::move(text);
  return value;
}

std::optional<StoredValue> ReadLabel(const DataNode& node, const dsl::ValueType& type,
                                     const ValueContext& context) {
  const std::vector<std::string>& labels = context.module.enums[type.enum_type].labels;
  if (std::find(labels.begin(), labels.end(), node.text) == labels.end()) {
    std::string help = DidYouMean(node.text, labels);
    if (help.empty()) {
      help = "write one of";
      for (const std::string& label : labels) help += " " + label;
    }
    context.findings.Add(node.place, Quoted(node.text) + " is none of the labels", help);
    return std::nullopt;
  }
  const auto number = context.label_number(node.text, node.place);
  if (!number) return std::nullopt;
  StoredValue value;
  value.number = *number;
  return value;
}

std::optional<StoredValue> ReadScalar(const DataNode& node, const dsl::ValueType& type,
                                      const ValueContext& context) {
  if (node.kind != DataNode::Kind::kScalar) {
    context.findings.Add(
        node.place, std::string("here stands ") + NameOfKind(node.kind) + " instead of a value");
    return std::nullopt;
  }
  switch (type.kind) {
    case ValueKind::kString: return TextValue(node.text);
    case ValueKind::kEnum: return ReadLabel(node, type, context);
    case ValueKind::kEntity: {
      const auto entity = context.find_entity(
          ReadEntityWord(context.module, type.entity_types, node.text, node.place));
      if (!entity) return std::nullopt;
      StoredValue value;
      value.kind = StoredValue::Kind::kEntity;
      value.number = static_cast<int64_t>(*entity);
      return value;
    }
    case ValueKind::kIp:
      if (auto address = ParseAddress(node.text)) return TextValue(std::move(*address));
      break;
    default:
      if (const auto number = ReadNumber(node.text, type.kind, context.module)) {
        StoredValue value;
        value.number = *number;
        return value;
      }
  }
  context.findings.Add(node.place, Quoted(node.text) + " does not fit the attribute's type",
                       FormOf(type.kind));
  return std::nullopt;
}

}  // namespace

std::optional<StoredValue> ReadValue(const DataNode& node, const dsl::ValueType& type,
                                     const ValueContext& context) {
  if (!type.is_set) return ReadScalar(node, type, context);
  if (node.kind != DataNode::Kind::kList) {
    context.findings.Add(
        node.place, "the attribute is a set, here stands " + std::string(NameOfKind(node.kind)),
        "write a list like [a, b]");
    return std::nullopt;
  }
  dsl::ValueType member_type = type;
  member_type.is_set = false;
  StoredValue value;
  value.kind = StoredValue::Kind::kSet;
  bool good = true;
  for (const DataNode& item : node.items) {
    auto member = ReadScalar(item, member_type, context);
    good &= member.has_value();
    if (member) value.set.push_back(std::move(*member));
  }
  if (!good) return std::nullopt;
  return value;
}

}  // namespace portvakt::engine
