// What the arguments mean: filled commands, help with examples, and complaints that help.
#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portvakt::cli {
namespace {

using testing::HasSubstr;

TEST(CommandLine, FillsEachCommand) {
  const auto check = ParseCommandLine({"check", "--format", "json", "a", "b"});
  ASSERT_TRUE(check.command);
  EXPECT_EQ(std::get<CheckCommand>(*check.command).paths, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::get<CheckCommand>(*check.command).format, Format::kJson);

  const auto fmt = ParseCommandLine({"fmt", "-"});
  ASSERT_TRUE(fmt.command);
  EXPECT_EQ(std::get<FmtCommand>(*fmt.command).paths, std::vector<std::string>{"-"});

  const auto dump = ParseCommandLine({"dump", "--program", "a"});
  ASSERT_TRUE(dump.command);
  EXPECT_EQ(std::get<DumpCommand>(*dump.command).what, DumpCommand::What::kProgram);

  const auto test = ParseCommandLine({"test", "--filter", "x y"});
  ASSERT_TRUE(test.command);
  EXPECT_EQ(std::get<TestCommand>(*test.command).filter, "x y");

  const auto load = ParseCommandLine({"load", "--store", "s", "--policy", "p", "a", "b"});
  ASSERT_TRUE(load.command);
  EXPECT_EQ(std::get<LoadCommand>(*load.command).files, (std::vector<std::string>{"a", "b"}));

  const auto explain = ParseCommandLine({"explain-code", "PV0201"});
  ASSERT_TRUE(explain.command);
  EXPECT_EQ(std::get<ExplainCodeCommand>(*explain.command).code, "PV0201");
}

TEST(CommandLine, RepeatedOptionsTakeOneValueEach) {
  const auto line = ParseCommandLine({"can", "--policy", "p", "--data", "d1", "--data", "d2",
                                      "--context", "login=bankid", "ada", "read", "doc:x",
                                      "--context", "b=2", "--object", "owner=ada", "--why"});
  ASSERT_TRUE(line.command) << line.err;
  const auto& can = std::get<CanCommand>(*line.command);
  EXPECT_EQ(can.subject, "ada");
  EXPECT_EQ(can.permission, "read");
  EXPECT_EQ(can.object, "doc:x");
  EXPECT_EQ(can.data, (std::vector<std::string>{"d1", "d2"}));
  EXPECT_EQ(can.supplied.context, (std::vector<std::string>{"login=bankid", "b=2"}));
  EXPECT_EQ(can.supplied.resource, std::vector<std::string>{"owner=ada"});
  EXPECT_TRUE(can.why);
}

TEST(CommandLine, ChangesStandInTheirOrder) {
  const auto line =
      ParseCommandLine({"change", "--actor", "bo", "create user x", "- x removed", "--dry-run",
                        "x removed", "--expect-revision", "7", "--server", "http://127.0.0.1:1"});
  ASSERT_TRUE(line.command) << line.err;
  const auto& change = std::get<ChangeCommand>(*line.command);
  EXPECT_EQ(change.changes,
            (std::vector<std::string>{"create user x", "- x removed", "x removed"}));
  EXPECT_EQ(change.actor, "bo");
  EXPECT_EQ(change.expected_revision, 7u);
  EXPECT_EQ(change.server, "http://127.0.0.1:1");
  EXPECT_TRUE(change.dry_run);
  EXPECT_FALSE(change.by_operator);
}

TEST(CommandLine, SearchesKnowWhatTheyLookFor) {
  using What = SearchCommand::What;
  const auto who = ParseCommandLine({"who-can", "read", "doc", "--type", "user"});
  ASSERT_TRUE(who.command) << who.err;
  EXPECT_EQ(std::get<SearchCommand>(*who.command).what, What::kSubjects);
  EXPECT_EQ(std::get<SearchCommand>(*who.command).type, "user");
  const auto what = ParseCommandLine({"what-can", "ada", "doc", "--viewer", "bo"});
  ASSERT_TRUE(what.command) << what.err;
  EXPECT_EQ(std::get<SearchCommand>(*what.command).what, What::kActions);
  EXPECT_EQ(std::get<SearchCommand>(*what.command).viewer, "bo");
  const auto where = ParseCommandLine({"where-can", "ada", "read", "--as-of", "3"});
  ASSERT_TRUE(where.command) << where.err;
  EXPECT_EQ(std::get<SearchCommand>(*where.command).what, What::kResources);
  EXPECT_EQ(std::get<SearchCommand>(*where.command).as_of, "3");
  const auto csv = ParseCommandLine({"matrix", "--subject", "a", "--format", "csv"});
  ASSERT_TRUE(csv.command) << csv.err;
  EXPECT_TRUE(std::get<MatrixCommand>(*csv.command).csv);
  const auto audit = ParseCommandLine({"audit", "verify", "--anchor", "3:ab"});
  ASSERT_TRUE(audit.command) << audit.err;
  EXPECT_EQ(std::get<AuditCommand>(*audit.command).anchor, "3:ab");
}

TEST(CommandLine, ServeWorksWithNothingButFlags) {
  const auto line =
      ParseCommandLine({"serve", "--policy", "p", "--listen", "127.0.0.1:0", "--workers", "3"});
  ASSERT_TRUE(line.command) << line.err;
  const auto& serve = std::get<ServeCommand>(*line.command);
  EXPECT_EQ(serve.listen, "127.0.0.1:0");
  EXPECT_EQ(serve.workers, 3u);
  EXPECT_TRUE(serve.store.empty());
  EXPECT_TRUE(ParseCommandLine({"serve"}).command);
}

TEST(CommandLine, EverySubcommandHasHelpWithExamples) {
  for (const char* name :
       {"check",    "fmt",      "dump",      "test",   "load",   "can",         "missing",
        "who-can",  "what-can", "where-can", "find",   "matrix", "change",      "onboard",
        "offboard", "history",  "audit",     "status", "serve",  "explain-code"}) {
    const auto help = ParseCommandLine({name, "--help"});
    EXPECT_FALSE(help.command) << name;
    EXPECT_EQ(help.exit_code, kExitOk) << name;
    EXPECT_THAT(help.out, HasSubstr("Examples:\n  portvakt " + std::string(name))) << name;
    EXPECT_EQ(help.err, "") << name;
    EXPECT_THAT(ParseCommandLine({"--help"}).out, HasSubstr(std::string("  ") + name)) << name;
  }
}

TEST(CommandLine, VersionIsAnAnswer) {
  const auto version = ParseCommandLine({"--version"});
  EXPECT_EQ(version.exit_code, kExitOk);
  EXPECT_THAT(version.out, testing::MatchesRegex("portvakt [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, WrongArgumentsSayWhatAndWhereToLook) {
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } cases[] = {
      {{}, "Usage: portvakt"},
      {{"chek"}, "no such subcommand: `chek`; did you mean `check`?"},
      {{"xyzzy"}, "no such subcommand: `xyzzy`\n"},
      {{""}, "no such subcommand: ``"},
      {{"check"}, "paths is required\nsee `portvakt check --help`"},
      {{"check", "--frmat", "json", "a"}, "--frmat"},
      {{"check", "--format", "xml", "a"}, "`xml` is neither pretty nor json"},
      {{"check", "--format"}, "--format"},
      {{"dump", "--tree", "--module", "a"}, "--tree excludes --module"},
      {{"fmt", "--check", "--stdout", "a"}, "excludes"},
      {{"can", "a", "b"}, "object is required"},
      {{"can", "a", "b", "c", "d"}, "not expected: d"},
      {{"can", "a", "b", "c", "--store", "s", "--policy", "p"}, "--policy"},
      {{"can", "a", "b", "c", "--data", "d"}, "--data requires --policy"},
      {{"can", "a", "b", "c", "--server", "u", "--store", "s"}, "excludes"},
      {{"missing", "a", "b", "c", "--plans", "0"}, "--plans: Value 0 not in range 1 to 50"},
      {{"missing", "a", "b", "c", "--plans", "51"}, "--plans: Value 51 not in range 1 to 50"},
      {{"change", "x", "--actor", "a", "--operator"}, "excludes"},
      {{"change", "x", "--expect-revision", "-1"}, "--expect-revision"},
      {{"find", "x", "--actor", "a"}, "--actor requires --change"},
      {{"matrix", "--format", "xml"}, "`xml` is none of pretty, csv and json"},
      {{"onboard", "a"}, "--like is required"},
      {{"audit"}, "subcommand is required"},
      {{"serve", "--workers", "0"}, "--workers: Value 0 not in range"},
      {{"serve", "--workers", "many"}, "--workers"},
      {{"serve", "--workers", "-1"}, "--workers"},
      {{"explain-code", "a", "b"}, "not expected: b"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto line = ParseCommandLine(arguments);
    EXPECT_FALSE(line.command) << message;
    EXPECT_EQ(line.exit_code, kExitUsage) << message;
    EXPECT_THAT(line.err, HasSubstr(message));
    EXPECT_EQ(line.out, "") << message;
  }
}

TEST(CommandLine, HostileArgumentsAreTextOrComplaints) {
  const std::string large(1 << 20, 'a');
  EXPECT_EQ(ParseCommandLine({large}).exit_code, kExitUsage);
  const auto can = ParseCommandLine({"can", large, "\xff\xfe", "a\nb; rm -rf /"});
  ASSERT_TRUE(can.command);
  EXPECT_EQ(std::get<CanCommand>(*can.command).subject, large);
  EXPECT_EQ(std::get<CanCommand>(*can.command).permission, "\xff\xfe");
  EXPECT_EQ(ParseCommandLine({"check", "--", "--format"}).exit_code, kExitOk);
  EXPECT_EQ(ParseCommandLine({"--", "check"}).exit_code, kExitUsage);
  EXPECT_EQ(ParseCommandLine(std::vector<std::string>(10'000, "--")).exit_code, kExitUsage);
}

}  // namespace
}  // namespace portvakt::cli
