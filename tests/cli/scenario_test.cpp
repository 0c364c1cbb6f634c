// The scenario runner: good cases pass, wrong expectations fail with a place and reasons, and a
// test file that is itself wrong is never silently skipped.
#include "cli/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/question.h"
#include "cli/scenario_file.h"
#include "server/json.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A test file beside a copy of the library policy.
class Scenario : public testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("library/library.vakt", ReadText(LibraryPath("library.vakt")));
    folder_.Write("library/data.yaml", ReadText(LibraryPath("data.yaml")));
  }

  ScenarioReport RunText(const std::string& text, std::string_view filter = {}) {
    return RunScenarios(folder_.Write("library/tests/t.yaml", text), filter);
  }
  // The one finding of a file that is wrong, as `line:column: message | help`.
  std::string FindingOf(const std::string& text) {
    const ScenarioReport report = RunText(text);
    EXPECT_FALSE(report.ok());
    if (report.findings.size() != 1) return std::to_string(report.findings.size()) + " findings";
    const engine::DataFinding& finding = report.findings.front();
    return std::to_string(finding.line) + ":" + std::to_string(finding.column) + ": " +
           finding.message + (finding.help.empty() ? "" : " | " + finding.help);
  }

  TestFolder folder_;
};

std::string Describe(const ScenarioReport& report) {
  std::string text = report.error;
  for (const auto& finding : report.findings) {
    text += "\n" + finding.file + ":" + std::to_string(finding.line) + ": " + finding.message;
  }
  for (const auto& result : report.cases) {
    if (!result.passed) {
      text += "\n" + result.name + ": " + result.expected + " / " + result.actual + "\n" +
              result.explanation;
    }
  }
  return text;
}

TEST_F(Scenario, TheLibraryPasses) {
  const ScenarioReport report = RunScenarios(LibraryPath());
  EXPECT_TRUE(report.ok()) << Describe(report);
  EXPECT_EQ(report.cases.size(), 11u);
  EXPECT_EQ(report.files, 1u);
}

TEST_F(Scenario, AFailureShowsPlaceExpectedActualAndReasons) {
  const ScenarioReport report = RunText(
      "data: [../data.yaml]\n"
      "cases:\n"
      "  - name: wrong verdict\n"
      "    can: ben reserve noir\n"
      "    expect: permit\n"
      "  - name: wrong reason\n"
      "    can: ben reserve noir\n"
      "    expect: deny\n"
      "    because: [barred]\n"
      "  - name: wrong note\n"
      "    can: ada borrow atlas\n"
      "    expect: permit\n"
      "    notes: []\n"
      "  - name: right\n"
      "    can: ada borrow atlas\n"
      "    expect: permit\n");
  ASSERT_EQ(report.cases.size(), 4u) << Describe(report);
  EXPECT_EQ(report.failed(), 3u);
  EXPECT_FALSE(report.ok());
  const CaseResult& verdict = report.cases[0];
  EXPECT_EQ(verdict.line, 3u);
  EXPECT_EQ(verdict.column, 5u);
  EXPECT_EQ(verdict.expected, "permit");
  EXPECT_EQ(verdict.actual, "deny because not_member");
  EXPECT_THAT(verdict.explanation, HasSubstr("ben is no member of south (not_member)"));
  EXPECT_THAT(verdict.explanation, HasSubstr("library.vakt:23:8"));
  EXPECT_EQ(report.cases[1].expected, "deny because barred");
  EXPECT_EQ(report.cases[1].actual, "deny because not_member");
  EXPECT_EQ(report.cases[2].expected, "permit, no notes");
  EXPECT_EQ(report.cases[2].actual, "permit, notes four_weeks");
  EXPECT_TRUE(report.cases[3].passed);
}

TEST_F(Scenario, AListOfReasonsIsAllOfThemAndASingleOneIsThePrimary) {
  const std::string head =
      "data: [../data.yaml]\ncases:\n  - name: c\n    can: cleo borrow noir\n    expect: deny\n";
  EXPECT_TRUE(RunText(head + "    because: not_member\n").ok());
  EXPECT_FALSE(RunText(head + "    because: staffed_desk\n").ok());
  EXPECT_TRUE(RunText(head + "    because: [not_member, staffed_desk]\n").ok());
  EXPECT_FALSE(RunText(head + "    because: [staffed_desk, not_member]\n").ok());
  EXPECT_FALSE(RunText(head + "    because: [not_member]\n").ok());
}

