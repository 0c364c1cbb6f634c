// `portvakt decisions`: what of a log is shown, how, and while a server writes it; and that what a
// server had to log is there however it ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/cli/serving.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Line(const std::string& time, const std::string& verdict, const std::string& subject,
                 const std::string& more = "") {
  return R"({"time":"2026-11-)" + time + R"(T10:00:00.000000Z","verdict":")" + verdict +
         R"(","decided_by":"shelf","subject":{"type":"reader","id":")" + subject +
         R"("},"action":{"name":"reserve"},"resource":{"type":"book","id":"atlas"})" + more +
         R"(,"policy":1,"revision":7,"caller":"desk","endpoint":"/access/v1/evaluation",)" +
         R"("duration_us":2.050})" + "\n";
}

class DecisionsTest : public testing::Test {
 protected:
  DecisionsTest() {
    folder_.Write("log/decisions-000000000009.jsonl",
                  Line("01", "permit", "ada") + Line("02", "deny", "ben"));
    folder_.Write("log/decisions-000000000010.jsonl",
                  Line("03", "unknown", "ada", R"(,"context":{"note":"a, \"b\""})"));
    folder_.Write("log/other.txt", "not a segment");
    command_.directory = folder_.Path("log");
  }
  // The days of the lines that are shown.
  std::string Days() {
    std::string days;
    const Ran ran = RunHere(command_);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    std::istringstream lines(ran.out);
    for (std::string line; std::getline(lines, line);) days += line.substr(8, 2) + " ";
    return days;
  }

  const TestFolder folder_;
  DecisionsCommand command_;
};

TEST_F(DecisionsTest, ShowsALineEachInTheirOrder) {
  const Ran ran = RunHere(command_);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "2026-11-01T10:00:00.000000Z  permit   reader:ada reserve book:atlas  by shelf  for "
            "desk\n"
            "2026-11-02T10:00:00.000000Z  deny     reader:ben reserve book:atlas  by shelf  for "
            "desk\n"
            "2026-11-03T10:00:00.000000Z  unknown  reader:ada reserve book:atlas  by shelf  for "
            "desk\n");
}

TEST_F(DecisionsTest, Filters) {
  const auto with = [&](std::string DecisionsCommand::*member, const std::string& value) {
    const DecisionsCommand before = command_;
    command_.*member = value;
    const std::string days = Days();
    command_ = before;
    return days;
  };
  EXPECT_EQ(with(&DecisionsCommand::subject, "ada"), "01 03 ");
  EXPECT_EQ(with(&DecisionsCommand::subject, "reader:ben"), "02 ");
  EXPECT_EQ(with(&DecisionsCommand::subject, "book:ben"), "");
  EXPECT_EQ(with(&DecisionsCommand::action, "reserve"), "01 02 03 ");
  EXPECT_EQ(with(&DecisionsCommand::action, "lend"), "");
  EXPECT_EQ(with(&DecisionsCommand::resource, "book:atlas"), "01 02 03 ");
  EXPECT_EQ(with(&DecisionsCommand::resource, "noir"), "");
  EXPECT_EQ(with(&DecisionsCommand::verdict, "permit"), "01 ");
  EXPECT_EQ(with(&DecisionsCommand::verdict, "deny"), "02 03 ") << "unknown was answered so";
  EXPECT_EQ(with(&DecisionsCommand::verdict, "unknown"), "03 ");
  EXPECT_EQ(with(&DecisionsCommand::caller, "desk"), "01 02 03 ");
  EXPECT_EQ(with(&DecisionsCommand::caller, "door"), "");
  EXPECT_EQ(with(&DecisionsCommand::since, "2026-11-02T10:00:00Z"), "02 03 ");
  EXPECT_EQ(with(&DecisionsCommand::until, "2026-11-02T10:00:00Z"), "01 ");
  EXPECT_EQ(with(&DecisionsCommand::until, "2026-11-03"), "01 02 ");
}

