// The canonical form: how it looks, and its laws over whole policies, over policies with lines cut
// and joined, and over random rows of tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

namespace fs = std::filesystem;

const fs::path kPolicies = fs::path(PORTVAKT_SOURCE_DIR) / "tests/dsl/format";

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Reading {
  std::string dump;
  std::vector<std::string> comments;  // sorted
  std::optional<std::string> formatted;
};

Reading Read(const std::string& text) {
  SourceSet sources;
  sources.Add("test.vakt", text);
  Diagnostics findings;
  const Tree tree = Parse(sources, findings).front();
  Reading reading;
  reading.dump = DumpTree(tree);
  for (const Comment& comment : tree.comments) {
    std::string_view words = sources.Text(comment.span);
    while (words.back() == ' ' || words.back() == '\t') words.remove_suffix(1);
    reading.comments.emplace_back(words);
  }
  std::sort(reading.comments.begin(), reading.comments.end());
  reading.formatted = Format(sources, tree);
  EXPECT_EQ(reading.formatted.has_value(), !findings.has_errors());
  return reading;
}

// Returns whether the text was of the language.
bool HoldsTheLaws(const std::string& text) {
  const Reading first = Read(text);
  if (!first.formatted.has_value()) return false;
  const Reading second = Read(*first.formatted);
  EXPECT_EQ(second.dump, first.dump) << "formatted text means something else:\n" << text;
  EXPECT_EQ(second.comments, first.comments) << "comments were lost:\n" << text;
  EXPECT_EQ(second.formatted.value_or("no longer parses"), *first.formatted)
      << "formatting twice is not formatting once:\n"
      << text;
  return true;
}

std::vector<std::string> Policies() {
  std::vector<std::string> texts;
  for (const std::string folder : {"format", "parse"}) {
    for (const auto& entry : fs::directory_iterator(kPolicies.parent_path() / folder)) {
      if (entry.path().extension() == ".vakt") texts.push_back(ReadAll(entry.path()));
    }
  }
  return texts;
}

TEST(FormatTest, LawsHoldForWholePolicies) {
  for (const std::string& text : Policies()) EXPECT_TRUE(HoldsTheLaws(text));
}

