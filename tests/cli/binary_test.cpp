// The real binary as its users meet it: exit codes, streams, signals, and what it leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/cli/serving.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// What is left in the folder that was the server's $TMPDIR.
std::vector<std::string> LeftIn(const TestFolder& folder) { return folder.Names(); }

TEST(Binary, ExitCodesTellFindingsFromUsage) {
  const TestFolder folder;
  EXPECT_EQ(RunBinary(folder, {"--version"}).exit_code, 0);
  EXPECT_EQ(RunBinary(folder, {}).exit_code, 2);
  EXPECT_EQ(RunBinary(folder, {"nonsense"}).exit_code, 2);
  EXPECT_EQ(RunBinary(folder, {"check", LibraryPath()}).exit_code, 0);
  folder.Write("bad.vakt", "policy bad\npermit (\n");
  EXPECT_EQ(RunBinary(folder, {"check", "bad.vakt"}).exit_code, 1);
  EXPECT_EQ(RunBinary(folder, {"check", "none.vakt"}).exit_code, 2);
  EXPECT_EQ(RunBinary(folder, {"test", LibraryPath()}).exit_code, 0);
}

TEST(Binary, PlacesAreRelativeToTheWorkingDirectory) {
  const TestFolder folder;
  folder.Write("deep/bad.vakt", "policy bad\npermit (\n");
  const Ran ran = RunBinary(folder, {"check", "deep"});
  EXPECT_THAT(ran.out, HasSubstr("deep/bad.vakt:2:"));
  EXPECT_THAT(ran.out, EndsWith("deep: 1 error\n"));
}

TEST(Binary, FormatsStandardInput) {
  const TestFolder folder;
  const Ran ran = RunBinary(folder, {"fmt", "-"}, "policy    small\n");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "policy small\n");
}

TEST(Binary, TheStoreMayComeFromTheEnvironment) {
  const TestFolder folder;
  const std::vector<std::string> environment = {"PORTVAKT_STORE=store"};
  EXPECT_EQ(RunBinary(folder, {"load", "--policy", LibraryPath(), LibraryPath("data.yaml")}, "",
                      environment)
                .exit_code,
            0);
  const Ran yes = RunBinary(folder, {"can", "ada", "reserve", "atlas"}, "", environment);
  EXPECT_EQ(yes.out, "yes\n");
  EXPECT_EQ(yes.exit_code, 0);
  const Ran unset = RunBinary(folder, {"can", "ada", "reserve", "atlas"});
  EXPECT_EQ(unset.exit_code, 2);
  EXPECT_THAT(unset.err, HasSubstr("name a store with --store FOLDER (or PORTVAKT_STORE)"));
}

TEST(Binary, OutputThatNobodyTakesIsNoSuccess) {
  const TestFolder folder;
  const std::string command = std::string(PORTVAKT_BINARY_DIR "/portvakt explain-code >/dev/full");
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
}

TEST(Serve, AnswersOnAFreePortAndEndsCleanlyOnSigterm) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const TestFolder folder;
    const TestFolder temporary;
    Child server(folder, ServeLibrary(), "", {"TMPDIR=" + temporary.path()});
    const std::string address = server.WaitForLine("listening on http://");
    ASSERT_THAT(address, StartsWith("127.0.0.1:")) << server.err();
    const int port = PortOf(address);
    EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
    EXPECT_THAT(Ask(port, "ben", "noir"), HasSubstr(R"({"decision":false)"));
    EXPECT_EQ(LeftIn(temporary).size(), 1u) << "the temporary store";
    ::kill(server.pid(), signal);
    EXPECT_EQ(server.Wait(), 0) << server.err();
    EXPECT_THAT(LeftIn(temporary), testing::IsEmpty());
  }
}

TEST(Serve, AStoreIsKeptAndHasItsOwnPolicy) {
  const TestFolder folder;
  ASSERT_EQ(RunBinary(folder, {"load", "--store", "store", "--policy", LibraryPath(),
                               LibraryPath("data.yaml")})
                .exit_code,
            0);
  for (int round = 0; round < 2; ++round) {
    Child server(folder, {"serve", "--store", "store", "--listen", "127.0.0.1:0"});
    const std::string address = server.WaitForLine("listening on http://");
    ASSERT_NE(address, "") << server.err();
    EXPECT_THAT(Ask(PortOf(address), "ada", "atlas"), HasSubstr(R"({"decision":true)"));
    ::kill(server.pid(), SIGTERM);
    EXPECT_EQ(server.Wait(), 0);
  }
}

TEST(Serve, RefusesWhatItMustNotServe) {
  const TestFolder folder;
  const TestFolder temporary;
  const std::vector<std::string> environment = {"TMPDIR=" + temporary.path()};
  const auto serve = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "serve");
    return RunBinary(folder, more, "", environment);
  };
  const Ran open = serve({"--policy", LibraryPath(), "--listen", "0.0.0.0:0"});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_THAT(open.err, HasSubstr("loopback"));
  EXPECT_EQ(open.out, "");

  folder.Write("bad.vakt", "policy bad\npermit (\n");
  const Ran bad = serve({"--policy", "bad.vakt", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("bad.vakt:2:"));
  EXPECT_EQ(bad.out, "");

  const Ran none = serve({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("--policy PATH"));

  EXPECT_EQ(serve({"--policy", LibraryPath(), "--data", "none.yaml"}).exit_code, 2);
  EXPECT_EQ(serve({"--policy", LibraryPath(), "--listen", "nonsense"}).exit_code, 2);
  EXPECT_EQ(serve({"--config", "none.yaml"}).exit_code, 2);
  EXPECT_THAT(LeftIn(temporary), testing::IsEmpty());
}

TEST(Serve, AConfigurationFileWorksAndFlagsWin) {
  const TestFolder folder;
  folder.Write("serve.yaml", "listen: 127.0.0.1:1\npolicy: " + LibraryPath() + "\ndata: [" +
                                 LibraryPath("data.yaml") + "]\nworkers: 1\n");
  Child server(folder, {"serve", "--config", "serve.yaml", "--listen", "127.0.0.1:0"});
  const std::string address = server.WaitForLine("listening on http://");
  ASSERT_NE(address, "") << server.err();
  EXPECT_NE(PortOf(address), 1);
  EXPECT_THAT(Ask(PortOf(address), "ada", "atlas"), HasSubstr(R"({"decision":true)"));
  ::kill(server.pid(), SIGTERM);
  EXPECT_EQ(server.Wait(), 0);

  folder.Write("wrong.yaml", "polcy: x\n");
  const Ran wrong = RunBinary(folder, {"serve", "--config", "wrong.yaml"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr(" --> wrong.yaml:1:1\n"));
  EXPECT_THAT(wrong.err, HasSubstr("policy"));
}

TEST(Serve, ATakenPortIsSaidAndLeavesNothing) {
  const TestFolder folder;
  const TestFolder other;
  const TestFolder temporary;
  Child first(folder, ServeLibrary());
  const std::string address = first.WaitForLine("listening on http://");
  ASSERT_NE(address, "");
  std::vector<std::string> arguments = ServeLibrary();
  arguments.back() = address;
  const Ran second = RunBinary(other, arguments, "", {"TMPDIR=" + temporary.path()});
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr(address));
  EXPECT_THAT(LeftIn(temporary), testing::IsEmpty());
  ::kill(first.pid(), SIGTERM);
  EXPECT_EQ(first.Wait(), 0);
}

}  // namespace
}  // namespace portvakt::cli