TEST_F(DecisionsTest, ExportsJsonAndCsv) {
  command_.subject = "ada";
  command_.shown = DecisionsCommand::Shown::kJson;
  EXPECT_EQ(RunHere(command_).out,
            Line("01", "permit", "ada") +
                Line("03", "unknown", "ada", R"(,"context":{"note":"a, \"b\""})"));
  command_.shown = DecisionsCommand::Shown::kCsv;
  EXPECT_EQ(RunHere(command_).out,
            "time,verdict,decided_by,subject_type,subject_id,action,resource_type,resource_id,"
            "context,policy,revision,caller,endpoint,duration_us,request_id,trace_id\n"
            "2026-11-01T10:00:00.000000Z,permit,shelf,reader,ada,reserve,book,atlas,,1,7,desk,"
            "/access/v1/evaluation,2.05,,\n"
            "2026-11-03T10:00:00.000000Z,unknown,shelf,reader,ada,reserve,book,atlas,"
            R"("{""note"":""a, \""b\""""}",1,7,desk,/access/v1/evaluation,2.05,,)"
            "\n");
}

TEST_F(DecisionsTest, PassesOverWhatIsNoDecisionAndSaysSo) {
  folder_.Write("log/decisions-000000000011.jsonl",
                "{\"half\n" + std::string(70'000, 'x') + "\n{\"a\":1}\n" +
                    Line("04", "permit", "ada") + "{\"time\":\"unfinished");
  const Ran ran = RunHere(command_);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("2026-11-04"));
  const std::string path = folder_.Path("log/decisions-000000000011.jsonl");
  EXPECT_THAT(ran.err, HasSubstr(path + ":1: "));
  EXPECT_THAT(ran.err, HasSubstr(path + ":2: no line of a decision log: longer than 65536 bytes"));
  EXPECT_THAT(ran.err, HasSubstr(path + ":3: no line of a decision log: it has no `verdict`"));
  EXPECT_THAT(ran.err, Not(HasSubstr(":5:"))) << "a server may be writing it";
}

TEST_F(DecisionsTest, RefusesWhatItCannotRead) {
  DecisionsCommand nowhere;
  nowhere.directory = folder_.Path("nowhere");
  EXPECT_EQ(RunHere(nowhere).exit_code, 2);
  command_.since = "yesterday";
  const Ran ran = RunHere(command_);
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("`yesterday`"));
}

TEST_F(DecisionsTest, FollowsWhatIsWritten) {
  Child waiting(folder_, {"decisions", "log", "--follow", "--subject", "eve"});
  std::ofstream newest(folder_.Path("log/decisions-000000000010.jsonl"), std::ios::app);
  const std::string line = Line("04", "permit", "eve");
  newest << line.substr(0, 40) << std::flush;
  newest << line.substr(40) << std::flush;
  EXPECT_THAT(waiting.WaitForLine("2026-11-04T"), HasSubstr("eve")) << waiting.err();
  folder_.Write("log/decisions-000000000011.jsonl", Line("05", "permit", "eve"));
  EXPECT_THAT(waiting.WaitForLine("2026-11-05T"), HasSubstr("eve")) << waiting.err();
}

// However the server ends, what it answered by is there.
TEST(DecisionLog, HoldsEveryAnsweredDecisionWhenTheServerIsKilled) {
  const TestFolder folder;
  folder.Write("portvakt.yaml", "decision_log:\n  directory: log\n  mode: must_log\n");
  std::vector<std::string> arguments = ServeLibrary();
  arguments.insert(arguments.end(), {"--config", "portvakt.yaml"});
  for (int round = 1; round <= 3; ++round) {
    Child server(folder, arguments, "", {"TMPDIR=" + folder.path()});
    const std::string address = server.WaitForLine("listening on http://");
    ASSERT_THAT(address, StartsWith("127.0.0.1:")) << server.err();
    const std::string subject = "r" + std::to_string(round);
    EXPECT_THAT(Ask(PortOf(address), subject, "atlas"), HasSubstr(R"("decision")"));
    ::kill(server.pid(), SIGKILL);
    EXPECT_EQ(server.Wait(), -SIGKILL);
    const Ran ran = RunBinary(folder, {"decisions", "log", "--subject", subject});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << ran.out;
  }
}

}  // namespace
}  // namespace portvakt::cli
