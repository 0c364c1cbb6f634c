// The past from the command line: who changed what, answers as of then, and that nothing of it was
// rewritten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Past : public testing::Test {
 protected:
  // The library with its data, and later ben joins a branch.
  void SetUp() override {
    Load(LibraryPath("data.yaml"), LibraryPath(), "");
    Load(folder_.Write("more.txt", "ben member_of south\n"), "", "ben moved");
  }
  void Load(const std::string& file, const std::string& policy, const std::string& reason) {
    const Ran ran = RunHere(LoadCommand{.store = store_,
                                        .policy = policy,
                                        .files = {file},
                                        .reason = reason,
                                        .format = Format::kPretty});
    ASSERT_EQ(ran.exit_code, kExitOk) << ran.err;
  }
  Ran History(HistoryCommand command) {
    command.store = store_;
    return RunHere(command);
  }
  Ran Verify(const std::string& anchor = "") {
    AuditCommand command;
    command.store = store_;
    command.anchor = anchor;
    return RunHere(command);
  }
  static std::string AnchorOf(const Ran& ran) {
    const size_t at = ran.out.find("anchor ");
    return at == std::string::npos ? "" : ran.out.substr(at + 7, ran.out.size() - at - 8);
  }

  const TestFolder folder_;
  const std::string store_ = folder_.Path("store");
};

TEST_F(Past, TheLifeOfAFactHasWhoWhatAndWhy) {
  HistoryCommand command;
  command.fact = "ben member_of south";
  const Ran ran = History(command);
  EXPECT_EQ(ran.exit_code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("operator"));
  EXPECT_THAT(ran.out, HasSubstr("added ben member_of south"));
  EXPECT_THAT(ran.out, HasSubstr("ben moved"));
  EXPECT_THAT(ran.out, Not(HasSubstr("ada")));
  command.fact = "cleo member_of south";
  const Ran never = History(command);
  EXPECT_EQ(never.exit_code, kExitFindings);
  EXPECT_EQ(never.out, "nothing\n");
  command.fact = "cleo membr_of south";
  EXPECT_THAT(History(command).err, HasSubstr("did you mean `member_of`?"));
}

TEST_F(Past, TheNewestComeLastAndSinceCountsFromThere) {
  HistoryCommand command;
  command.limit = 1;
  const Ran newest = History(command);
  EXPECT_THAT(newest.out, HasSubstr("ben member_of south"));
  EXPECT_THAT(newest.out, HasSubstr("--limit 0 shows all"));
  command.since = "0";
  EXPECT_THAT(History(command).out, Not(HasSubstr("ben member_of south")));
  command.since = "2";
  command.limit = 10;
  const Ran since = History(command);
  EXPECT_THAT(since.out, HasSubstr("ben member_of south"));
  EXPECT_THAT(since.out, Not(HasSubstr("ben member_of north")));
  command.since = "yesterday";
  const Ran wrong = History(command);
  EXPECT_EQ(wrong.exit_code, kExitUsage);
  EXPECT_THAT(wrong.err, HasSubstr("`yesterday` is no moment"));
}

TEST_F(Past, AQuestionAsOfThenIsAnsweredAsItWasThen) {
  CanCommand can;
  can.store = store_;
  can.subject = "ben";
  can.permission = "reserve";
  can.object = "noir";
  EXPECT_EQ(RunHere(can).exit_code, kExitOk);
  can.as_of = "2";
  EXPECT_EQ(RunHere(can).exit_code, kExitFindings);
  SearchCommand who;
  who.store = store_;
  who.permission = "reserve";
  who.object = "noir";
  EXPECT_EQ(RunHere(who).out, "ada\nben\n");
  who.as_of = "2";
  EXPECT_EQ(RunHere(who).out, "ada\n");
  for (const char* moment : {"99", "2001-01-01", "last week"}) {
    can.as_of = moment;
    EXPECT_EQ(RunHere(can).exit_code, kExitUsage) << moment;
  }
}

TEST_F(Past, AnAnchorShowsThatNothingWasRewritten) {
  const Ran whole = Verify();
  EXPECT_EQ(whole.exit_code, kExitOk) << whole.out << whole.err;
  const std::string anchor = AnchorOf(whole);
  ASSERT_THAT(anchor, HasSubstr("3:"));
  Load(folder_.Write("again.txt", "cleo member_of south\n"), "", "");
  EXPECT_EQ(Verify(anchor).exit_code, kExitOk);
  std::string other = anchor;
  other.back() = other.back() == '0' ? '1' : '0';
  const Ran rewritten = Verify(other);
  EXPECT_EQ(rewritten.exit_code, kExitFindings);
  EXPECT_THAT(rewritten.out, HasSubstr("tampered with or damaged"));
  EXPECT_EQ(Verify("nonsense").exit_code, kExitUsage);
}

TEST_F(Past, TheStatusNamesRevisionAndPolicy) {
  StatusCommand command;
  command.store = store_;
  const Ran ran = RunHere(command);
  EXPECT_EQ(ran.exit_code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("revision 3 of "));
  EXPECT_THAT(ran.out, HasSubstr("policy library, version 1, "));
  EXPECT_THAT(ran.out, HasSubstr("all limits are kept\n"));
}

}  // namespace
}  // namespace portvakt::cli
