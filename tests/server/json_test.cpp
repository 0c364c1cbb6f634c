// What the JSON reader takes, what it refuses and where, and that writing is exact and stable.
#include "server/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace portvakt::server {
namespace {

using std::string_literals::operator""s;

std::string Repeat(std::string_view part, size_t count) {
  std::string text;
  for (size_t index = 0; index < count; ++index) text += part;
  return text;
}

struct Taken {
  std::string text;
  std::string written;
};

TEST(ReadJson, TakesAndWritesBack) {
  const Taken cases[] = {
      {"null", "null"},
      {" \t\r\n true \n", "true"},
      {"\"\"", "\"\""},
      {"0", "0"},
      {"-0", "0"},
      {"-1", "-1"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      // Beyond 64 bits, and at the edges of what doubles tell apart.
      {"9223372036854775808", "9223372036854775808.0"},
      {"18446744073709551616", "18446744073709551616.0"},
      {"-9223372036854775809", "-9223372036854775808.0"},
      {"9007199254740993", "9007199254740993"},
      {"1.0", "1.0"},
      {"-0.0", "-0.0"},
      {"0.1", "0.1"},
      {"2.2250738585072014e-308", "2.2250738585072014e-308"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"1e-400", "0.0"},
      {"1E2", "100.0"},
      {"123456789.123456789", "123456789.12345679"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[1, [2, {\"a\": []}]]", "[1,[2,{\"a\":[]}]]"},
      {"{\"b\": 1, \"a\": 2}", "{\"b\":1,\"a\":2}"},
      {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\b\f\n\r\t")"},
      {R"("\u0000\u001f\u007f")", "\"\\u0000\\u001f\x7f\""},
      {R"("\u00e5\uD83D\uDE00")", "\"å😀\""},
      {"\"räkenskap\"", "\"räkenskap\""},
      {"{\"\": 1, \" \": 2}", "{\"\":1,\" \":2}"},
      {"{\"a\": {\"a\": {\"a\": 1}}}", "{\"a\":{\"a\":{\"a\":1}}}"},
      {"{\"a\": 1, \"A\": 2}", "{\"a\":1,\"A\":2}"},
  };
  for (const Taken& one : cases) {
    const JsonRead read = ReadJson(one.text);
    ASSERT_TRUE(read.value) << one.text << ": " << read.error.message;
    EXPECT_EQ(WriteJson(*read.value), one.written) << one.text;
  }
}

struct Refused {
  std::string text;
  std::string message;  // a part of it
  size_t offset;
};

TEST(ReadJson, RefusesAndSaysWhere) {
  const std::string deep = Repeat("[", 33);
  const Refused cases[] = {
      {"", "ends before", 0},
      {"  ", "ends before", 2},
      {"{\"a\":", "ends before", 5},
      {"[1", "ends before", 2},
      {"\"abc", "ends before", 4},
      {"1 2", "something follows", 2},
      {"{} x", "something follows", 3},
      {"{}\0"s, "something follows", 2},
      {"nul", "ends before", 3},
      {"nuxl", "not JSON", 0},
      {"NaN", "not JSON", 0},
      {"Infinity", "not JSON", 0},
      {"-Infinity", "not JSON", 1},
      {"[1,]", "not JSON", 3},
      {"{\"a\":1,}", "not JSON", 7},
      {"{'a':1}", "not JSON", 1},
      {"{a:1}", "not JSON", 1},
      {"// no\n1", "not JSON", 0},
      {"01", "something follows", 1},
      {"+1", "not JSON", 0},
      {".5", "not JSON", 0},
      {"1.", "ends before", 2},
      {"1.x", "not JSON", 2},
      {"1e999", "too large", 5},
      {"-1e999", "too large", 6},
      {"1e99999999999999999999", "too large", 11},
      {"\"\n\"", "not JSON", 1},
      {"\"\x01\"", "byte 0x01", 1},
      {"\"\0\""s, "not JSON", 1},
      {R"("\x41")", "not JSON", 2},
      {R"("\u12")", "hexadecimal", 5},
      {R"("\ud800")", "unexpected `\"`", 7},
      {R"("\ud800x")", "unexpected `x`", 7},
      {R"("\udc00")", "surrogate", 7},
      {R"("\ud800\ud800")", "surrogate", 9},
      // Not UTF-8: stray and missing continuations, overlong, surrogate, beyond the last plane.
      {"\"\x80\"", "byte 0x80", 1},
      {"\"\xC3\"", "not JSON", 1},
      {"\"\xC0\xAF\"", "not JSON", 1},
      {"\"\xE0\x80\xAF\"", "not JSON", 1},
      {"\"\xED\xA0\x80\"", "not JSON", 1},
      {"\"\xF4\x90\x80\x80\"", "not JSON", 1},
      {"\"\xFF\"", "not JSON", 1},
      {"\xEF\xBB\xBF{}", "not JSON", 0},
      {"{\"a\":1,\"a\":1}", "the name `a` stands twice", 9},
      {"{\"id\":1,\"b\":{},\"\\u0069d\":2}", "the name `id` stands twice", 23},
      {"{\"a\":{\"b\":1,\"b\":2}}", "the name `b` stands twice", 14},
      {"{\"\":1,\"\":2}", "the name `` stands twice", 7},
      {deep, "more than 32 deep", 32},
      {Repeat("{\"a\":", 33), "more than 32 deep", 160},
      {Repeat("[", 1'000'000), "more than 32 deep", 32},
  };
  for (const Refused& one : cases) {
    const JsonRead read = ReadJson(one.text);
    const std::string shown = one.text.substr(0, 60);
    ASSERT_FALSE(read.value) << shown;
    EXPECT_NE(read.error.message.find(one.message), std::string::npos)
        << shown << ": " << read.error.message;
    EXPECT_EQ(read.error.offset, one.offset) << shown << ": " << read.error.message;
  }
}

TEST(ReadJson, TakesTheDeepestThatIsAllowed) {
  const std::string deep = Repeat("[", 32) + Repeat("]", 32);
  const JsonRead read = ReadJson(deep);
  ASSERT_TRUE(read.value) << read.error.message;
  EXPECT_EQ(WriteJson(*read.value), deep);
}

TEST(ReadJson, TakesNoMoreBytesThanAllowed) {
  JsonLimits limits;
  limits.max_bytes = 4;
  EXPECT_TRUE(ReadJson("null", limits).value);
  const JsonRead read = ReadJson("false", limits);
  ASSERT_FALSE(read.value);
  EXPECT_EQ(read.error.message, "the text is longer than 4 bytes");
}

// Both ways of finding a name that stands twice, at every place of the second.
TEST(ReadJson, FindsDuplicatesInObjectsOfAnyLength) {
  for (size_t count = 1; count <= 40; ++count) {
    for (size_t twin = 0; twin < count; ++twin) {
      std::string text = "{";
      for (size_t index = 0; index < count; ++index) {
        text += "\"n" + std::to_string(index) + "\":0,";
      }
      EXPECT_TRUE(ReadJson(text + "\"other\":0}").value);
      EXPECT_FALSE(ReadJson(text + "\"n" + std::to_string(twin) + "\":0}").value)
          << count << " members, the twin of " << twin;
    }
  }
}

TEST(WriteJson, IsExactForDoubles) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1e300, 123456.789, -1e-7, 1e22, 4.35}) {
    const JsonRead read = ReadJson(WriteJson(JsonValue(value)));
    ASSERT_TRUE(read.value);
    ASSERT_TRUE(read.value->is(JsonValue::Kind::kDouble));
    EXPECT_EQ(read.value->number(), value);
  }
}

TEST(WriteJson, NeverWritesWhatIsNotUtf8) {
  for (const std::string& text : {"\x80"s, "a\xC3"s, "\xE2\x82"s, "\xF0\x9F\x98"s, "\xED\xA0\x80"s,
                                  "\xC0\x80"s, "\xFF\xFE"s}) {
    const std::string written = WriteJson(JsonValue(text));
    EXPECT_NE(written.find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_TRUE(ReadJson(written).value) << written;
  }
}

TEST(WriteJson, IsPrettyOnRequest) {
  JsonValue value = JsonValue::Object();
  value.Set("list", JsonValue::Array({1, "two", JsonValue()}));
  value.Set("empty", JsonValue::Object()).Set("none", JsonValue::Array());
  EXPECT_EQ(WriteJson(value, JsonStyle::kPretty),
            "{\n"
            "  \"list\": [\n"
            "    1,\n"
            "    \"two\",\n"
            "    null\n"
            "  ],\n"
            "  \"empty\": {},\n"
            "  \"none\": []\n"
            "}");
  EXPECT_EQ(*ReadJson(WriteJson(value, JsonStyle::kPretty)).value, value);
}

TEST(JsonValue, SetReplacesAndKeepsTheOrder) {
  JsonValue value = JsonValue::Object();
  value.Set("a", 1).Set("b", 2).Set("a", 3);
  EXPECT_EQ(WriteJson(value), R"({"a":3,"b":2})");
  ASSERT_NE(value.Find("b"), nullptr);
  EXPECT_EQ(value.Find("b")->integer(), 2);
  EXPECT_EQ(value.Find("c"), nullptr);
  EXPECT_EQ(JsonValue(1).Find("a"), nullptr);
}

}  // namespace
}  // namespace portvakt::server
