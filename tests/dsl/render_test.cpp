// How findings look: what the examples of tests/dsl/diagnostics cannot show by themselves, such as
// several places, several files, wide lines and hostile text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

using testing::HasSubstr;
using testing::Not;

class RenderTest : public testing::Test {
 protected:
  Span Of(uint32_t file, std::string_view text) const {
    const size_t begin = sources_.file(file).text.find(text);
    EXPECT_NE(begin, std::string::npos) << text;
    return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + text.size())};
  }
  Diagnostic Finding(const Span& span, const std::string& label) const {
    Diagnostic finding;
    finding.kind = DiagnosticKind::kUnknownName;
    finding.message = "no name `usr` in this rule";
    finding.span = span;
    finding.label = label;
    return finding;
  }
  SourceSet sources_;
};

TEST_F(RenderTest, MarksThePlaceAndTellsTheWayOut) {
  sources_.Add("byra.vakt", "policy byra\n\npermit work\n    user may view if usr.home is x\n");
  Diagnostic finding = Finding(Of(0, "usr"), "not known here");
  finding.suggestions = {"user", "uses", "used"};
  finding.help = {"names enter in the head or by `some`"};
  EXPECT_EQ(Render(finding, sources_),
            "error[PV0202]: no name `usr` in this rule\n"
            " --> byra.vakt:4:22\n"
            "  |\n"
            "4 |     user may view if usr.home is x\n"
            "  |                      ^^^ not known here\n"
            "  |\n"
            "  = help: did you mean `user`, `uses` or `used`?\n"
            "  = help: names enter in the head or by `some`\n");
}

TEST_F(RenderTest, ShowsOtherPlacesOnTheLineInTheFileAndInOthers) {
  std::string text = "policy byra\nentity user\n";
  for (int line = 3; line < 10; ++line) text += "// " + std::to_string(line) + "\n";
  text += "user is relative or client\n";
  sources_.Add("byra.vakt", text);
  sources_.Add("sets.vakt", "set boxes = all permissions\n");
  Diagnostic finding = Finding(Of(0, "relative"), "of one type");
  finding.related = {{Of(0, "user is"), "of another"},
                     {Of(0, "entity user"), "declared here"},
                     {Of(0, "client"), "and a third"},
                     {Of(1, "boxes"), "the set"}};
  EXPECT_EQ(Render(finding, sources_),
            "error[PV0202]: no name `usr` in this rule\n"
            "  --> byra.vakt:10:9\n"
            "   |\n"
            " 2 | entity user\n"
            "   | ----------- declared here\n"
            "...\n"
            "10 | user is relative or client\n"
            "   | ------- ^^^^^^^^    ------ and a third\n"
            "   | |       |\n"
            "   | |       of one type\n"
            "   | of another\n"
            "   |\n"
            "  ::: sets.vakt:1:5\n"
            "   |\n"
            " 1 | set boxes = all permissions\n"
            "   |     ----- the set\n");
}

TEST_F(RenderTest, GivesOverlappingMarksRowsOfTheirOwn) {
  sources_.Add("a.vakt", "user is not person");
  Diagnostic finding = Finding(Of(0, "is not"), "inner");
  finding.related = {{Of(0, "user is not person"), "outer"}};
  EXPECT_THAT(Render(finding, sources_), HasSubstr("1 | user is not person\n"
                                                   "  |      ^^^^^^ inner\n"
                                                   "  | ------------------ outer\n"));
}

TEST_F(RenderTest, MarksTheFirstLineOfALongPlace) {
  sources_.Add("a.vakt", "permit work\n    user may view\n");
  const Diagnostic finding = Finding({0, 7, 29}, "the rule");
  EXPECT_THAT(Render(finding, sources_), HasSubstr("1 | permit work\n"
                                                   "  |        ^^^^ the rule\n"));
}

TEST_F(RenderTest, MarksTheEndOfTheTextAndEmptyPlaces) {
  sources_.Add("a.vakt", "permit");
  EXPECT_THAT(Render(Finding({0, 6, 6}, "ends here"), sources_), HasSubstr("1 | permit\n"
                                                                           "  |       ^ ends"));
  EXPECT_THAT(Render(Finding({0, 9, 99}, "beyond"), sources_), HasSubstr("  |       ^ beyond"));
}