TEST_F(Scenario, CasesDoNotSeeEachOthersFacts) {
  const ScenarioReport report = RunText(
      "data: [../data.yaml]\n"
      "cases:\n"
      "  - { name: a, can: ben reserve noir, facts: [ben member_of south], expect: permit }\n"
      "  - { name: b, can: ben reserve noir, expect: deny }\n"
      "  - { name: c, can: ada reserve noir, without: [ada member_of south], expect: deny }\n"
      "  - { name: d, can: ada reserve noir, expect: permit }\n");
  EXPECT_TRUE(report.ok()) << Describe(report);
}

TEST_F(Scenario, AFactThatWasThereAlreadyStaysThere) {
  const ScenarioReport report = RunText(
      "data: [../data.yaml]\n"
      "cases:\n"
      "  - { name: a, can: ada reserve noir, facts: [ada member_of south], expect: permit }\n"
      "  - { name: b, can: ada reserve noir, expect: permit }\n");
  EXPECT_TRUE(report.ok()) << Describe(report);
}

TEST_F(Scenario, TheClockStandsWhereTheFileSays) {
  const std::string body =
      "data: [../data.yaml]\n"
      "cases:\n"
      "  - name: c\n"
      "    can: ben reserve noir\n"
      "    facts: [ben member_of south until 2026-06-01]\n"
      "    expect: ";
  EXPECT_TRUE(RunText("now: 2026-05-31T23:59:59Z\n" + body + "permit\n").ok());
  EXPECT_TRUE(RunText("now: 2026-06-01\n" + body + "deny\n").ok());
  EXPECT_TRUE(RunText(body + "permit\n").ok()) << "2026-01-01 when the file says nothing";
}

TEST_F(Scenario, TheFilterChoosesByName) {
  const ScenarioReport report = RunScenarios(LibraryPath(), "facts");
  EXPECT_EQ(report.cases.size(), 2u);
  EXPECT_TRUE(report.ok());
  EXPECT_FALSE(RunScenarios(LibraryPath(), "no such case").ok());
}

