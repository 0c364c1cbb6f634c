// The same command gives the same output of a store and of a server that has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;

const std::string kRoot = PORTVAKT_SOURCE_DIR;

using Arguments = std::vector<std::string>;

Arguments With(Arguments arguments, const std::string& option, const std::string& value) {
  arguments.push_back(option);
  arguments.push_back(value);
  return arguments;
}

class AskingAServer : public testing::Test {
 protected:
  // Each child writes below its folder, so the server has one of its own.
  void Serve(const Arguments& more) {
    Arguments arguments = {"serve", "--store", store_, "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_.emplace(server_folder_, arguments);
    url_ = "http://" + server_->WaitForLine("listening on http://");
    ASSERT_NE(url_, "http://") << server_->err();
  }
  void Load() {
    const Ran ran =
        RunBinary(folder_, {"load", "--store", store_, "--policy", kRoot + "/policies/byra",
                            kRoot + "/examples/norr/after.yaml"});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  }
  Ran AskServer(const Arguments& arguments) {
    return RunBinary(folder_, With(arguments, "--server", url_));
  }
  Ran AskStore(const Arguments& arguments) {
    return RunBinary(folder_, With(arguments, "--store", store_));
  }

  const TestFolder folder_;
  const TestFolder server_folder_;
  const std::string store_ = folder_.Path("store");
  std::optional<Child> server_;
  std::string url_;
};

TEST_F(AskingAServer, QuestionsHaveTheSameAnswers) {
  Load();
  const std::vector<Arguments> questions = {
      {"can", "david", "bokforing.verifikation.skapa", "alfa"},
      {"can", "david", "bokforing.oppna", "gamma", "--why"},
      {"can", "david", "bokforing.oppna", "client:gamma", "--why", "--format", "json"},
      {"can", "david", "bankkopplingar.bankkonto.andra", "client:alfa"},
      {"who-can", "bokforing.verifikation.skapa", "alfa"},
      {"who-can", "bokforing.period.stang", "period:none"},
      {"what-can", "david", "client:alfa"},
      {"where-can", "david", "bokforing.oppna", "--format", "json"},
      {"find", "david listed for ?"},
      {"missing", "david", "bokforing.oppna", "client:gamma", "--actor", "bo"},
      {"missing", "david", "bokforing.oppna", "client:gamma", "--format", "json"},
      {"missing", "david", "bokforing.oppna", "client:gamma", "--plans", "1"},
      {"missing", "david", "bokforing.oppna", "client:gamma", "--plans", "50"},
      {"matrix", "--subject", "david"},
      {"matrix", "--subject", "david", "--format", "json"},
      {"status"},
      {"history", "--entity", "user:david"},
      {"history", "--operator", "--limit", "3"},
  };
  std::vector<Ran> of_store;
  for (const Arguments& question : questions) of_store.push_back(AskStore(question));
  Serve({});
  for (size_t i = 0; i < questions.size(); ++i) {
    const Ran of_server = AskServer(questions[i]);
    std::string title;
    for (const std::string& word : questions[i]) title += word + " ";
    EXPECT_EQ(of_server.out, of_store[i].out) << title;
    EXPECT_EQ(of_server.err, of_store[i].err) << title;
    EXPECT_EQ(of_server.exit_code, of_store[i].exit_code) << title;
  }
}

TEST_F(AskingAServer, WhatItDoesNotTakeIsSaid) {
  Load();
  Serve({});
  const Ran audit = AskServer({"audit", "verify"});
  EXPECT_EQ(audit.exit_code, 2);
  EXPECT_THAT(audit.err, HasSubstr("run it with --store where the store lies"));
  const Ran by_operator = AskServer({"change", "--operator", "david assigned_to gamma"});
  EXPECT_EQ(by_operator.exit_code, 2);
  EXPECT_THAT(by_operator.err, HasSubstr("a server knows no operator"));
  const Ran change = AskServer({"change", "--actor", "bo", "david assigned_to gamma"});
  EXPECT_EQ(change.exit_code, 2);
  EXPECT_THAT(change.err, HasSubstr("--trust-callers"));
  const Ran now = AskServer({"can", "david", "enter", "alfa", "--now", "2026-01-01"});
  EXPECT_THAT(now.err, HasSubstr("a server decides by its own clock"));
}

TEST_F(AskingAServer, AServerThatIsNotThereIsNoDeny) {
  url_ = "http://127.0.0.1:1";
  const Ran nobody = AskServer({"can", "david", "enter", "alfa"});
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("the server at 127.0.0.1:1 does not answer"));
  for (const char* url : {"https://a b", "https://u:p@127.0.0.1", "https://[::1",
                          "https://127.0.0.1:0", "http://192.0.2.1:80", "127.0.0.1:80", "http://",
                          "http://127.0.0.1:0", "http://127.0.0.1:80/path"}) {
    url_ = url;
    const Ran wrong = AskServer({"can", "david", "enter", "alfa"});
    EXPECT_EQ(wrong.exit_code, 2) << url;
    EXPECT_THAT(wrong.err, HasSubstr("is no server; write http://127.0.0.1:8080")) << url;
  }
}

}  // namespace
}  // namespace portvakt::cli
