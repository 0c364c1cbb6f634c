// Values and how they are written; how they are read is in json_document.cpp.
#include "server/json.h"

#include <cassert>
#include <charconv>
#include <cmath>

#include "server/json_document.h"

namespace portvakt::server {
namespace {

std::string Hexadecimal(unsigned char byte) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[byte >> 4], kDigits[byte & 15]};
}

// Bytes of the well-formed UTF-8 sequence at `at`; 0 when there is none.
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0u;
  };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  const auto continues = [&](size_t count) {
    for (size_t next = 1; next <= count; ++next) {
      if ((byte(at + next) & 0xC0u) != 0x80u) return false;
    }
    return true;
  };
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(2)) return 0;
    const unsigned second = byte(at + 1);
    // Longer than needed, or half of a surrogate pair.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(3)) return 0;
    const unsigned second = byte(at + 1);
    if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
    return 4;
  }
  return 0;
}

void WriteControl(unsigned char letter, std::string& out) {
  switch (letter) {
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00" + Hexadecimal(letter);
}

void WriteText(std::string_view text, std::string& out) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const auto letter = static_cast<unsigned char>(text[at]);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += text[at++];
    } else if (letter < 0x20) {
      WriteControl(letter, out);
      ++at;
    } else if (const size_t length = SequenceLength(text, at); length > 0) {
      out.append(text.substr(at, length));
      at += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++at;
    }
  }
  out += '"';
}

void WriteNumber(double value, std::string& out) {
  assert(std::isfinite(value));
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view written(digits, static_cast<size_t>(end - digits));
  out += written;
  // A double stays a double when it is read again.
  if (written.find_first_of(".e") == std::string_view::npos) out += ".0";
}

class Printer {
 public:
  Printer(JsonStyle style, std::string& out) : pretty_(style == JsonStyle::kPretty), out_(out) {}

  // Recursion is as deep as the value, which a reader's limit or our own code bounds.
  void Print(const JsonValue& value) {
    switch (value.kind()) {
      case JsonValue::Kind::kNull: out_ += "null"; return;
      case JsonValue::Kind::kBool: out_ += value.boolean() ? "true" : "false"; return;
      case JsonValue::Kind::kInteger: out_ += std::to_string(value.integer()); return;
      case JsonValue::Kind::kDouble: WriteNumber(value.number(), out_); return;
      case JsonValue::Kind::kString: WriteText(value.text(), out_); return;
      case JsonValue::Kind::kArray: PrintArray(value.elements()); return;
      case JsonValue::Kind::kObject: PrintObject(value.members()); return;
    }
  }

 private:
  void PrintArray(const JsonValue::Elements& elements) {
    out_ += '[';
    ++depth_;
    for (size_t index = 0; index < elements.size(); ++index) {
      if (index > 0) out_ += ',';
      NewLine();
      Print(elements[index]);
    }
    --depth_;
    if (!elements.empty()) NewLine();
    out_ += ']';
  }
  void PrintObject(const JsonValue::Members& members) {
    out_ += '{';
    ++depth_;
    for (size_t index = 0; index < members.size(); ++index) {
      if (index > 0) out_ += ',';
      NewLine();
      WriteText(members[index].first, out_);
      out_ += pretty_ ? ": " : ":";
      Print(members[index].second);
    }
    --depth_;
    if (!members.empty()) NewLine();
    out_ += '}';
  }
  void NewLine() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  bool pretty_;
  size_t depth_ = 0;
  std::string& out_;
};

}  // namespace

JsonValue JsonValue::Array(Elements elements) {
  JsonValue value;
  value.data_ = std::move(elements);
  return value;
}

JsonValue JsonValue::Object(Members members) {
  JsonValue value;
  value.data_ = std::move(members);
  return value;
}

const JsonValue* JsonValue::Find(std::string_view name) const {
  if (!is(Kind::kObject)) return nullptr;
  for (const Member& member : members()) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

JsonValue& JsonValue::Set(std::string name, JsonValue value) {
  for (Member& member : members()) {
    if (member.first != name) continue;
    member.second = std::move(value);
    return *this;
  }
  members().emplace_back(std::move(name), std::move(value));
  return *this;
}

JsonValue& JsonValue::Append(JsonValue value) {
  elements().push_back(std::move(value));
  return *this;
}

std::string_view NameOf(JsonValue::Kind kind) {
  switch (kind) {
    case JsonValue::Kind::kNull: return "null";
    case JsonValue::Kind::kBool: return "a boolean";
    case JsonValue::Kind::kInteger: return "a number";
    case JsonValue::Kind::kDouble: return "a number";
    case JsonValue::Kind::kString: return "a string";
    case JsonValue::Kind::kArray: return "an array";
    case JsonValue::Kind::kObject: return "an object";
  }
  return "";
}

JsonRead ReadJson(std::string_view text, const JsonLimits& limits) {
  JsonDocument document;
  if (auto error = document.Read(text, limits)) return {std::nullopt, *std::move(error)};
  return {document.root().ToValue(), {}};
}

std::string WriteJson(const JsonValue& value, JsonStyle style) {
  std::string out;
  Printer(style, out).Print(value);
  return out;
}

}  // namespace portvakt::server
