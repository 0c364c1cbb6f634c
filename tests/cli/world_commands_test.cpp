// load and can: what a store answers, and that nothing half-done is left in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/json.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

LoadCommand LoadLibrary(const TestFolder& folder) {
  return {.store = folder.Path("store"),
          .policy = LibraryPath(),
          .files = {LibraryPath("data.yaml")},
          .reason = {},
          .format = Format::kPretty};
}

CanCommand Ask(const std::string& subject, const std::string& permission,
               const std::string& object) {
  CanCommand command;
  command.subject = subject;
  command.permission = permission;
  command.object = object;
  command.policy = LibraryPath();
  command.data = {LibraryPath("data.yaml")};
  return command;
}

TEST(Load, SaysWhatChangedAndTwiceChangesNothing) {
  const TestFolder folder;
  const LoadCommand load = LoadLibrary(folder);
  const Ran first = RunHere(load);
  EXPECT_EQ(first.exit_code, kExitOk) << first.err;
  EXPECT_THAT(first.out, HasSubstr("13 statements, 13 changed"));
  EXPECT_THAT(first.out, HasSubstr("policy library: version 1 is active"));
  const Ran second = RunHere(load);
  EXPECT_EQ(second.exit_code, kExitOk) << second.err;
  EXPECT_THAT(second.out, HasSubstr("13 statements, 0 changed"));
  EXPECT_THAT(second.out, HasSubstr("version 1 is active"));
}

TEST(Load, TextGoesIntoAStoreThatHasItsPolicy) {
  const TestFolder folder;
  ASSERT_EQ(RunHere(LoadLibrary(folder)).exit_code, kExitOk);
  const std::string more = folder.Write("more.txt", "# joins\nben member_of south\n");
  const Ran ran = RunHere(LoadCommand{.store = folder.Path("store"),
                                      .policy = {},
                                      .files = {more},
                                      .reason = "joined",
                                      .format = Format::kPretty});
  EXPECT_EQ(ran.exit_code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("1 statement, 1 changed"));
}

TEST(Load, AFileWithFindingsIsRefusedWhole) {
  const TestFolder folder;
  ASSERT_EQ(RunHere(LoadLibrary(folder)).exit_code, kExitOk);
  const std::string bad = folder.Write("bad.txt", "ben member_of south\nben membr_of north\n");
  const Ran ran = RunHere(LoadCommand{.store = folder.Path("store"),
                                      .policy = {},
                                      .files = {bad},
                                      .reason = {},
                                      .format = Format::kPretty});
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_THAT(ran.err, HasSubstr(bad + ":2:"));
  EXPECT_THAT(ran.err, HasSubstr("nothing of it was loaded"));
  CanCommand ask = Ask("ben", "reserve", "noir");
  ask.policy.clear();
  ask.data.clear();
  ask.store = folder.Path("store");
  EXPECT_EQ(RunHere(ask).exit_code, kExitFindings) << "the good line is not there either";
}

TEST(Load, JsonSaysTheSame) {
  const TestFolder folder;
  LoadCommand load = LoadLibrary(folder);
  load.files.push_back(folder.Write("bad.txt", "ben membr_of north\n"));
  load.format = Format::kJson;
  const Ran ran = RunHere(load);
  EXPECT_EQ(ran.exit_code, kExitFindings);
  EXPECT_EQ(ran.err, "");
  const auto read = server::ReadJson(ran.out);
  ASSERT_TRUE(read.value) << ran.out;
  EXPECT_EQ(read.value->Find("policy")->Find("name")->text(), "library");
  const auto& files = read.value->Find("files")->elements();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].Find("changed")->integer(), 13);
  EXPECT_TRUE(files[0].Find("findings")->elements().empty());
  ASSERT_EQ(files[1].Find("findings")->elements().size(), 1u);
  EXPECT_EQ(files[1].Find("findings")->elements()[0].Find("line")->integer(), 1);
}

TEST(Load, WhatIsMissingIsSaidBeforeAnythingIsWritten) {
  const TestFolder folder;
  LoadCommand load = LoadLibrary(folder);
  load.files.push_back(folder.Path("none.yaml"));
  const Ran ran = RunHere(load);
  EXPECT_EQ(ran.exit_code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr("none.yaml: there is no such file"));
  EXPECT_THAT(folder.Names(), testing::IsEmpty());
  EXPECT_EQ(RunHere(LoadCommand{.store = folder.Path("store"),
                                .policy = {},
                                .files = {},
                                .reason = {},
                                .format = Format::kPretty})
                .exit_code,
            kExitUsage);
}

