// The one file that knows the JSON library: its push parser feeds a builder that keeps the order
// of members and refuses what two readers could understand differently.
#include "server/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <unordered_set>

namespace portvakt::server {
namespace {

namespace bj = boost::json;

// Objects with more members than this look names up in a set: a long object costs linear time.
constexpr size_t kMembersComparedInTurn = 16;

// Receives the parser's events. An array or object under construction is a Frame on a stack, so
// that nothing recurses.
class Builder {
 public:
  static constexpr size_t max_object_size = static_cast<size_t>(-1);
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = static_cast<size_t>(-1);
  static constexpr size_t max_string_size = static_cast<size_t>(-1);

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }

  bool on_array_begin(bj::error_code&) { return Open(JsonValue::Array()); }
  bool on_array_end(size_t, bj::error_code&) { return Close(); }
  bool on_object_begin(bj::error_code&) { return Open(JsonValue::Object()); }
  bool on_object_end(size_t, bj::error_code&) { return Close(); }

  bool on_string_part(bj::string_view part, size_t, bj::error_code&) { return Collect(part); }
  bool on_string(bj::string_view part, size_t, bj::error_code&) {
    Collect(part);
    return Add(JsonValue(std::exchange(collected_, {})));
  }
  bool on_key_part(bj::string_view part, size_t, bj::error_code&) { return Collect(part); }
  bool on_key(bj::string_view part, size_t, bj::error_code& error) {
    Collect(part);
    Frame& frame = frames_.back();
    frame.name = std::exchange(collected_, {});
    if (!HasMember(frame, frame.name)) return true;
    refusal_ = "the name `" + frame.name + "` stands twice in one object";
    error = bj::error::exception;
    return false;
  }

  bool on_number_part(bj::string_view part, bj::error_code&) { return Collect(part); }
  bool on_int64(int64_t value, bj::string_view, bj::error_code&) {
    collected_.clear();
    return Add(JsonValue(value));
  }
  bool on_uint64(uint64_t, bj::string_view part, bj::error_code& error) {
    return AddDouble(0, part, error);
  }
  bool on_double(double near, bj::string_view part, bj::error_code& error) {
    return AddDouble(near, part, error);
  }
  bool on_bool(bool value, bj::error_code&) { return Add(JsonValue(value)); }
  bool on_null(bj::error_code&) { return Add(JsonValue()); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  JsonValue& root() { return root_; }
  // Of a refusal that the library has no words for; "" otherwise.
  const std::string& refusal() const { return refusal_; }

 private:
  struct Frame {
    JsonValue value;
    std::string name;                       // of the member that comes next
    std::unordered_set<std::string> names;  // of long objects
  };

  bool Collect(bj::string_view part) {
    collected_.append(part.data(), part.size());
    return true;
  }
  bool Open(JsonValue value) {
    frames_.push_back({std::move(value), {}, {}});
    return true;
  }
  bool Close() {
    JsonValue value = std::move(frames_.back().value);
    frames_.pop_back();
    return Add(std::move(value));
  }
  bool Add(JsonValue value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Frame& frame = frames_.back();
    if (frame.value.is(JsonValue::Kind::kArray)) {
      frame.value.elements().push_back(std::move(value));
    } else {
      frame.value.members().emplace_back(std::move(frame.name), std::move(value));
    }
    return true;
  }

  static bool HasMember(Frame& frame, const std::string& name) {
    const JsonValue::Members& members = frame.value.members();
    if (members.size() < kMembersComparedInTurn) return frame.value.Find(name) != nullptr;
    if (frame.names.empty()) {
      for (const JsonValue::Member& member : members) frame.names.insert(member.first);
    }
    return !frame.names.insert(name).second;
  }

  // The library's own doubles are a few last places off, so the digits are read again. `near` tells
  // too small from too large.
  bool AddDouble(double near, bj::string_view part, bj::error_code& error) {
    Collect(part);
    const std::string digits = std::exchange(collected_, {});
    double value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec == std::errc::result_out_of_range) value = std::abs(near) < 1 ? 0.0 : HUGE_VAL;
    if (std::isfinite(value)) return Add(JsonValue(value));
    refusal_ = "a number too large for a double";
    error = bj::error::exception;
    return false;
  }

  std::vector<Frame> frames_;
  std::string collected_;
  std::string refusal_;
  JsonValue root_;
};

std::string Hexadecimal(unsigned char byte) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[byte >> 4], kDigits[byte & 15]};
}

std::string Show(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  if (byte > 0x20 && byte < 0x7F) return std::string("`") + letter + "`";
  return "byte 0x" + Hexadecimal(byte);
}

std::string Describe(const bj::error_code& error, const Builder& builder, std::string_view text,
                     size_t offset, const JsonLimits& limits) {
  if (!builder.refusal().empty()) return builder.refusal();
  if (error == bj::error::too_deep) {
    return "arrays and objects lie more than " + std::to_string(limits.max_depth) + " deep";
  }
  if (error == bj::error::incomplete) return "the text ends before its value does";
  if (error == bj::error::exponent_overflow) return "a number too large for a double";
  if (error == bj::error::illegal_leading_surrogate ||
      error == bj::error::illegal_trailing_surrogate) {
    return "half of a surrogate pair in a string";
  }
  if (error == bj::error::expected_hex_digit) return "`\\u` needs four hexadecimal digits";
  if (offset >= text.size()) return "the text ends before its value does";
  return "not JSON: unexpected " + Show(text[offset]);
}

// ---- writing ----------------------------------------------------------------------------------

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
  if (text.size() > limits.max_bytes) {
    return {std::nullopt,
            {"the text is longer than " + std::to_string(limits.max_bytes) + " bytes", 0}};
  }
  bj::parse_options options;
  options.max_depth = limits.max_depth;
  bj::basic_parser<Builder> parser(options);
  bj::error_code error;
  const size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error) return {std::nullopt, {Describe(error, parser.handler(), text, used, limits), used}};
  if (used < text.size()) {
    return {std::nullopt, {"not JSON: something follows the value", used}};
  }
  return {std::move(parser.handler().root()), {}};
}

std::string WriteJson(const JsonValue& value, JsonStyle style) {
  std::string out;
  Printer(style, out).Print(value);
  return out;
}

}  // namespace portvakt::server