TEST_F(Scenario, MistakesInATestFileAreFindings) {
  const std::string good = "data: [../data.yaml]\n";
  const std::string one = "cases:\n  - name: c\n    can: ada borrow atlas\n";
  EXPECT_EQ(FindingOf(good + one + "    expect: permit\n    becuase: x\n"),
            "6:5: no such key: `becuase` | did you mean `because`?");
  EXPECT_EQ(FindingOf("dta: [a]\n" + one + "    expect: permit\n"),
            "1:1: no such key: `dta` | did you mean `data`?");
  EXPECT_EQ(FindingOf(good + one), "3:5: the case has no `expect`");
  EXPECT_EQ(FindingOf(good + one + "    expect: maybe\n"), "5:13: `expect` is permit or deny");
  EXPECT_EQ(FindingOf(good + one + "    expect: permit\n    context: { dsk: staffed }\n"),
            "6:16: the policy's context has no `dsk`; did you mean `desk`?");
  EXPECT_EQ(FindingOf(good + "cases: []\n"), "2:8: `cases` is a list of at least one case");
  EXPECT_EQ(FindingOf(good), "1:1: `cases` is a list of at least one case");
  EXPECT_EQ(FindingOf(good + "cases:\n  - { name: c, can: ada borrow, expect: permit }\n"),
            "3:21: a question has three words: subject, permission, object");
  EXPECT_EQ(FindingOf("now: soon\n" + one + "    expect: permit\n"),
            "1:6: `soon` is no instant; write 2026-11-02T09:00:00Z");
  EXPECT_EQ(FindingOf("data: [none.yaml]\n" + one + "    expect: permit\n").substr(0, 24),
            "1:1: no such data file: ");
  EXPECT_THAT(FindingOf("- a\n"), HasSubstr("a test file is a mapping with `cases`"));
  EXPECT_THAT(FindingOf("cases: [\n"), HasSubstr("not YAML: "));
  EXPECT_THAT(FindingOf(""), HasSubstr("a test file is a mapping with `cases`"));
  EXPECT_THAT(FindingOf(std::string(100'000, '[')), HasSubstr("not YAML"));
}

TEST_F(Scenario, MistakesInStepsAreFindings) {
  const std::string head = "data: [../data.yaml]\ncases:\n  - name: c\n";
  EXPECT_EQ(FindingOf(head + "    expect: permit\n"),
            "3:5: the case asks nothing | write one of `can`, `change`, `find`, `missing`");
  EXPECT_EQ(FindingOf(head + "    can: ada borrow atlas\n    find: ada borrow ?\n"),
            "3:5: the case asks several things | write one of `can`, `change`, `find`, `missing`");
  EXPECT_EQ(FindingOf(head + "    change: add ada member_of south\n    expect: permit\n"),
            "5:13: `expect` is accepted or refused");
  EXPECT_EQ(FindingOf(head + "    find: ada borrow ?\n    finds: []\n    expect: permit\n"),
            "6:13: `expect` goes with another kind of case | here `finds` says what must come");
  EXPECT_EQ(FindingOf(head + "    steps: []\n"), "4:12: `steps` is a list of 1 to 1000 steps");
  EXPECT_EQ(FindingOf(head + "    steps: [{ cna: ada borrow atlas, can: x y z, expect: deny }]\n"),
            "4:15: no such key: `cna` | did you mean `can`?");
  EXPECT_EQ(FindingOf(head + "    steps: [{ can: ada borrow atlas, expect: deny }]\n    can: x\n"),
            "5:5: no such key: `can` | keys here are name, after, leaves, facts, without, now, "
            "steps");
  EXPECT_EQ(FindingOf(head + "    leaves: joined\n    change: add ben member_of south\n" +
                      "  - { name: d, after: joind, can: ben reserve noir, expect: permit }\n"),
            "6:23: no case before this one leaves the state `joind` | did you mean `joined`?");
  EXPECT_EQ(FindingOf(head + "    change: add ben membr_of south\n"),
            "4:13: no fact is called `membr_of`; did you mean `member_of`?");
  EXPECT_EQ(FindingOf(head + "    find: ada borrow atlas\n    finds: []\n"),
            "4:11: a search has one `?`");
}

TEST_F(Scenario, AFileIsBounded) {
  std::string cases = "cases:\n";
  for (size_t count = 0; count <= kMaxCases; ++count) cases += "  - {}\n";
  EXPECT_THAT(FindingOf(cases), HasSubstr("more than " + std::to_string(kMaxCases) + " cases"));
  EXPECT_THAT(FindingOf(std::string(kMaxScenarioBytes + 1, '#')),
              HasSubstr(std::to_string(kMaxScenarioBytes) + " bytes"));
}

TEST_F(Scenario, AWrongFactIsFoundWhereItStands) {
  EXPECT_THAT(FindingOf("data: [../data.yaml]\n"
                        "cases:\n"
                        "  - name: c\n"
                        "    can: ada borrow atlas\n"
                        "    facts:\n"
                        "      - ben member_of south\n"
                        "      - ben membr_of south\n"
                        "    expect: permit\n"),
              testing::StartsWith("7:9: "));
}

TEST_F(Scenario, APolicyThatDoesNotCheckIsToldOnce) {
  folder_.Write("library/library.vakt", "policy library\npermit (\n");
  folder_.Write("library/tests/a.yaml", "cases:\n  - { name: a, can: a b c, expect: deny }\n");
  folder_.Write("library/tests/b.yaml", "cases:\n  - { name: b, can: a b c, expect: deny }\n");
  const ScenarioReport report = RunScenarios(folder_.Path("library"));
  EXPECT_FALSE(report.ok());
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].file, folder_.Path("library/library.vakt"));
  EXPECT_EQ(report.findings[0].line, 2u);
}

TEST_F(Scenario, FilesAreFoundInFoldersCalledTests) {
  folder_.Write("library/tests/a.yaml", "x");
  folder_.Write("library/tests/b.yml", "x");
  folder_.Write("library/tests/notes.md", "x");
  folder_.Write("other/deep/tests/c.yaml", "x");
  std::string error;
  EXPECT_THAT(FindTestFiles(folder_.path(), error),
              ElementsAre(folder_.Path("library/tests/a.yaml"), folder_.Path("library/tests/b.yml"),
                          folder_.Path("other/deep/tests/c.yaml")));
  EXPECT_EQ(FindTestFiles(folder_.Path("library/tests"), error).size(), 2u);
  EXPECT_THAT(FindTestFiles(folder_.Path("none"), error), ElementsAre());
  EXPECT_THAT(error, HasSubstr("there is no such file or folder"));
}

TEST_F(Scenario, TheCommandReportsForPeopleAndMachines) {
  const std::string path = folder_.Write(
      "library/tests/t.yaml",
      "data: [../data.yaml]\ncases:\n  - { name: c, can: ben reserve noir, expect: permit }\n"
      "  - { name: d, can: ada reserve noir, expect: permit }\n");
  const Ran people = RunHere(TestCommand{.paths = {path}, .filter = {}});
  EXPECT_EQ(people.exit_code, kExitFindings);
  EXPECT_THAT(people.out, HasSubstr(path + ":3:5: failed: c\n  asked     ben reserve noir\n"
                                           "  expected  permit\n"
                                           "  actual    deny because not_member\n"));
  EXPECT_THAT(people.out, HasSubstr("1 of 2 cases in 1 file failed\n"));
  const Ran machines = RunHere(TestCommand{.paths = {path}, .filter = {}, .format = Format::kJson});
  const auto read = server::ReadJson(machines.out);
  ASSERT_TRUE(read.value) << machines.out;
  EXPECT_EQ(read.value->Find("failed")->integer(), 1);
  EXPECT_EQ(read.value->Find("cases")->elements().size(), 2u);

  const Ran good = RunHere(TestCommand{.paths = {LibraryPath()}, .filter = {}});
  EXPECT_EQ(good.exit_code, kExitOk);
  EXPECT_EQ(good.out, "ok: 11 cases in 1 file\n");
  EXPECT_EQ(RunHere(TestCommand{.paths = {LibraryPath()}, .filter = "none such"}).exit_code,
            kExitUsage);
  EXPECT_EQ(RunHere(TestCommand{.paths = {"/no/such"}, .filter = {}}).exit_code, kExitUsage);
}

TEST(Question, IsReadAndWrittenWithQuotationMarks) {
  dsl::Module module;
  module.types.resize(2);
  module.types[0].name = "user";
  module.types[1].name = "doc";
  const auto split = [&](const std::string& text) {
    auto question = SplitQuestion(module, text);
    return question
               ? question->subject.type + "|" + question->subject.id + "|" + question->permission +
                     "|" + question->object.type + "|" + question->object.id
               : question.error().message;
  };
  EXPECT_EQ(split("ada read x"), "|ada|read||x");
  EXPECT_EQ(split("  user:ada\tread  doc:a:b "), "user|ada|read|doc|a:b");
  EXPECT_EQ(split("mail:ada read x"), "|mail:ada|read||x") << "mail is no type";
  EXPECT_EQ(split("\"user:ada\" read doc:\"a b\""), "|user:ada|read|doc|a b");
  EXPECT_EQ(split(R"("a \"b\" \\" read x)"), R"(|a "b" \|read||x)");
  EXPECT_EQ(split("ada read \"\""), "|ada|read||");
  EXPECT_EQ(split("ada read \"x"), "a quotation mark is not closed");
  EXPECT_EQ(split("ada read"), "a question has three words: subject, permission, object");
  EXPECT_EQ(split(""), "a question has three words: subject, permission, object");
  EXPECT_EQ(split("a\"b\" read x"), "`a` stands before a quotation mark");
  for (const char* text : {"ada read x", "user:ada read doc:\"a b\"", R"("a \"b\" \\" read x)"}) {
    auto question = SplitQuestion(module, text);
    ASSERT_TRUE(question);
    EXPECT_EQ(WriteQuestion(question.value()), text);
  }
}

}  // namespace
}  // namespace portvakt::cli
