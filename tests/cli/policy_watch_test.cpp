// `serve --watch`: policy files decide when they are saved and check, and what does not check is
// told and changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <csignal>
#include <functional>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;

std::string Policy(const char* permitted) {
  return "policy p\nopen entity user\nopen entity doc\npermission read, write on doc\n"
         "permit one\n    user may " +
         std::string(permitted) + " on doc\n";
}

class Watching : public testing::Test {
 protected:
  void Serve(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"serve", "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_.emplace(server_folder_, arguments);
    url_ = "http://" + server_->WaitForLine("listening on http://");
    ASSERT_NE(url_, "http://") << server_->err();
  }
  bool May(const std::string& permission) {
    return RunBinary(folder_, {"can", "user:ada", permission, "doc:d", "--server", url_})
               .exit_code == 0;
  }
  // Far beyond what it needs.
  static bool Soon(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      if (holds()) return true;
      ::poll(nullptr, 0, 50);  // milliseconds between looks
    }
    return false;
  }

  const TestFolder folder_;
  const TestFolder server_folder_;
  std::optional<Child> server_;
  std::string url_;
};

TEST_F(Watching, ChangedFilesDecideIfTheyCheck) {
  const std::string file = folder_.Write("p/p.vakt", Policy("read"));
  Serve({"--policy", folder_.Path("p"), "--watch"});
  EXPECT_TRUE(May("read"));

  folder_.Write("p/p.vakt", Policy("write"));
  EXPECT_TRUE(Soon([&] { return May("write"); })) << server_->err();
  EXPECT_FALSE(May("read"));
  EXPECT_THAT(server_->err(), HasSubstr("\"event\":\"policy_activated\""));

  folder_.Write("p/p.vakt", Policy("raed"));
  EXPECT_TRUE(Soon([&] { return server_->err().find("policy_refused") != std::string::npos; }));
  EXPECT_THAT(server_->err(), HasSubstr("\"code\":\"PV0204\""));
  EXPECT_THAT(server_->err(), HasSubstr("\"line\":6"));
  EXPECT_TRUE(May("write")) << "the last one that checked goes on";

  folder_.Write("p/p.vakt", Policy("read"));
  EXPECT_TRUE(Soon([&] { return May("read"); })) << server_->err();
  ::kill(server_->pid(), SIGTERM);
  EXPECT_EQ(server_->Wait(), 0);
}

TEST_F(Watching, MayBeConfiguredAndNeedsFiles) {
  folder_.Write("p/p.vakt", Policy("read"));
  folder_.Write("c.yaml", "policy: p\nwatch: true\n");
  Serve({"--config", folder_.Path("c.yaml")});
  folder_.Write("p/p.vakt", Policy("write"));
  EXPECT_TRUE(Soon([&] { return May("write"); })) << server_->err();

  const Ran nothing = RunBinary(folder_, {"serve", "--store", folder_.Path("s"), "--watch"});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("--policy"));
}

}  // namespace
}  // namespace portvakt::cli
