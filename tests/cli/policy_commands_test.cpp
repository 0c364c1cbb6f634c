// check, fmt, dump and explain-code: what they print, where they print it, and their exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/explain_code.h"
#include "dsl/dsl.h"
#include "dsl/limits.h"
#include "server/json.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kMisspelt =
    "policy small\n"
    "\n"
    "entity reader\n"
    "entity book\n"
    "\n"
    "permission borrow on book\n"
    "\n"
    "permit everybody\n"
    "    reader may borow on book\n";
constexpr const char* kUntidy =
    "policy   small\n\n\n\nentity reader\nentity book\npermission borrow   on book\n"
    "permit everybody\n  reader may   borrow on book\n";

TEST(Check, AGoodPolicyIsSummedUp) {
  const Ran ran = RunHere(CheckCommand{.paths = {LibraryPath()}});
  EXPECT_EQ(ran.exit_code, kExitOk) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(LibraryPath() + ": ok: 2 permissions, 4 rules"));
  EXPECT_EQ(ran.err, "");
}

TEST(Check, FindingsStandWithTheirPlaceAndTheRightName) {
  const TestFolder folder;
  const std::string path = folder.Write("small.vakt", kMisspelt);
  const Ran ran = RunHere(CheckCommand{.paths = {path}});
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_THAT(ran.out, HasSubstr(path + ":9:16"));
  EXPECT_THAT(ran.out, HasSubstr("PV0204"));
  EXPECT_THAT(ran.out, HasSubstr("`borrow`"));
  EXPECT_THAT(ran.out, HasSubstr(path + ": 1 error\n"));
  EXPECT_EQ(ran.err, "");
}

TEST(Check, FindingsAreJsonForMachines) {
  const TestFolder folder;
  const std::string path = folder.Write("small.vakt", kMisspelt);
  const Ran ran = RunHere(CheckCommand{.paths = {path, LibraryPath()}, .format = Format::kJson});
  EXPECT_EQ(ran.exit_code, kExitFindings);
  const server::JsonRead read = server::ReadJson(ran.out);
  ASSERT_TRUE(read.value) << ran.out;
  ASSERT_EQ(read.value->elements().size(), 1u);
  const server::JsonValue& finding = read.value->elements().front();
  EXPECT_EQ(finding.Find("code")->text(), "PV0204");
  EXPECT_EQ(finding.Find("file")->text(), path);
  EXPECT_EQ(finding.Find("line")->integer(), 9);
  EXPECT_EQ(finding.Find("column")->integer(), 16);
}

TEST(Check, NoFindingsAreAnEmptyArray) {
  const Ran ran = RunHere(CheckCommand{.paths = {LibraryPath()}, .format = Format::kJson});
  EXPECT_EQ(ran.exit_code, kExitOk);
  EXPECT_THAT(ran.out, HasSubstr("[")) << ran.out;
}

TEST(Check, FilesNamedTogetherAreOnePolicyInAnyOrder) {
  const TestFolder folder;
  folder.Write("main.vakt",
               "policy two\nimport \"things.vakt\"\npermission borrow on book\n"
               "permit everybody\n    reader may borrow on book\n");
  folder.Write("things.vakt", "entity reader\nentity book\n");
  for (const bool things_first : {true, false}) {
    std::vector<std::string> paths = {folder.Path("main.vakt"), folder.Path("things.vakt")};
    if (things_first) std::swap(paths[0], paths[1]);
    const Ran ran = RunHere(CheckCommand{.paths = paths});
    EXPECT_EQ(ran.exit_code, kExitOk) << ran.out << ran.err;
  }
}

TEST(Check, AFolderOfPoliciesIsSeveralPolicies) {
  const TestFolder folder;
  folder.Write("good/main.vakt", "policy good\nimport \"more/things.vakt\"\n");
  folder.Write("good/more/things.vakt", "entity reader\n");
  folder.Write("bad/small.vakt", kMisspelt);
  folder.Write("README.md", "# no policy\n");
  const Ran ran = RunHere(CheckCommand{.paths = {folder.path() + "/"}});
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_THAT(ran.out, HasSubstr("\n" + folder.Path("bad") + ": 1 error\n" + folder.Path("good") +
                                 ": ok: 0 permissions, 0 rules\n"));
  folder.Write("empty/README.md", "");
  EXPECT_EQ(RunHere(CheckCommand{.paths = {folder.Path("empty")}}).exit_code, kExitUsage);
  const Ran other = RunHere(CheckCommand{.paths = {folder.Path("README.md")}});
  EXPECT_EQ(other.exit_code, kExitUsage);
  EXPECT_THAT(other.err, HasSubstr("README.md: no policy file; their names end in .vakt"));
}

