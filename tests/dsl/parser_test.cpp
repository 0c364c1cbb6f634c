// What text means, as trees in files; which findings broken text gets; what no text may do.
// PORTVAKT_UPDATE=1 writes the expected dumps anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "dsl/parser_hooks.h"

namespace portvakt::dsl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace fs = std::filesystem;

const fs::path kTests = fs::path(PORTVAKT_SOURCE_DIR) / "tests/dsl";

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Parsed {
  SourceSet sources;
  Diagnostics findings;
  Tree tree;
};

Parsed ParseText(const std::string& text) {
  Parsed parsed;
  parsed.sources.Add("test.vakt", text);
  parsed.tree = Parse(parsed.sources, parsed.findings).front();
  return parsed;
}

std::vector<fs::path> Cases(const std::string& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kTests / folder)) {
    if (entry.path().extension() == ".vakt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(ParserTest, TextsMeanTheTreesInTheFiles) {
  const bool update = std::getenv("PORTVAKT_UPDATE") != nullptr;
  const std::vector<fs::path> cases = Cases("parse");
  ASSERT_THAT(cases, Not(IsEmpty()));
  for (const fs::path& path : cases) {
    SCOPED_TRACE(path.filename().string());
    const Parsed parsed = ParseText(ReadAll(path));
    for (const Diagnostic& finding : parsed.findings.all()) {
      ADD_FAILURE() << parsed.sources.Place(finding.span) << ": " << finding.message;
    }
    const std::string dump = DumpTree(parsed.tree);
    const fs::path expected = fs::path(path).replace_extension(".dump");
    if (update) std::ofstream(expected, std::ios::binary) << dump;
    EXPECT_EQ(dump, ReadAll(expected));
  }
}

TEST(ParserTest, WholePoliciesParse) {
  for (const fs::path& path : Cases("format")) {
    SCOPED_TRACE(path.filename().string());
    const Parsed parsed = ParseText(ReadAll(path));
    EXPECT_THAT(parsed.findings.all(), IsEmpty());
    EXPECT_FALSE(parsed.tree.has_errors);
  }
}

TEST(ParserTest, GrammarNeverLoopsWithoutReading) { EXPECT_EQ(GrammarIssues(), 0u); }

TEST(ParserTest, SpansCoverWhatWasWritten) {
  const Parsed parsed =
      ParseText("permit p // why\n    user may view on item\n    if  ( a b )  // c\n");
  ASSERT_THAT(parsed.tree.declarations, SizeIs(1));
  const auto& rule = std::get<RuleDecl>(parsed.tree.declarations[0].value);
  EXPECT_EQ(parsed.sources.Text(rule.name.span), "p");
  EXPECT_EQ(parsed.sources.Text(parsed.tree.items[*rule.body.if_item].span), "( a b )");
  EXPECT_EQ(parsed.sources.Text(parsed.tree.declarations[0].span).substr(0, 8), "permit p");
  EXPECT_EQ(parsed.sources.Text(parsed.tree.declarations[0].span).back(), ')');
  ASSERT_THAT(parsed.tree.comments, SizeIs(2));
  EXPECT_EQ(parsed.sources.Text(parsed.tree.comments[0].span), "// why");
}

TEST(ParserTest, CommentsKnowWhereTheyStood) {
  const Parsed parsed = ParseText("entity a // x\n\n// y\r\n  // \"z\nentity b\n");
  ASSERT_THAT(parsed.tree.comments, SizeIs(3));
  EXPECT_FALSE(parsed.tree.comments[0].own_line);
  EXPECT_TRUE(parsed.tree.comments[1].own_line);
  EXPECT_TRUE(parsed.tree.comments[1].blank_before);
  EXPECT_EQ(parsed.sources.Text(parsed.tree.comments[1].span), "// y");
  EXPECT_FALSE(parsed.tree.comments[2].blank_before);
  EXPECT_THAT(parsed.tree.declarations, SizeIs(2));
}

TEST(ParserTest, OneRunFindsEveryBrokenDeclaration) {
  const Parsed parsed = ParseText(
      "entity user {\n    name ; string\n}\n"
      "permit a\n    user view on user\n"
      "permit good\n    user may view on user\n"
      "forbid b \"not closed\n    user may view on user\n"
      "permitt c\n"
      "define user x if\n");
  std::vector<std::string> places;
  for (const Diagnostic& finding : parsed.findings.Sorted()) {
    places.push_back(parsed.sources.Place(finding.span));
  }
  EXPECT_THAT(places, ElementsAre("test.vakt:2:10", "test.vakt:5:10", "test.vakt:8:10",
                                  "test.vakt:10:1", "test.vakt:11:16"));
  EXPECT_EQ(DumpTree(parsed.tree), "permit good\n  act user may view on user\n");
  EXPECT_TRUE(parsed.tree.has_errors);
}

struct Mistake {
  std::string text;
  std::string code;
  std::string marked;
  std::string message;
  std::string help;  // a part of any help, or a suggestion; may be empty
};

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsExplained) {
  const Mistake& mistake = GetParam();
  SCOPED_TRACE(mistake.text);
  const Parsed parsed = ParseText(mistake.text);
  ASSERT_THAT(parsed.findings.all(), SizeIs(1));
  const Diagnostic& finding = parsed.findings.all().front();
  EXPECT_EQ(InfoOf(finding.kind).code, mistake.code);
  EXPECT_EQ(parsed.sources.Text(finding.span), mistake.marked);
  EXPECT_THAT(finding.message, HasSubstr(mistake.message));
  if (mistake.help.empty()) return;
  std::vector<std::string> ways_out = finding.help;
  ways_out.insert(ways_out.end(), finding.suggestions.begin(), finding.suggestions.end());
  EXPECT_THAT(ways_out, Contains(HasSubstr(mistake.help)));
}