TEST_F(RenderTest, AlignsUnderTabsSwedishWideAndCombiningCharacters) {
  sources_.Add("a.vakt", "\tåäö x\n日本 y\na\xcc\x8a z\n");
  EXPECT_THAT(Render(Finding(Of(0, "x"), ""), sources_), HasSubstr("1 |     åäö x\n"
                                                                   "  |         ^\n"));
  EXPECT_THAT(Render(Finding(Of(0, "y"), ""), sources_), HasSubstr("2 | 日本 y\n"
                                                                   "  |      ^\n"));
  EXPECT_THAT(Render(Finding(Of(0, "z"), ""), sources_), HasSubstr("  |   ^\n"));
}

// A policy may come from anywhere; what is shown of it must not steer the terminal or reorder text.
TEST_F(RenderTest, NeverPrintsWhatCannotBeSeen) {
  const std::string hostile = "a\x1b[31mb\x07\u202e\u200bc\xffg\u2028h\x7f";
  sources_.Add("bad\x1b.vakt", hostile + "\n");
  Diagnostic finding = Finding({0, 0, 1}, "label " + hostile);
  finding.message = "message " + hostile + "\nnext";
  finding.help = {"help " + hostile};
  finding.suggestions = {hostile};
  const std::string text = Render(finding, sources_);
  for (const std::string_view forbidden :
       {"\x1b", "\x07", "\u202e", "\u200b", "\xff", "\u2028", "\x7f"}) {
    EXPECT_EQ(text.find(forbidden), std::string::npos);
  }
  EXPECT_THAT(text,
              HasSubstr("1 | a\\u{1B}[31mb\\u{7}\\u{202E}\\u{200B}c\\xFFg\\u{2028}h\\u{7F}\n"));
  EXPECT_THAT(text, HasSubstr("\\u{A}next\n")) << "a message is one line";
  EXPECT_THAT(text, HasSubstr("--> bad\\u{1B}.vakt:1:1"));
}

TEST_F(RenderTest, CutsWideLinesAroundTheMark) {
  std::string line;
  for (int number = 100; number < 200; ++number) line += "word" + std::to_string(number) + " ";
  sources_.Add("a.vakt", line);
  EXPECT_THAT(Render(Finding(Of(0, "word150"), "here"), sources_),
              HasSubstr("1 | ...148 word149 word150 word151"));
  EXPECT_THAT(Render(Finding(Of(0, "word101"), "here"), sources_),
              HasSubstr("1 | word100 word101 "));
  for (const std::string_view word : {"word100", "word101", "word112", "word150", "word199"}) {
    const std::string text = Render(Finding(Of(0, word), ""), sources_);
    const size_t source_begin = text.find("1 | ") + 4;
    const std::string shown =
        text.substr(source_begin, text.find('\n', source_begin) - source_begin);
    EXPECT_LE(shown.size(), 106u) << shown;
    const size_t marks = text.find("^^^^^^^");
    const size_t column = marks - text.rfind('\n', marks) - 1 - 4;
    EXPECT_EQ(shown.substr(column, word.size()), word) << text;
  }
}

TEST_F(RenderTest, ShowsBothMarksOfAWideLine) {
  std::string line;
  for (int number = 100; number < 200; ++number) line += "word" + std::to_string(number) + " ";
  sources_.Add("a.vakt", line);
  Diagnostic finding = Finding(Of(0, "word150"), "here");
  finding.related = {{Of(0, "word145"), "near"}};
  EXPECT_THAT(Render(finding, sources_), HasSubstr("word145 word146"));
  finding.related = {{Of(0, "word102"), "far"}};
  EXPECT_THAT(Render(finding, sources_), HasSubstr("  | ---            ^^^^^^^ here\n"))
      << "a mark outside the window marks the dots";
}