// Spaces become line breaks and comments, line breaks become spaces: the same tokens all over.
TEST(FormatTest, LawsHoldHoweverThePolicyIsSpaced) {
  const auto seed = static_cast<uint32_t>(std::random_device()());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  int parsed = 0;
  for (const std::string& text : Policies()) {
    for (int round = 0; round < 8; ++round) {
      std::string mutated;
      bool in_text = false;
      bool in_comment = false;
      for (size_t i = 0; i < text.size(); ++i) {
        const char byte = text[i];
        if (byte == '"' && !in_comment) in_text = !in_text;
        if (byte == '/' && !in_text && text[i + 1] == '/') in_comment = true;
        if (byte == '\n') in_comment = in_text = false;
        mutated += byte;
        if (byte != ' ' || in_text || in_comment || random() % 12 != 0) continue;
        static constexpr std::array<std::string_view, 5> kBlanks = {
            "\n ", " // trailing\n  ", "\n// own line\n\n  ", "\n\n\t// twice\n    // again \r\n ",
            "  "};
        mutated += kBlanks[random() % kBlanks.size()];
      }
      if (HoldsTheLaws(mutated)) ++parsed;
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(parsed, 20);
}

// Lines taken out, doubled and exchanged: most of it is wrong, and none of it may break a law.
TEST(FormatTest, LawsHoldForMutilatedPolicies) {
  const auto seed = static_cast<uint32_t>(std::random_device()());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  for (const std::string& text : Policies()) {
    std::vector<std::string> lines(1);
    for (const char byte : text) {
      lines.back() += byte;
      if (byte == '\n') lines.emplace_back();
    }
    for (int round = 0; round < 8; ++round) {
      std::string mutated;
      for (const std::string& line : lines) {
        const auto dice = random() % 40;
        if (dice == 0) continue;
        mutated += dice == 1 ? lines[random() % lines.size()] : line;
        if (dice == 2) mutated += line;
      }
      HoldsTheLaws(mutated);
      if (HasFailure()) return;
    }
  }
}

TEST(FormatTest, LawsHoldForRandomTokens) {
  static const std::vector<std::string> kTokens = {
      "and",    "or",          "not",      "some",    "if",       "unless",     "else",
      "x",      "user",        "a.b",      "`if`",    "`a b`",    ":",          ",",
      "(",      ")",           "{",        "}",       "<",        "=",          "-",
      "1",      "2.5",         "\"t\"",    "is",      "present",  "less",       "than",
      "absent", "any",         "of",       "as",      "may",      "in",         "on",
      "all",    "permissions", "*.x",      "// c\n ", "\n ",      "permission", "optional",
      "from",   "request",     "enum",     "set",     "includes", "gives",      "held",
      "by",     "åäö",         "`delete`", "only",    "except",   "lasting",    "transitive",
      "days"};
  static const std::vector<std::string> kBeginnings = {"define a b if x",
                                                       "permit p user may x in y if x",
                                                       "entity e { a : b",
                                                       "set s = a",
                                                       "role r",
                                                       "permission p",
                                                       "fact a b",
                                                       "limit l for every x",
                                                       "context { a : int",
                                                       "promise p no user may x in y without x",
                                                       "licence l held by a",
                                                       "program p in a",
                                                       "// c"};
  const auto seed = static_cast<uint32_t>(std::random_device()());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  int parsed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto declarations = 1 + random() % 2; declarations > 0; --declarations) {
      text += kBeginnings[random() % kBeginnings.size()];
      for (auto count = random() % 7; count > 0; --count) {
        text += " " + kTokens[random() % kTokens.size()];
      }
      text += random() % 3 == 0 ? " }\n" : "\n";
    }
    if (HoldsTheLaws(text)) ++parsed;
    if (HasFailure()) return;
  }
  EXPECT_GT(parsed, 500);
}

struct Look {
  std::string text;
  std::string formatted;
};

class FormatLookTest : public ::testing::TestWithParam<Look> {};

TEST_P(FormatLookTest, IsCanonical) {
  EXPECT_EQ(Read(GetParam().text).formatted, GetParam().formatted);
  EXPECT_TRUE(HoldsTheLaws(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, FormatLookTest,
    ::testing::Values(
        Look{"", ""}, Look{"// alone\n", "// alone\n"},
        Look{"policy  p\n\n\n\nentity   a\r\nentity b", "policy p\n\nentity a\nentity b\n"},
        Look{"permit p user may view on item if a b and c d else x \"t\"",
             "permit p\n    user may view on item\n    if  a b\n    and c d  else x \"t\"\n"},
        Look{"forbid p add user on item by user as a if x unless y or z",
             "forbid p\n    add user on item\n    by  user as a\n    if  x\n"
             "    unless y\n    or     z\n"},
        Look{"entity a { b : int, c : { x < y } }", "entity a { b : int, c : enum { x < y } }\n"},
        Look{"entity a { b : int ccc : date optional d : ip from request }",
             "entity a {\n    b   : int\n    ccc : date optional\n"
             "    d   : ip from request\n}\n"},
        Look{"entity a { // first\n b : int // second\n // third\n}\n",
             "entity a {  // first\n    b : int  // second\n    // third\n}\n"},
        Look{"permission `view`, `delete`, `in`, a.in, `b c`",
             "permission view, delete, `in`, a.in, `b c`\n"},
        Look{"define a b\n  // why\n  if c\n  // because\n  and d // so\n\n// next\nentity e",
             "define a b\n    // why\n    if  c\n    // because\n    and d  // so\n\n"
             "// next\nentity e\n"},
        Look{"set a = b, // one\n  c, // two\n  d", "set a = b,  // one\n    c,  // two\n    d\n"},
        Look{"role r gives x held by y on z", "role r on z held by y gives x\n"}));

}  // namespace
}  // namespace portvakt::dsl
