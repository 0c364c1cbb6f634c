// Terms, values and sentences as a person reads them. What is not known is "?".
#include "dsl/module.h"
#include "engine/address.h"
#include "engine/calendar.h"
#include "engine/explain.h"
#include "engine/history_words.h"

namespace portvakt::engine {
namespace {

using dsl::ValueKind;

std::string DecimalText(int64_t millionths) {
  const bool minus = millionths < 0;
  const uint64_t size =
      minus ? 0 - static_cast<uint64_t>(millionths) : static_cast<uint64_t>(millionths);
  std::string fraction = std::to_string(size % dsl::kDecimalScale);
  fraction.insert(0, 6 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return (minus ? "-" : "") + std::to_string(size / dsl::kDecimalScale) +
         (fraction.empty() ? "" : "." + fraction);
}

}  // namespace

std::string NumberText(const Program& program, const ValueTypeRecord& type, int64_t number) {
  switch (static_cast<ValueKind>(type.kind)) {
    case ValueKind::kBool: return number != 0 ? "true" : "false";
    case ValueKind::kDecimal: return DecimalText(number);
    case ValueKind::kDate: return FormatDate(number);
    case ValueKind::kInstant: return FormatInstant(number);
    case ValueKind::kDuration: return FormatDuration(number);
    case ValueKind::kEnum: {
      const Range labels = program.enums[type.enum_index].labels;
      for (uint32_t i = 0; i < labels.count; ++i) {
        const LabelRecord& label = program.labels[labels.first + i];
        if (label.number == number) return std::string(program.Text(label.name));
      }
      return "?";
    }
    default: return std::to_string(number);
  }
}

std::string Explainer::EntityText(EntityId entity) {
  if (!IsEntity(entity)) return entity == kAbsentEntity ? "nothing" : "?";
  if (IsTransient(entity)) return std::string(evaluator_.values().TransientId(entity));
  const Record record = evaluator_.reader().RecordOf(entity);
  return record.exists() ? std::string(record.id()) : "?";
}

std::string Explainer::ValueText(const Value& value, uint32_t value_type) {
  const ValueTypeRecord& type = evaluator_.program().value_types[value_type];
  const auto text = [&](std::string_view bytes) {
    return static_cast<ValueKind>(type.kind) == ValueKind::kIp ? FormatAddress(bytes)
                                                               : std::string(bytes);
  };
  const auto member = [&](StoredValue::Kind kind, int64_t number, std::string_view bytes) {
    if (kind == StoredValue::Kind::kText) return text(bytes);
    if (kind == StoredValue::Kind::kEntity) return EntityText(static_cast<EntityId>(number));
    return NumberText(evaluator_.program(), type, number);
  };
  std::string list;
  const auto add = [&](const std::string& each) { list += (list.empty() ? "" : ", ") + each; };
  switch (value.kind) {
    case Value::Kind::kUnknown: return "?";
    case Value::Kind::kAbsent: return "nothing";
    case Value::Kind::kNumber: return NumberText(evaluator_.program(), type, value.number);
    case Value::Kind::kText: return text(value.text);
    case Value::Kind::kEntity: return EntityText(value.entity);
    case Value::Kind::kStoredSet:
      for (size_t i = 0; i < value.stored.size(); ++i) {
        const ValueView each = value.stored.at(i);
        const bool is_text = each.kind() == StoredValue::Kind::kText;
        add(member(each.kind(), is_text ? 0 : each.number(),
                   is_text ? each.text() : std::string_view()));
      }
      break;
    case Value::Kind::kGivenSet:
      for (const StoredValue& each : *value.given) add(member(each.kind, each.number, each.text));
      break;
  }
  return "{" + list + "}";
}

std::string Explainer::TermText(uint32_t id, const uint64_t* frame) {
  const Program& program = evaluator_.program();
  const TermRecord& term = program.terms[id];
  if (term.is_symbol != 0) {
    const uint32_t symbol = evaluator_.SymbolOf(id, frame);
    return symbol >= kNoSymbol ? "nothing" : std::string(program.SymbolName(term.space, symbol));
  }
  if (term.kind == TermRecord::Kind::kEntityId) return std::string(program.Text(term.text));
  return ValueText(evaluator_.ValueOf(id, frame), term.value_type);
}

std::string Explainer::TextOf(Range pieces, const uint64_t* frame) {
  const Program& program = evaluator_.program();
  std::string text;
  for (uint32_t i = pieces.first; i < pieces.first + pieces.count; ++i) {
    const PieceRecord& piece = program.pieces[i];
    if (piece.term == kNoIndex) {
      text += program.Text(piece.literal);
    } else {
      text += TermText(piece.term, frame);
    }
  }
  return text;
}

// The sentence with what stands in its slots now.
std::string Explainer::SentenceText(const NodeRecord& node, const uint64_t* frame) {
  const Program& program = evaluator_.program();
  const auto fill = [&](std::string_view format, const auto& term_of) {
    std::string text;
    for (size_t at = 0; at < format.size(); ++at) {
      const size_t close = format[at] == '{' ? format.find('}', at) : std::string_view::npos;
      if (close == std::string_view::npos) {
        text += format[at];
        continue;
      }
      uint32_t slot = 0;
      for (size_t i = at + 1; i < close; ++i)
        slot = slot * 10 + static_cast<uint32_t>(format[i] - '0');
      const uint32_t term = term_of(slot);
      text += term == kNoIndex ? "?" : TermText(term, frame);
      at = close;
    }
    return text;
  };
  const auto with = [&](std::string text, const char* word, uint32_t term) {
    return term == kNoIndex ? text : text + " " + word + " " + TermText(term, frame);
  };
  switch (node.op) {
    case Op::kFact:
      return fill(program.Text(program.facts[node.index].format), [&](uint32_t slot) {
        return slot == 0 ? node.subject : slot == 1 ? node.object : node.symbol;
      });
    case Op::kDefine:
      return fill(program.Text(program.defines[node.index].format), [&](uint32_t slot) {
        return slot < node.arguments.count ? program.lists[node.arguments.first + slot] : kNoIndex;
      });
    case Op::kRole:
      return with(with(TermText(node.subject, frame) + " is " + TermText(node.symbol, frame), "for",
                       node.program),
                  "on", node.object);
    case Op::kHolds:
      return with(TermText(node.subject, frame) + " holds " + TermText(node.symbol, frame), "from",
                  node.object);
    case Op::kMay:
      return with(TermText(node.subject, frame) + " may " + TermText(node.symbol, frame), "on",
                  node.object);
    case Op::kSeatFree: return with(TermText(node.symbol, frame) + " is free", "in", node.object);
    case Op::kTable: {
      static constexpr const char* kVerbs[] = {" includes ", " covers ", " gives "};
      return TermText(node.symbol, frame) + kVerbs[node.index / 2] + TermText(node.other, frame);
    }
    default: return std::string(program.Text(program.places[node.place].text));
  }
}

}  // namespace portvakt::engine