INSTANTIATE_TEST_SUITE_P(
    Common, MistakeTest,
    ::testing::Values(
        Mistake{"permitt x\n", "PV0101", "permitt", "begins no declaration", "permit"},
        Mistake{"allow x\n", "PV0101", "allow", "begins no declaration", "permit"},
        Mistake{"license x\n", "PV0101", "license", "begins no declaration", "licence"},
        Mistake{"permit p\n    user view on item\n", "PV0101", "view",
                "a permit needs `may` after its subject", "user may view on document"},
        Mistake{"permit p\n    user can view on item\n", "PV0101", "can", "needs `may`", "`may`"},
        Mistake{"permit p\n    user may view item\n", "PV0101", "item", "`in` or `on`", ""},
        Mistake{"permit p\n    user may view on item\n    if a = b\n", "PV0101", "=",
                "should end here", "write `is`"},
        Mistake{"permit p\n    user may view on item\n    if a == b\n", "PV0101",
                "==", "should end here", "write `is`"},
        Mistake{"permit p\n    user may view on item\n    if a && b\n", "PV0101", "&&",
                "should end here", "write `and`"},
        Mistake{"permit p\n    user may view on item\n    if a || b\n", "PV0101", "||",
                "should end here", "write `or`"},
        Mistake{"permit p\n    user may view on item\n    if a is b;\n", "PV0101", ";",
                "should end here", "leave `;` out"},
        Mistake{"permit p\n    user may view on item\n    if a is b, c is d\n", "PV0101", ",",
                "should end here", "joined by `and` or `or`"},
        Mistake{"permit p\n    user may view on item\n    and a is b\n", "PV0101", "and",
                "should end here", "after `if`"},
        Mistake{"permit p\n    user may view on item\n    when a is b\n", "PV0101", "when",
                "should end here", "`if` or `unless`"},
        Mistake{"permit p\n    user may view on item\n    if some user as x ( a b )\n", "PV0101",
                "(", "should end here", "`:`"},
        Mistake{"permit p\n    user may view on item\n    if role is { a, b }\n", "PV0101", "{",
                "should end here", "any of"},
        Mistake{"permit p\n    user may view on item\n    if a b else \"no\"\n", "PV0101", "\"no\"",
                "`else` needs a code", "else not_linked"},
        Mistake{"permit p\n    user may view on item\n    if\n", "PV0101", "f",
                "a condition is needed", "user.home is tenant"},
        Mistake{"permit p\n    user may view on item\n    if a and\n", "PV0101", "d",
                "must follow `and` or `or`", ""},
        Mistake{"permit p\n    user may view on item\n    if ( a b\n", "PV0101", "b",
                "`)` is needed", ""},
        Mistake{"define a b if ( a b else x ) else y\n", "PV0101", "else y", "two codes",
                "leave one"},
        Mistake{"entity a\n    entity b\n", "PV0101", "entity", "should end here", "first column"},
        Mistake{"entity a { b }\n", "PV0101", "}", "needs `:` and a type", "status : string"},
        Mistake{"entity a { b : }\n", "PV0101", "}", "a type is needed here: bool, int", ""},
        Mistake{"entity a { b : enum { x < y, z } }\n", "PV0101", ",", "separated by", "bankid"},
        Mistake{"set x a, b\n", "PV0101", "a", "needs `=`", "set reading"},
        Mistake{"licence x\n", "PV0101", "x", "needs `held by`", "held by user"},
        Mistake{"role x on a on b\n", "PV0101", "on b", "stands twice", "one `on`"},
        Mistake{"fact a b lasting 2 months\n", "PV0101", "months", "a unit is needed", "days"},
        Mistake{"fact a b lasting 30days\n", "PV0106", "30days", "neither a number", "30 days"},
        Mistake{"fact a b lasting 99999999999999999999 days\n", "PV0106", "99999999999999999999",
                "too large", ""},
        Mistake{"promise p no user may view on item\n", "PV0101", "m", "`with` or `without`", ""},
        Mistake{"limit l user\n", "PV0101", "user", "`for every`", "for every client"},
        Mistake{"policy \"x\"\n", "PV0101", "\"x\"", "a policy needs a name", ""},
        Mistake{"role not\n", "PV0105", "not", "needs a name", "backticks"},
        Mistake{"define a b if x and y or z\n", "PV0104", "or", "side by side", "brackets"},
        Mistake{"policy p \"abc\n", "PV0103", "\"abc", "not closed", "\\n"},
        Mistake{"entity `abc\n", "PV0103", "`abc", "not closed", "backtick"},
        Mistake{"policy p \"a\\q\"\n", "PV0101", "\\q", "no such escape", "\\n"},
        Mistake{"entity a\xCC\x88\n", "PV0102", "\xCC\x88", "separate accent", "NFC"},
        Mistake{"entity \xFF\n", "PV0102", "\xFF", "not UTF-8", ""},
        Mistake{std::string("entity a\0b\n", 11), "PV0102", std::string("\0", 1),
                "control character", "remove"},
        Mistake{"policy p \xE2\x80\x9Cx\n", "PV0101", "\xE2\x80\x9C", "outside texts",
                "straight"}));

