// The data interface of the Open Policy Agent, as its callers know it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/server/gateway_world.h"
#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

class OpaTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallText(kPayrollPolicy);
    world_.LoadYaml(kPayrollData);
    server_ = world_.Serve();
  }
  TestResponse Post(const std::string& path, const std::string& body,
                    const std::string& fields = "") {
    return Fetch(server_->port(), "POST", path, body, fields).value_or(TestResponse{});
  }
  static std::string Input(const std::string& user, const std::string& action,
                           const std::string& more = "") {
    return R"({"input":{"subject":{"type":"user","id":")" + user + R"("},"action":{"name":")" +
           action + R"("},"resource":{"type":"client","id":"alfa"})" + more + "}}";
  }

  TestWorld world_;
  std::unique_ptr<Server> server_;
};

constexpr char kAllow[] = "/v1/data/portvakt/allow";

TEST_F(OpaTest, AnswersTrueOrFalse) {
  EXPECT_EQ(Post(kAllow, Input("ada", "payroll.read")).body, R"({"result":true})");
  EXPECT_EQ(Post(kAllow, Input("bo", "payroll.read")).body, R"({"result":false})");
  EXPECT_EQ(Post(kAllow, Input("ada", "payroll.write")).body, R"({"result":false})");
  const std::string context = R"(,"context":{"login":"bankid","run":"1"})";
  const auto answer =
      Post(std::string(kAllow) + "?pretty=true&metrics", Input("ada", "payroll.write", context));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"result":true})");
  EXPECT_EQ(answer.Field("Content-Type"), "application/json");
}

TEST_F(OpaTest, TellsGatewaysThatWantAnObject) {
  const std::string decision = "/v1/data/portvakt/decision";
  EXPECT_EQ(Post(decision, Input("ada", "payroll.read")).body, R"({"result":{"allow":true}})");
  EXPECT_EQ(Post(decision, Input("bo", "payroll.read")).body,
            R"({"result":{"allow":false,"status_code":403,"reason":"alfa is not for bo to see"}})");
}

TEST_F(OpaTest, HasNoOtherDocuments) {
  for (const char* path : {"/v1/data/", "/v1/data/portvakt", "/v1/data/portvakt/allow/",
                           "/v1/data/httpapi/authz/allow"}) {
    const auto answer = Post(path, Input("ada", "payroll.read"));
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, "{}") << path;
  }
}

TEST_F(OpaTest, RefusesInputsThatSayTooLittle) {
  const std::pair<std::string, std::string> rows[] = {
      {"", "cannot be read"},
      {"{", "cannot be read"},
      {R"({"input":1,"input":2})", "twice"},
      {"[]", "`/input`"},
      {"{}", "`/input`"},
      {R"({"subject":{"type":"user","id":"ada"}})", "`/input`"},
      {R"({"input":null})", "`/input`"},
      {R"({"input":[]})", "`/input`"},
      {R"({"input":{}})", "`/input/subject`"},
      {R"({"input":{"subject":{"type":"user"}}})", "`/input/subject/id`"},
      {Input("ada", "payroll.read", R"(,"context":[])"), "`/input/context`"},
  };
  for (const auto& [body, reason] : rows) {
    const auto answer = Post(kAllow, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(CodeOf(answer), "invalid_parameter") << body;
    EXPECT_THAT(answer.body, HasSubstr("\"message\":")) << body;
    EXPECT_THAT(answer.body, HasSubstr(reason)) << body;
  }
}

TEST_F(OpaTest, AsksForNoContentType) {
  TestConnection connection(server_->port());
  const std::string body = Input("ada", "payroll.read");
  connection.Send("POST /v1/data/portvakt/allow HTTP/1.1\r\nHost: a\r\n" + Length(body) +
                  "Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body);
  const auto answer = connection.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, R"({"result":true})");
}

TEST_F(OpaTest, FailsWithoutAPolicy) {
  TestWorld empty;
  const auto server = empty.Serve();
  const auto answer = Fetch(server->port(), "POST", kAllow, Input("ada", "payroll.read"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(CodeOf(*answer), "internal_error");
}

}  // namespace
}  // namespace portvakt::server
