// The C++ client in examples/clients against a running server: answers, all pages, problems, and no
// answer.
#include <gtest/gtest.h>

#include <string>

#include "examples/clients/cpp/portvakt.h"
#include "tests/server/test_world.h"

namespace {

using portvakt::Client;
using portvakt::Entity;

const Entity kDavid{"user", "david"};
const Entity kAlfa{"client", "alfa"};
const Entity kDelta{"client", "delta"};

class CppClient : public testing::Test {
 protected:
  void SetUp() override {
    const std::string root = PORTVAKT_SOURCE_DIR;
    world_.InstallPath(root + "/policies/byra");
    world_.LoadData(root + "/examples/norr/after.yaml");
    server_ = world_.ServeChanges();
  }
  Client Connect() { return Client({.url = "http://" + server_->address()}); }

  portvakt::server::TestWorld world_;
  std::unique_ptr<portvakt::server::Server> server_;
};

TEST_F(CppClient, AsksOneAndMany) {
  Client client = Connect();
  const auto may = client.May(kDavid, "bokforing.verifikation.las", kAlfa);
  ASSERT_TRUE(may) << may.error().detail;
  EXPECT_TRUE(*may);
  const auto may_not = client.May(kDavid, "bokforing.verifikation.las", kDelta);
  ASSERT_TRUE(may_not);
  EXPECT_FALSE(*may_not);
  const auto all = client.EvaluateAll({{kDavid, "bokforing.verifikation.las", kAlfa},
                                       {kDavid, "bokforing.verifikation.las", kDelta}});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_TRUE((*all)[0].permit);
  EXPECT_FALSE((*all)[1].permit);
}

TEST_F(CppClient, SearchesWhoWhereAndWhat) {
  Client client = Connect();
  const auto who = client.Subjects("user", "bokforing.verifikation.las", kAlfa);
  ASSERT_TRUE(who) << who.error().detail;
  EXPECT_EQ(*who, (std::vector<std::string>{"cia", "david"}));
  const auto where = client.Resources(kDavid, "bokforing.verifikation.las", "client");
  ASSERT_TRUE(where);
  EXPECT_EQ(*where, std::vector<std::string>{"alfa"});
  const auto what = client.Actions(kDavid, {"client", "beta"});
  ASSERT_TRUE(what);
  EXPECT_EQ(what->size(), 3u);
}

TEST_F(CppClient, TellsProblemsByTheirCodes) {
  Client client = Connect();
  const auto refused = client.Post("/v1/missing", {{"subjekt", "david"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().code, "missing_member");
  EXPECT_FALSE(refused.error().detail.empty());
}

TEST_F(CppClient, HasNoAnswerWithoutAServer) {
  Client client = Connect();
  server_.reset();
  const auto nobody = client.May(kDavid, "bokforing.verifikation.las", kAlfa);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, "no_connection");
}

}  // namespace