TEST(Check, AMissingFileIsNoFinding) {
  const Ran ran = RunHere(CheckCommand{.paths = {"/no/such/policy"}});
  EXPECT_EQ(ran.exit_code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr("/no/such/policy"));
  EXPECT_EQ(ran.out, "");
}

TEST(Fmt, WritesWhatDiffersAndNamesIt) {
  const TestFolder folder;
  const std::string path = folder.Write("small.vakt", kUntidy);
  const Ran check = RunHere(FmtCommand{.paths = {folder.path()}, .check = true});
  EXPECT_EQ(check.exit_code, kExitFindings);
  EXPECT_EQ(check.out, path + "\n");
  EXPECT_EQ(ReadText(path), kUntidy);

  const Ran write = RunHere(FmtCommand{.paths = {folder.path()}});
  EXPECT_EQ(write.exit_code, kExitOk) << write.err;
  EXPECT_EQ(write.out, path + "\n");
  EXPECT_NE(ReadText(path), kUntidy);
  EXPECT_THAT(folder.Names(), testing::ElementsAre("small.vakt"));

  const Ran again = RunHere(FmtCommand{.paths = {path}, .check = true});
  EXPECT_EQ(again.exit_code, kExitOk);
  EXPECT_EQ(again.out, "");
}

TEST(Fmt, StandardInputAndStdoutWriteNoFile) {
  const TestFolder folder;
  const std::string path = folder.Write("small.vakt", kUntidy);
  const Ran piped = RunHere(FmtCommand{.paths = {"-"}}, kUntidy);
  const Ran printed = RunHere(FmtCommand{.paths = {path}, .to_stdout = true});
  EXPECT_EQ(piped.exit_code, kExitOk) << piped.err;
  EXPECT_THAT(piped.out, Not(IsEmpty()));
  EXPECT_EQ(piped.out, printed.out);
  EXPECT_EQ(ReadText(path), kUntidy);
  EXPECT_EQ(RunHere(FmtCommand{.paths = {"-"}, .check = true}, kUntidy).exit_code, kExitFindings);
  EXPECT_EQ(RunHere(FmtCommand{.paths = {"-"}, .check = true}, piped.out).exit_code, kExitOk);
}

TEST(Fmt, AFileWithSyntaxErrorsIsLeftAlone) {
  const TestFolder folder;
  const std::string text = "policy small\npermit (\n";
  const std::string broken = folder.Write("a.vakt", text);
  const std::string untidy = folder.Write("b.vakt", kUntidy);
  const Ran ran = RunHere(FmtCommand{.paths = {folder.path()}});
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_EQ(ReadText(broken), text);
  EXPECT_THAT(ran.err, HasSubstr(broken + ":2:"));
  EXPECT_THAT(ran.err, HasSubstr(broken + ": left as it is"));
  EXPECT_NE(ReadText(untidy), kUntidy) << "the others are formatted";
}

TEST(Fmt, NamesNeedNotBeKnown) {
  const TestFolder folder;
  const std::string path = folder.Write("small.vakt", kMisspelt);
  EXPECT_EQ(RunHere(FmtCommand{.paths = {path}}).exit_code, kExitOk);
}

TEST(Fmt, WhatIsNotThereEndsIt) {
  const TestFolder folder;
  EXPECT_EQ(RunHere(FmtCommand{.paths = {folder.Path("none.vakt")}}).exit_code, kExitUsage);
  EXPECT_EQ(RunHere(FmtCommand{.paths = {folder.path()}}).exit_code, kExitUsage);
  EXPECT_EQ(RunHere(FmtCommand{.paths = {"-", "a.vakt"}}).exit_code, kExitUsage);
}