std::string Repeat(const std::string& text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(ParserLimitsTest, NestingUpToTheLimitIsReadAndBeyondItIsAFinding) {
  struct Form {
    std::string open;
    std::string close;
  };
  for (const Form& form : {Form{"( ", " )"}, Form{"not ", ""}, Form{"some x: ", ""}}) {
    for (const size_t depth : {kMaxNesting, kMaxNesting + 1, size_t{200'000}}) {
      const Parsed parsed = ParseText("define a b\n    if " + Repeat(form.open, depth) + "c d" +
                                      Repeat(form.close, depth) + "\n");
      if (depth <= kMaxNesting) {
        EXPECT_THAT(parsed.findings.all(), IsEmpty());
        EXPECT_TRUE(Format(parsed.sources, parsed.tree).has_value());
      } else {
        ASSERT_THAT(parsed.findings.all(), SizeIs(1));
        EXPECT_EQ(parsed.findings.all()[0].kind, DiagnosticKind::kNestedTooDeep);
      }
    }
  }
}

TEST(ParserLimitsTest, ANameMayHaveSoManyBytes) {
  EXPECT_THAT(ParseText("entity " + std::string(kMaxNameBytes, 'a') + "\n").findings.all(),
              IsEmpty());
  const Parsed parsed = ParseText("entity " + std::string(kMaxNameBytes + 1, 'a') + "\n");
  ASSERT_THAT(parsed.findings.all(), SizeIs(1));
  EXPECT_EQ(parsed.findings.all()[0].kind, DiagnosticKind::kNameTooLong);
}

TEST(ParserLimitsTest, AFileMayHaveSoManyBytes) {
  EXPECT_THAT(ParseText(std::string(kMaxFileBytes, '\n')).findings.all(), IsEmpty());
  const Parsed parsed = ParseText(std::string(kMaxFileBytes + 1, '\n'));
  ASSERT_THAT(parsed.findings.all(), SizeIs(1));
  EXPECT_EQ(parsed.findings.all()[0].kind, DiagnosticKind::kFileTooLarge);
}

// Each would take minutes if reading were quadratic in the length of one declaration.
TEST(ParserLimitsTest, LargeDeclarationsAreReadInLinearTime) {
  const size_t times = 200'000;
  for (const std::string& text :
       {"set a = b" + Repeat(", b", times), "define a b if" + Repeat("//\n", times) + " )",
        "define a b if c d" + Repeat(" and c d", times), "define a b if " + Repeat("some ", times),
        Repeat("// c\n", times) + "entity", "entity a //" + Repeat("// c\n  //", times),
        Repeat("permit\n", times), "define a b if some x" + Repeat(", x", times) + " y",
        Repeat("`", times)}) {
    ParseText(text + "\n");
  }
}

}  // namespace
}  // namespace portvakt::dsl