TEST(Load, AStoreWithoutAPolicyCannotReadData) {
  const TestFolder folder;
  const Ran ran = RunHere(LoadCommand{.store = folder.Path("store"),
                                      .policy = {},
                                      .files = {LibraryPath("data.yaml")},
                                      .reason = {},
                                      .format = Format::kPretty});
  EXPECT_EQ(ran.exit_code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr("--policy PATH installs one"));
}

TEST(Can, AnswersLikeAPerson) {
  std::string text;
  const auto ask = [&](CanCommand command, const std::string& title) {
    command.why = true;
    const Ran ran = RunHere(command);
    EXPECT_EQ(ran.err, "");
    std::string out = ran.out;
    for (size_t at; (at = out.find(LibraryPath())) != std::string::npos;) {
      out.replace(at, LibraryPath().size(), "policies/library");
    }
    text += "# " + title + "\n" + out + "exit code " + std::to_string(ran.exit_code) + "\n\n";
  };
  ask(Ask("ada", "borrow", "atlas"), "a permit with a note");
  ask(Ask("ben", "reserve", "noir"), "no permit holds");
  ask(Ask("cleo", "borrow", "atlas"), "a forbid applies");
  ask(Ask("ada", "borrow", "noir"), "context is missing");
  ask(Ask("dora", "borrow", "atlas"), "nobody of that name");
  ask(Ask("cleoo", "borrow", "atlas"), "somebody misspelt");
  ask(Ask("readr:cleo", "borrow", "atlas"), "a type misspelt");
  ask(Ask("ada", "borow", "atlas"), "a permission misspelt");
  CanCommand machine = Ask("ada", "borrow", "noir");
  machine.supplied.context = {"desk=machine"};
  ask(machine, "context that does not do");
  ExpectGolden("can_why.txt", text);
}

TEST(Can, WithoutWhyItIsOneSentence) {
  const Ran no = RunHere(Ask("ben", "reserve", "noir"));
  EXPECT_EQ(no.out, "no: ben is no member of south (not_member)\n");
  EXPECT_EQ(no.exit_code, kExitFindings);
  const Ran yes = RunHere(Ask("ada", "reserve", "atlas"));
  EXPECT_EQ(yes.out, "yes\n");
  EXPECT_EQ(yes.exit_code, kExitOk);
}

