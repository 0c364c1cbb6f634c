// JSON as plain values: one strict reader and one writer for everything that speaks JSON. No other
// file sees the JSON library.
//
//   JsonRead read = ReadJson(text);
//   if (!read.value) return Refuse(read.error.message, read.error.offset);
//   const JsonValue* id = read.value->Find("id");
//
//   JsonValue answer = JsonValue::Object();
//   answer.Set("decision", true);
//   std::string body = WriteJson(answer);
//
// Values keep the order of their members, so that equal values are written as equal bytes. All
// functions are pure; none throws.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace portvakt::server {

class JsonValue {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInteger, kDouble, kString, kArray, kObject };
  using Member = std::pair<std::string, JsonValue>;
  using Elements = std::vector<JsonValue>;
  using Members = std::vector<Member>;

  JsonValue() = default;                   // null
  JsonValue(bool value) : data_(value) {}  // NOLINT
  template <std::integral T>
  JsonValue(T value) : data_(static_cast<int64_t>(value)) {  // NOLINT
    assert(std::in_range<int64_t>(value));
  }
  JsonValue(double value) : data_(value) {}  // finite                          // NOLINT
  JsonValue(std::string value) : data_(std::move(value)) {}         // NOLINT
  JsonValue(std::string_view value) : data_(std::string(value)) {}  // NOLINT
  JsonValue(const char* value) : data_(std::string(value)) {}       // NOLINT

  static JsonValue Array(Elements elements = {});
  static JsonValue Object(Members members = {});

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is(Kind wanted) const { return kind() == wanted; }

  // Each only when kind() says so.
  bool boolean() const { return std::get<bool>(data_); }
  int64_t integer() const { return std::get<int64_t>(data_); }
  double number() const { return std::get<double>(data_); }
  const std::string& text() const { return std::get<std::string>(data_); }
  const Elements& elements() const { return std::get<Elements>(data_); }
  Elements& elements() { return std::get<Elements>(data_); }
  const Members& members() const { return std::get<Members>(data_); }
  Members& members() { return std::get<Members>(data_); }

  // The member of an object; null pointer when there is none, or this is no object.
  const JsonValue* Find(std::string_view name) const;
  // Adds a member, or replaces the one of that name. This is an object.
  JsonValue& Set(std::string name, JsonValue value);
  // Adds an element. This is an array.
  JsonValue& Append(JsonValue value);

  friend bool operator==(const JsonValue&, const JsonValue&) = default;

 private:
  // In the order of Kind.
  std::variant<std::monostate, bool, int64_t, double, std::string, Elements, Members> data_;
};

// What a value is called in messages: "a string", "an object" ..
std::string_view NameOf(JsonValue::Kind kind);

// Members of one object. Requests have a few, attributes of an entity some dozens; names are kept
// to find those that stand twice.
inline constexpr size_t kMaxJsonMembers = 10'000;

struct JsonLimits {
  // Arrays and objects inside each other. Requests need 4; recursion over a value is bounded by it.
  size_t max_depth = 32;
  // Bytes of the text. Callers that read from a network bound it before; this is for the others.
  size_t max_bytes = 64u << 20;
};

struct JsonError {
  std::string message;  // lower case, no final period: "the name `id` stands twice in one object"
  size_t offset = 0;    // bytes from the beginning of the text
};

struct JsonRead {
  std::optional<JsonValue> value;
  JsonError error;  // when there is no value
};

// RFC 8259 within the bounds of RFC 7493: refuses names that stand twice in an object (after
// unescaping), text that is not UTF-8, halves of surrogate pairs and numbers that no double holds.
// Whole numbers beyond 64 bits become doubles. Nothing but blanks may follow the value.
JsonRead ReadJson(std::string_view text, const JsonLimits& limits = {});

enum class JsonStyle : uint8_t { kCompact, kPretty };

// Bytes that are not UTF-8 are written as U+FFFD, so that the text is always JSON. kPretty indents
// by two blanks and ends without a line break.
std::string WriteJson(const JsonValue& value, JsonStyle style = JsonStyle::kCompact);

}  // namespace portvakt::server