TEST(Fmt, MoreThanAPolicyFileMayHoldIsAFinding) {
  const std::string large = "policy small\n" + std::string(dsl::kMaxFileBytes, '\n');
  const Ran ran = RunHere(FmtCommand{.paths = {"-"}}, large);
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_THAT(ran.err, HasSubstr("PV0901"));
}

TEST(Fmt, OtherFilesAreNotTouched) {
  const TestFolder folder;
  const std::string path = folder.Write("a.txt", kUntidy);
  const Ran ran = RunHere(FmtCommand{.paths = {path}});
  EXPECT_EQ(ran.exit_code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr(path + ": no policy file"));
  EXPECT_EQ(ReadText(path), kUntidy);
}

TEST(Dump, EachPhaseHasItsText) {
  using What = DumpCommand::What;
  for (const What what : {What::kTree, What::kModule, What::kProgram}) {
    const Ran ran = RunHere(DumpCommand{.what = what, .path = LibraryPath()});
    EXPECT_EQ(ran.exit_code, kExitOk) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("borrow"));
    EXPECT_EQ(ran.err, "");
  }
}

TEST(Dump, NothingIsDumpedOfAPolicyThatDoesNotCheck) {
  const TestFolder folder;
  const std::string path = folder.Write("small.vakt", kMisspelt);
  using What = DumpCommand::What;
  EXPECT_EQ(RunHere(DumpCommand{.what = What::kTree, .path = path}).exit_code, kExitOk);
  for (const What what : {What::kModule, What::kProgram}) {
    const Ran ran = RunHere(DumpCommand{.what = what, .path = path});
    EXPECT_EQ(ran.exit_code, kExitFindings);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(path + ":9:16"));
  }
}

TEST(Dump, TheTreeOfAFileThatIsTooLargeIsNotEmptySuccess) {
  const TestFolder folder;
  const std::string path = folder.Write("large.vakt", "// " + std::string(dsl::kMaxFileBytes, 'x'));
  const Ran ran = RunHere(DumpCommand{.what = DumpCommand::What::kTree, .path = path});
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_THAT(ran.err, HasSubstr("PV0901"));
}

TEST(ExplainCode, EveryKindOfFindingHasItsPage) {
  for (const dsl::DiagnosticInfo& info : dsl::AllDiagnosticKinds()) {
    const Ran ran = RunHere(ExplainCodeCommand{.code = std::string(info.code)});
    EXPECT_EQ(ran.exit_code, kExitOk);
    EXPECT_THAT(ran.out, HasSubstr(std::string(info.code)));
    EXPECT_GT(std::count(ran.out.begin(), ran.out.end(), '\n'), 2) << info.code << " has no page";
    EXPECT_EQ(RunHere(ExplainCodeCommand{.code = std::string(info.code)}).out, ran.out);
  }
}

TEST(ExplainCode, ListsAllAndSuggests) {
  const Ran all = RunHere(ExplainCodeCommand{});
  EXPECT_EQ(all.exit_code, kExitOk);
  for (const dsl::DiagnosticInfo& info : dsl::AllDiagnosticKinds()) {
    EXPECT_THAT(all.out, HasSubstr(std::string(info.code)));
  }
  EXPECT_EQ(RunHere(ExplainCodeCommand{.code = "pv0201"}).out,
            RunHere(ExplainCodeCommand{.code = "PV0201"}).out);
  const Ran wrong = RunHere(ExplainCodeCommand{.code = "PV9999"});
  EXPECT_EQ(wrong.exit_code, kExitUsage);
  EXPECT_THAT(wrong.err, HasSubstr("no finding has the code `PV9999`"));
}

TEST(ExplainCode, ASectionEndsWhereTheNextBegins) {
  const std::string page =
      "# Findings\n\n## PV0001 one\nfirst\n```\n# no heading\n## PV0002 neither\n```\n"
      "### more\nof it\n\n## PV0002 two\nsecond\n";
  EXPECT_EQ(SectionOf(page, "PV0001"),
            "## PV0001 one\nfirst\n```\n# no heading\n## PV0002 neither\n```\n### more\nof it\n");
  EXPECT_EQ(SectionOf(page, "PV0002"), "## PV0002 two\nsecond\n");
  EXPECT_EQ(SectionOf(page, "PV0003"), "");
  EXPECT_EQ(SectionOf("", "PV0001"), "");
}

}  // namespace
}  // namespace portvakt::cli