// Whoever may choose an id must not be able to steer the terminal of whoever asks about it.
TEST(Can, WhatIdsHoldIsShownAndNotObeyed) {
  const TestFolder folder;
  CanCommand ask;
  ask.policy = folder.Write("home.vakt",
                            "policy home\n\nentity team\nentity user { home : team }\n"
                            "permission enter in team\n\npermit at_home\n"
                            "    user may enter in team\n"
                            "    if  user.home is team  else elsewhere \"{user.home} is home\"\n");
  ask.data = {folder.Write("home.txt",
                           "team here\nteam \"a\x1b[31mb\xff\"\n"
                           "user eve { home: \"a\x1b[31mb\xff\" }\n")};
  ask.subject = "eve";
  ask.permission = "enter";
  ask.object = "here";
  ask.why = true;
  const Ran ran = RunHere(ask);
  EXPECT_EQ(ran.exit_code, kExitFindings) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("no: a\\u{1B}[31mb\\xFF is home (elsewhere)"));
  EXPECT_THAT(ran.out, HasSubstr("user.home is a\\u{1B}[31mb\\xFF"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
}

TEST(Can, ContextIsReadByItsDeclaration) {
  CanCommand command = Ask("ada", "borrow", "noir");
  command.supplied.context = {"desk=staffed"};
  EXPECT_EQ(RunHere(command).exit_code, kExitOk);
  command.supplied.context = {"dask=staffed"};
  const Ran misspelt = RunHere(command);
  EXPECT_EQ(misspelt.exit_code, kExitUsage);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean `desk`?"));
  command.supplied.context = {"desk"};
  EXPECT_THAT(RunHere(command).err, HasSubstr("--context takes KEY=VALUE, not `desk`"));
  command.supplied.context = {"desk=a", "desk=b"};
  EXPECT_THAT(RunHere(command).err, HasSubstr("gives `desk` twice"));
}

TEST(Can, AnIdThatSeveralTypesHaveMustSayWhich) {
  const TestFolder folder;
  const std::string policy = folder.Write("both.vakt",
                                          "policy both\nentity reader\nentity book\nentity film\n"
                                          "permission borrow on book, film\n"
                                          "permit everybody\n    reader may borrow on book\n"
                                          "permit films\n    reader may borrow on film\n");
  const std::string data = folder.Write(
      "data.yaml",
      "entities:\n  reader: { ada: {} }\n  book: { noir: {} }\n  film: { noir: {}, jaws: {} }\n");
  CanCommand command = Ask("ada", "borrow", "noir");
  command.policy = policy;
  command.data = {data};
  const Ran ambiguous = RunHere(command);
  EXPECT_EQ(ambiguous.exit_code, kExitUsage);
  EXPECT_THAT(ambiguous.err, HasSubstr("write `book:noir` or `film:noir`"));
  command.object = "film:noir";
  EXPECT_EQ(RunHere(command).exit_code, kExitOk);
  command.object = "jaws";
  EXPECT_EQ(RunHere(command).exit_code, kExitOk);
}

TEST(Can, JsonIsWhatTheServerAnswers) {
  CanCommand command = Ask("ben", "reserve", "noir");
  command.format = Format::kJson;
  const auto plain = server::ReadJson(RunHere(command).out);
  ASSERT_TRUE(plain.value);
  EXPECT_FALSE(plain.value->Find("decision")->boolean());
  command.why = true;
  const auto why = server::ReadJson(RunHere(command).out);
  ASSERT_TRUE(why.value);
  const auto* reasons = why.value->Find("context")->Find("reasons");
  ASSERT_EQ(reasons->elements().size(), 1u);
  EXPECT_EQ(reasons->elements().front().Find("code")->text(), "not_member");
}

TEST(Can, AsksAStoreAndNeverMakesOne) {
  const TestFolder folder;
  ASSERT_EQ(RunHere(LoadLibrary(folder)).exit_code, kExitOk);
  CanCommand command = Ask("ada", "borrow", "atlas");
  command.policy.clear();
  command.data.clear();
  command.store = folder.Path("store");
  EXPECT_EQ(RunHere(command).exit_code, kExitOk);
  command.store = folder.Path("stoer");
  const Ran missing = RunHere(command);
  EXPECT_EQ(missing.exit_code, kExitUsage);
  EXPECT_THAT(missing.err, HasSubstr("there is no store in " + folder.Path("stoer")));
  EXPECT_THAT(folder.Names(), Not(testing::Contains("stoer")));
}

TEST(Can, TheInstantDecidesWhatHolds) {
  const TestFolder folder;
  const std::string until =
      folder.Write("until.txt", "ben member_of south from 2026-03-01 until 2026-04-01\n");
  CanCommand command = Ask("ben", "reserve", "noir");
  command.data.push_back(until);
  for (const auto& [now, exit_code] :
       {std::pair("2026-02-28T23:59:59Z", kExitFindings), std::pair("2026-03-01", kExitOk),
        std::pair("2026-03-31T23:59:59.999999Z", kExitOk),
        std::pair("2026-04-01", kExitFindings)}) {
    command.now = now;
    const Ran ran = RunHere(command);
    EXPECT_EQ(ran.exit_code, exit_code) << now << ran.out << ran.err;
  }
  command.now = "yesterday";
  const Ran wrong = RunHere(command);
  EXPECT_EQ(wrong.exit_code, kExitUsage);
  EXPECT_THAT(wrong.err, HasSubstr("`yesterday` is no instant"));
}

// An exit code of 1 must mean a deny and nothing else.
TEST(Can, WhatCannotBeAskedIsNoDeny) {
  const TestFolder folder;
  CanCommand command = Ask("ada", "borrow", "atlas");
  command.data = {folder.Write("bad.txt", "ada membr_of north\n")};
  EXPECT_EQ(RunHere(command).exit_code, kExitUsage);
  command.data.clear();
  command.policy = folder.Write("bad.vakt", "policy bad\npermit (\n");
  EXPECT_EQ(RunHere(command).exit_code, kExitUsage);
  command.policy = folder.Path("none");
  EXPECT_EQ(RunHere(command).exit_code, kExitUsage);
}

}  // namespace
}  // namespace portvakt::cli
