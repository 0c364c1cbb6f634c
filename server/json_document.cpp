// The one file that knows the JSON library: its push parser feeds a builder that keeps the order
// of members and refuses what two readers could understand differently.
#include "server/json_document.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <unordered_set>
#include <utility>

namespace portvakt::server {
namespace {

namespace bj = boost::json;

// Objects with more members than this look names up in a set: a long object costs linear time.
constexpr size_t kMembersComparedInTurn = 16;
// Bytes of text an entry, about the least that requests have: tells how many to make room for.
constexpr size_t kBytesAnEntry = 6;
constexpr size_t kUsualDepth = 8;

std::string Show(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  if (byte > 0x20 && byte < 0x7F) return std::string("`") + letter + "`";
  char digits[3];
  std::snprintf(digits, sizeof digits, "%02x", byte);
  return std::string("byte 0x") + digits;
}

// `refusal` is the builder's own, "" when the library refused.
std::string Describe(const bj::error_code& error, const std::string& refusal, std::string_view text,
                     size_t offset, const JsonLimits& limits) {
  if (!refusal.empty()) return refusal;
  if (error == bj::error::too_deep) {
    return "arrays and objects lie more than " + std::to_string(limits.max_depth) + " deep";
  }
  if (error == bj::error::object_too_large) {
    return "an object has more than " + std::to_string(kMaxJsonMembers) + " members";
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

}  // namespace

// Receives the parser's events. An array or object under construction is a Frame on a stack, so
// that nothing recurses.
class JsonDocument::Builder {
 public:
  static constexpr size_t max_object_size = kMaxJsonMembers;
  static constexpr size_t max_array_size = static_cast<size_t>(-1);
  static constexpr size_t max_key_size = static_cast<size_t>(-1);
  static constexpr size_t max_string_size = static_cast<size_t>(-1);

  explicit Builder(JsonDocument& document) : document_(document) { frames_.reserve(kUsualDepth); }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }

  bool on_array_begin(bj::error_code&) { return Open(Kind::kArray); }
  bool on_array_end(size_t count, bj::error_code&) { return Close(count); }
  bool on_object_begin(bj::error_code&) { return Open(Kind::kObject); }
  bool on_object_end(size_t count, bj::error_code&) { return Close(count); }

  bool on_string_part(bj::string_view part, size_t, bj::error_code&) { return Collect(part); }
  bool on_string(bj::string_view part, size_t, bj::error_code&) {
    AddText(part);
    return true;
  }
  bool on_key_part(bj::string_view part, size_t, bj::error_code&) { return Collect(part); }
  bool on_key(bj::string_view part, size_t, bj::error_code& error) {
    const std::string_view name = AddText(part);
    if (!IsTaken(frames_.back(), name)) return true;
    return Refuse("the name `" + std::string(name) + "` stands twice in one object", error);
  }

  bool on_number_part(bj::string_view part, bj::error_code&) { return Collect(part); }
  bool on_int64(int64_t value, bj::string_view, bj::error_code&) {
    document_.moved_.resize(collected_from_);
    return Add(Kind::kInteger, value);
  }
  bool on_uint64(uint64_t, bj::string_view part, bj::error_code& error) {
    return AddDouble(0, part, error);
  }
  bool on_double(double near, bj::string_view part, bj::error_code& error) {
    return AddDouble(near, part, error);
  }
  bool on_bool(bool value, bj::error_code&) { return Add(Kind::kBool, value ? 1 : 0); }
  bool on_null(bj::error_code&) { return Add(Kind::kNull, 0); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  // Of a refusal that the library has no words for; "" otherwise.
  const std::string& refusal() const { return refusal_; }

 private:
  using Kind = JsonValue::Kind;

  struct Frame {
    uint32_t at = 0;                                         // the entry of the array or object
    std::unique_ptr<std::unordered_set<std::string>> names;  // of long objects
  };

  bool Refuse(std::string why, bj::error_code& error) {
    refusal_ = std::move(why);
    error = bj::error::exception;
    return false;
  }

  bool Add(Kind kind, int64_t bits) {
    document_.entries_.push_back({kind, false, 0, bits});
    return true;
  }
  bool Open(Kind kind) {
    frames_.push_back({static_cast<uint32_t>(document_.entries_.size()), nullptr});
    return Add(kind, 0);
  }
  bool Close(size_t count) {
    Entry& entry = document_.entries_[frames_.back().at];
    entry.size = static_cast<uint32_t>(count);
    entry.bits = static_cast<int64_t>(document_.entries_.size());
    frames_.pop_back();
    return true;
  }

  // Parts of a text that does not lie in the source in one piece, and of a number.
  bool Collect(bj::string_view part) {
    document_.moved_.append(part.data(), part.size());
    return true;
  }
  // With the last part of a text, or the whole of it.
  std::string_view AddText(bj::string_view part) {
    const std::string_view source = document_.source_;
    const bool is_in_source = document_.moved_.size() == collected_from_ && !part.empty() &&
                              !std::less<>()(part.data(), source.data()) &&
                              std::less<>()(part.data(), source.data() + source.size());
    if (is_in_source) {
      document_.entries_.push_back(
          {Kind::kString, false, static_cast<uint32_t>(part.size()), part.data() - source.data()});
      return part;
    }
    Collect(part);
    const size_t begin = std::exchange(collected_from_, document_.moved_.size());
    const size_t size = document_.moved_.size() - begin;
    document_.entries_.push_back(
        {Kind::kString, true, static_cast<uint32_t>(size), static_cast<int64_t>(begin)});
    return std::string_view(document_.moved_).substr(begin);
  }

  // The name just added is the last entry: the object's members stand before it.
  bool IsTaken(Frame& frame, std::string_view name) {
    const auto last = static_cast<uint32_t>(document_.entries_.size() - 1);
    const auto members = [&](auto&& visit) {
      size_t count = 0;
      for (uint32_t at = frame.at + 1; at < last; at = document_.After(at + 1), ++count) {
        if (count == kMembersComparedInTurn || visit(document_.TextOf(document_.entries_[at]))) {
          break;
        }
      }
      return count;
    };
    if (frame.names == nullptr) {
      bool is_taken = false;
      const size_t count =
          members([&](std::string_view other) { return is_taken = other == name; });
      if (count < kMembersComparedInTurn) return is_taken;
      frame.names = std::make_unique<std::unordered_set<std::string>>();
      members([&](std::string_view other) {
        frame.names->emplace(other);
        return false;
      });
    }
    return !frame.names->emplace(name).second;
  }

  // The library's own doubles are a few last places off, so the digits are read again. `near` tells
  // too small from too large.
  bool AddDouble(double near, bj::string_view part, bj::error_code& error) {
    Collect(part);
    const char* const digits = document_.moved_.data() + collected_from_;
    double value = 0;
    const auto read =
        std::from_chars(digits, document_.moved_.data() + document_.moved_.size(), value);
    if (read.ec == std::errc::result_out_of_range) value = std::abs(near) < 1 ? 0.0 : HUGE_VAL;
    document_.moved_.resize(collected_from_);
    if (!std::isfinite(value)) return Refuse("a number too large for a double", error);
    return Add(Kind::kDouble, std::bit_cast<int64_t>(value));
  }

  JsonDocument& document_;
  std::vector<Frame> frames_;
  // In the document's moved texts: where the text or number begins that is being collected.
  size_t collected_from_ = 0;
  std::string refusal_;
};

std::optional<JsonError> JsonDocument::Read(std::string_view text, const JsonLimits& limits) {
  // Entries count in 32 bits.
  const size_t max_bytes = std::min<size_t>(limits.max_bytes, UINT32_MAX);
  if (text.size() > max_bytes) {
    return JsonError{"the text is longer than " + std::to_string(max_bytes) + " bytes", 0};
  }
  source_ = text;
  moved_.clear();
  entries_.clear();
  entries_.reserve(text.size() / kBytesAnEntry + 1);
  bj::parse_options options;
  options.max_depth = limits.max_depth;
  bj::basic_parser<Builder> parser(options, *this);
  bj::error_code error;
  const size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error) {
    return JsonError{Describe(error, parser.handler().refusal(), text, used, limits), used};
  }
  if (used < text.size()) return JsonError{"not JSON: something follows the value", used};
  return std::nullopt;
}

JsonView JsonView::Find(std::string_view name) const {
  if (!is(JsonValue::Kind::kObject)) return {};
  for (const Members::Member member : members()) {
    if (member.name == name) return member.value;
  }
  return {};
}

// Recursion is as deep as the reader's limit allows.
JsonValue JsonView::ToValue() const {
  switch (kind()) {
    case JsonValue::Kind::kNull: break;
    case JsonValue::Kind::kBool: return boolean();
    case JsonValue::Kind::kInteger: return integer();
    case JsonValue::Kind::kDouble: return number();
    case JsonValue::Kind::kString: return text();
    case JsonValue::Kind::kArray: {
      JsonValue::Elements values;
      values.reserve(elements().size());
      for (const JsonView element : elements()) values.push_back(element.ToValue());
      return JsonValue::Array(std::move(values));
    }
    case JsonValue::Kind::kObject: {
      JsonValue::Members values;
      values.reserve(members().size());
      for (const Members::Member member : members()) {
        values.emplace_back(std::string(member.name), member.value.ToValue());
      }
      return JsonValue::Object(std::move(values));
    }
  }
  return {};
}

}  // namespace portvakt::server
