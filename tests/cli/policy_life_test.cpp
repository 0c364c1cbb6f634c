// `portvakt policy` against a store and against a server that has it: the same words, the same
// effects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Policy(const char* permitted) {
  return "policy p \"Papers\"\nentity user\nentity doc\npermission read, write on doc\n"
         "context { strong : bool }\nfact user owns doc\npermit one\n    user may " +
         std::string(permitted) + " on doc\n    if  user owns doc\n";
}

class PolicyLife : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    folder_.Write("one/p.vakt", Policy("read"));
    folder_.Write("two/p.vakt", Policy("any of { read, write }"));
    folder_.Write("bad/p.vakt", Policy("raed"));
    folder_.Write("data.yaml",
                  "entities:\n  user: { ada: {}, bo: {} }\n  doc: { d: {} }\n"
                  "facts:\n  - ada owns d\n");
    const Ran ran = RunBinary(folder_, {"load", "--store", store_, "--policy", folder_.Path("one"),
                                        folder_.Path("data.yaml")});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    if (!GetParam()) return;
    server_.emplace(server_folder_, std::vector<std::string>{"serve", "--store", store_, "--listen",
                                                             "127.0.0.1:0"});
    url_ = "http://" + server_->WaitForLine("listening on http://");
    ASSERT_NE(url_, "http://") << server_->err();
  }
  Ran Do(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "policy");
    arguments.push_back(GetParam() ? "--server" : "--store");
    arguments.push_back(GetParam() ? url_ : store_);
    return RunBinary(folder_, arguments);
  }

  const TestFolder folder_;
  const TestFolder server_folder_;
  const std::string store_ = folder_.Path("store");
  std::optional<Child> server_;
  std::string url_;
};

TEST_P(PolicyLife, FromUploadToRollback) {
  const Ran upload = Do({"upload", folder_.Path("two"), "--reason", "more"});
  EXPECT_EQ(upload.exit_code, 0) << upload.err;
  EXPECT_EQ(upload.out, "version 2 of p is a candidate\n");

  const Ran diff = Do({"diff", "2"});
  EXPECT_EQ(diff.exit_code, 1);
  EXPECT_EQ(diff.out,
            "~ rule one\n"
            "    - permit one\n    -     user may read on doc\n    -     if  user owns doc\n"
            "    + permit one\n    +     user may any of { read, write } on doc\n"
            "    +     if  user owns doc\n");
  EXPECT_EQ(Do({"diff", "2", "--from", "2"}).out, "no difference\n");

  const Ran impact = Do({"impact", "2", "--context", "strong=true"});
  EXPECT_EQ(impact.exit_code, 1) << impact.err;
  EXPECT_THAT(impact.out, StartsWith("version 1 -> 2 at revision "));
  EXPECT_THAT(impact.out, HasSubstr("gained 1 (1 subject), lost 0, depends 0\n\nwrite: gained 1"));
  EXPECT_THAT(impact.out, HasSubstr("  + user:ada doc:d   no -> yes\n"));
  EXPECT_THAT(impact.out, HasSubstr("  user:ada: gained 1 lost 0 depends 0\n"));
  EXPECT_EQ(Do({"impact", "1"}).exit_code, 0);

  const Ran unexpected = Do({"activate", "2", "--expect", "0123"});
  EXPECT_EQ(unexpected.exit_code, 1);
  EXPECT_THAT(unexpected.err, HasSubstr("the active policy is version 1"));
  EXPECT_EQ(Do({"activate", "2"}).out, "version 2 of p is active\n");
  EXPECT_THAT(Do({"show", "active"}).out, HasSubstr("any of { read, write }"));
  EXPECT_EQ(Do({"rollback"}).out, "version 1 of p is active\n");
  EXPECT_EQ(Do({"rollback"}).out, "version 2 of p is active\n") << "and forth again";

  const Ran list = Do({"list"});
  EXPECT_THAT(list.out, HasSubstr("1        earlier"));
  EXPECT_THAT(list.out, HasSubstr("2        active"));
  EXPECT_THAT(list.out, HasSubstr("p \"Papers\""));
}

TEST_P(PolicyLife, WhatIsWrongIsSaid) {
  const Ran bad = Do({"upload", folder_.Path("bad")});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("PV0204"));
  const Ran missing = Do({"activate", "9"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("there is no policy version 9"));
  EXPECT_EQ(Do({"show", "nine"}).exit_code, 2);
  EXPECT_EQ(Do({"impact", "9"}).exit_code, 2);
  const Ran rollback = Do({"rollback"});
  EXPECT_EQ(rollback.exit_code, 2);
  EXPECT_THAT(rollback.err, HasSubstr("no other version was active before"));
}

INSTANTIATE_TEST_SUITE_P(OfAStoreAndAServer, PolicyLife, testing::Bool(),
                         [](const auto& one) { return one.param ? "server" : "store"; });

}  // namespace
}  // namespace portvakt::cli