TEST_F(RenderTest, ShowsLittleOfEnormousLinesAndNames) {
  sources_.Add("a.vakt", std::string(4'000'000, 'x'));
  Diagnostic finding = Finding({0, 2'000'000, 3'000'000}, std::string(100'000, 'y'));
  finding.message = std::string(100'000, 'z');
  EXPECT_LT(Render(finding, sources_).size(), 3000u);
}

TEST_F(RenderTest, ShowsAWarningAsOne) {
  sources_.Add("a.vakt", "x");
  Diagnostic finding = Finding({0, 0, 1}, "");
  finding.kind = DiagnosticKind::kUnusedName;
  EXPECT_THAT(Render(finding, sources_), testing::StartsWith("warning[PV0409]: "));
}

TEST_F(RenderTest, ShowsAFileThatWasNotReadByNameOnly) {
  sources_.Add("huge.vakt", "");
  Diagnostic finding = Finding({0, 0, 0}, "");
  finding.help = {"less"};
  EXPECT_EQ(Render(finding, sources_),
            "error[PV0202]: no name `usr` in this rule\n"
            " --> huge.vakt:1:1\n"
            "  = help: less\n");
}

TEST_F(RenderTest, AddsOnlyColour) {
  sources_.Add("a.vakt", "usr is x\n");
  Diagnostic finding = Finding(Of(0, "usr"), "not known here");
  finding.related = {{Of(0, "x"), "here"}};
  finding.suggestions = {"user"};
  RenderOptions options;
  options.color = true;
  std::string colored = Render(finding, sources_, options);
  EXPECT_THAT(colored, HasSubstr("\x1b[1;31merror[PV0202]\x1b[0m"));
  std::string bare;
  for (size_t at = 0; at < colored.size(); ++at) {
    if (colored[at] == '\x1b') at = colored.find('m', at) + 1;
    if (at < colored.size() && colored[at] == '\x1b') {
      --at;
      continue;
    }
    if (at < colored.size()) bare += colored[at];
  }
  const std::string plain = Render(finding, sources_);
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  const auto without_spaces = [](std::string text) {
    std::erase(text, ' ');
    return text;
  };
  EXPECT_EQ(without_spaces(bare), without_spaces(plain));
}

// ---- the list of findings ---------------------------------------------------------------------

TEST(Diagnostics, KeepsOneFindingOfAKindAtAPlaceAndSortsByPlace) {
  Diagnostics findings;
  const auto add = [&](DiagnosticKind kind, Span span, const char* message) {
    Diagnostic finding;
    finding.kind = kind;
    finding.span = span;
    finding.message = message;
    findings.Add(finding);
  };
  add(DiagnosticKind::kUnusedName, {1, 0, 1}, "other file");
  EXPECT_FALSE(findings.has_errors());
  add(DiagnosticKind::kUnknownName, {0, 9, 10}, "later");
  add(DiagnosticKind::kUnknownName, {0, 2, 3}, "first");
  add(DiagnosticKind::kUnknownName, {0, 2, 3}, "the same again");
  add(DiagnosticKind::kWrongType, {0, 2, 3}, "second, at the same place");
  EXPECT_TRUE(findings.has_errors());
  std::vector<std::string> messages;
  for (const Diagnostic& finding : findings.Sorted()) messages.push_back(finding.message);
  EXPECT_THAT(messages,
              testing::ElementsAre("first", "second, at the same place", "later", "other file"));
}

TEST(Diagnostics, CountsWhatComesAfterTheLimitAndLetsErrorsThroughWarnings) {
  Diagnostics findings;
  const auto add = [&](DiagnosticKind kind, uint32_t place) {
    Diagnostic finding;
    finding.kind = kind;
    finding.span = {0, place, place + 1};
    finding.message = std::to_string(place);
    findings.Add(finding);
  };
  const auto limit = static_cast<uint32_t>(Diagnostics::kMaxFindings);
  for (uint32_t place = 0; place < limit + 5; ++place) add(DiagnosticKind::kNoAnchor, place);
  EXPECT_EQ(findings.dropped(), 5u);
  EXPECT_FALSE(findings.has_errors());
  EXPECT_EQ(findings.all().size(), limit) << "warnings alone never become an error";
  for (uint32_t place = 1000; place < 1000 + limit; ++place) {
    add(DiagnosticKind::kUnknownName, place);
  }
  EXPECT_EQ(findings.all().front().message, "1099") << "errors take the places of warnings";
  add(DiagnosticKind::kUnknownName, 5000);
  add(DiagnosticKind::kUnknownName, 5001);
  const std::vector<Diagnostic> sorted = findings.Sorted();
  ASSERT_EQ(sorted.size(), limit + 1);
  EXPECT_EQ(sorted.back().kind, DiagnosticKind::kTooManyFindings);
  EXPECT_THAT(sorted.back().message, HasSubstr(std::to_string(findings.dropped())));
}

}  // namespace
}  // namespace portvakt::dsl
