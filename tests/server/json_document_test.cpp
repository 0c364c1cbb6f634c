// Documents read where they lie: every value is found again, whatever stands beside it, and a
// document can be used for one text after another. What is refused, json_test.cpp holds.
#include "server/json_document.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "server/json.h"
#include "server/request_json.h"

namespace portvakt::server {
namespace {

using Kind = JsonValue::Kind;

TEST(JsonDocument, FindsMembersWhateverStandsBeforeThem) {
  JsonDocument document;
  const std::string text =
      R"({"a": [1, [2, {"b": 3}], {}], "b": {"a": "x", "c": null}, "c": "last", "d": true})";
  ASSERT_FALSE(document.Read(text));
  const JsonView root = document.root();
  EXPECT_EQ(root.members().size(), 4u);
  EXPECT_EQ(root.Find("a").elements().size(), 3u);
  EXPECT_TRUE(root.Find("b").Find("c").is(Kind::kNull));
  EXPECT_EQ(root.Find("b").Find("a").text(), "x");
  EXPECT_EQ(root.Find("c").text(), "last");
  EXPECT_TRUE(root.Find("d").boolean());
  EXPECT_FALSE(root.Find("e"));
  EXPECT_FALSE(root.Find("c").Find("a"));
}

TEST(JsonDocument, TextsLieInTheSourceUnlessTheyMustBeUnescaped) {
  const std::string text = R"(["plain", "å", "a\nb", "", "\u00e5\ud83d\ude00", "after"])";
  JsonDocument document;
  ASSERT_FALSE(document.Read(text));
  std::vector<std::string> texts;
  for (const JsonView element : document.root().elements()) texts.emplace_back(element.text());
  EXPECT_EQ(texts, (std::vector<std::string>{"plain", "å", "a\nb", "", "å😀", "after"}));
  EXPECT_EQ((*document.root().elements().begin()).text().data(), text.data() + 2);
}

TEST(JsonDocument, NumbersBetweenTextsLeaveThemAlone) {
  JsonDocument document;
  ASSERT_FALSE(document.Read(R"(["\t", 12345678901234567890, "\n", 1.5e3, -7, "\r"])"));
  const JsonValue expected =
      JsonValue::Array({"\t", 12345678901234567890.0, "\n", 1500.0, -7, "\r"});
  EXPECT_EQ(document.root().ToValue(), expected);
}

TEST(JsonDocument, IsReadAnew) {
  JsonDocument document;
  ASSERT_FALSE(document.Read(R"({"a": ["\u0041", 1]})"));
  EXPECT_TRUE(document.Read(R"({"a": ["\u0041", 1)"));
  ASSERT_FALSE(document.Read("7"));
  EXPECT_EQ(document.root().integer(), 7);
  ASSERT_FALSE(document.Read(R"({"b": "\u0042"})"));
  EXPECT_EQ(document.root().Find("b").text(), "B");
}

// Names are compared in turn at first, and looked up when there are many.
TEST(JsonDocument, RefusesANameThatStandsTwiceHoweverManyThereAre) {
  for (const size_t count : {1u, 2u, 15u, 16u, 17u, 18u, 40u}) {
    std::string members;
    for (size_t i = 0; i < count; ++i) members += "\"n" + std::to_string(i) + "\": [{}, 1], ";
    JsonDocument document;
    EXPECT_FALSE(document.Read("{" + members + "\"m\": 1}")) << count;
    for (const size_t twice : {size_t{0}, count / 2, count - 1}) {
      const std::string text = "{" + members + "\"\\u006e" + std::to_string(twice) + "\": 1}";
      const auto error = document.Read(text);
      ASSERT_TRUE(error) << count << ' ' << twice;
      EXPECT_EQ(error->message,
                "the name `n" + std::to_string(twice) + "` stands twice in one object");
    }
  }
}

JsonValue RandomValue(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0: return {};
    case 1: return random() % 2 == 0;
    case 2: return static_cast<int64_t>(random());
    case 3: return static_cast<double>(static_cast<int64_t>(random())) / 1024;
    case 4: {
      static const char* const kTexts[] = {"", "a", "\"", "\\u", "\n", "å", "😀", "bokforing.oppna"};
      return kTexts[random() % std::size(kTexts)];
    }
    case 5: {
      JsonValue array = JsonValue::Array();
      for (size_t left = random() % 5; left > 0; --left) {
        array.Append(RandomValue(random, depth - 1));
      }
      return array;
    }
    default: {
      JsonValue object = JsonValue::Object();
      for (size_t left = random() % 24; left > 0; --left) {
        object.Set("m" + std::to_string(left), RandomValue(random, depth - 1));
      }
      return object;
    }
  }
}

TEST(JsonDocument, ReadsWhatIsWritten) {
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  JsonDocument document;
  for (int round = 0; round < 500; ++round) {
    const JsonValue value = RandomValue(random, 4);
    for (const JsonStyle style : {JsonStyle::kCompact, JsonStyle::kPretty}) {
      const std::string text = WriteJson(value, style);
      ASSERT_FALSE(document.Read(text)) << text;
      ASSERT_EQ(document.root().ToValue(), value) << text;
    }
  }
}

// Each byte that is no part of a name, at each place of names of each length, and its neighbours,
// which are.
TEST(JsonDocument, NamesHaveNoControlCharacterAnywhere) {
  const auto is_name = [](const std::string& text) {
    JsonDocument document;
    const std::string json = WriteJson(JsonValue(text));
    EXPECT_FALSE(document.Read(json)) << json;
    return IsName(document.root());
  };
  for (size_t length = 1; length <= 18; ++length) {
    for (size_t at = 0; at < length; ++at) {
      std::string text(length, 'a');
      for (int byte = 0; byte < 0x80; ++byte) {
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(is_name(text), byte >= 0x20 && byte != 0x7F)
            << length << ' ' << at << ' ' << byte;
      }
      text.replace(at, 1, "\xc3\xa5");
      EXPECT_TRUE(is_name(text)) << text;
    }
  }
}

}  // namespace
}  // namespace portvakt::server
