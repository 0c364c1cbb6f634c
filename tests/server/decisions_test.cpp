// The decision interface over a real engine: what is unknown denies, the reason says so, context
// and properties count under the names of the policy, and the same question gets the same bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/handlers.h"
#include "server/json.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

constexpr char kPolicy[] = R"(policy office "An office"

context { login : enum { password < sms < bankid } }

entity user
open entity doc { ownerID : string from request }

permission read, write, sign, burn on doc

permit reading
    user may read on doc
    if  doc.ownerID is "ada"  else not_hers "{doc} is not Ada's"

permit signing
    user may sign on doc
    if  context.login is at least bankid  else weak_login "log in with BankID first"

permit writing
    user may write on doc

note duty "write it down"
    user may write on doc
)";

class DecisionsTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.InstallText(kPolicy);
    world_.LoadYaml("entities: { user: { ada: {}, bo: {} } }\n");
    session_ = std::make_unique<engine::Session>(std::move(*world_.engine().NewSession()));
  }

  // An answer's text, asked twice.
  std::string Ask(const std::string& body, bool explain) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/access/v1/evaluation";
    request.fields = {{"Content-Type", "application/json"}};
    if (explain) request.fields.emplace_back("Portvakt-Explain", "true");
    request.body = body;
    Service service(world_.engine());
    const Peer peer;
    Answering answering{*session_, service, peer, false, nullptr, {}};
    const HttpResponse first = std::get<HttpResponse>(Answer(request, answering));
    const HttpResponse second = std::get<HttpResponse>(Answer(request, answering));
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(first.status, 200) << first.body;
    return first.body;
  }

  static std::string Body(const std::string& subject, const std::string& action,
                          const std::string& resource, const std::string& more = "") {
    return R"({"subject":{)" + subject + R"(},"action":{"name":")" + action + R"("},"resource":{)" +
           resource + "}" + more + "}";
  }

  TestWorld world_;
  std::unique_ptr<engine::Session> session_;
};

std::string PrimaryReason(const std::string& answer) {
  const JsonRead read = ReadJson(answer);
  const JsonValue* context = read.value ? read.value->Find("context") : nullptr;
  const JsonValue* reasons = context == nullptr ? nullptr : context->Find("reasons");
  if (reasons == nullptr || reasons->elements().empty()) return "";
  return reasons->elements().front().Find("code")->text();
}

TEST_F(DecisionsTest, DeniesWhatIsUnknownAndSaysSo) {
  const std::string user = R"("type":"user","id":"ada")";
  const std::string doc = R"("type":"doc","id":"1")";
  const std::string long_id = R"("type":"doc","id":")" + std::string(5000, 'x') + "\"";
  struct Row {
    std::string body;
    std::string code;
  };
  const Row rows[] = {
      {Body(R"("type":"moon","id":"ada")", "read", doc), "unknown_type"},
      {Body(R"("type":"","id":"")", "read", doc), "unknown_type"},
      {Body(user, "read", R"("type":"Doc","id":"1")"), "unknown_type"},
      {Body(user, "fly", doc), "unknown_permission"},
      {Body(user, "Read", doc), "unknown_permission"},
      {Body(user, "", doc), "unknown_permission"},
      {Body(R"("type":"user","id":"nobody")", "read", doc), "unknown_entity"},
      {Body(R"("type":"user","id":"")", "read", doc), "unknown_entity"},
      {Body(R"("type":"user","id":"Ada")", "read", doc), "unknown_entity"},
      {Body(R"("type":"user","id":")" + std::string(5000, 'x') + "\"", "read", doc),
       "unknown_entity"},
      {Body(user, "burn", doc), "no_rule"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Ask(row.body, false), R"({"decision":false})") << row.body;
    EXPECT_EQ(PrimaryReason(Ask(row.body, true)), row.code) << row.body;
  }
}

TEST_F(DecisionsTest, TakesPropertiesAndContextUnderThePolicysNames) {
  const std::string user = R"("type":"user","id":"ada")";
  const std::string doc = R"("type":"doc","id":"1")";
  const auto owned = [&](const std::string& owner) {
    return doc + R"(,"properties":{"ownerID":)" + owner + R"(,"other":{"x":[1]}})";
  };
  const auto login = [](const std::string& value) {
    return R"(,"context":{"login":)" + value + R"(,"ip":"x"})";
  };
  struct Row {
    std::string body;
    bool permit;
    std::string code;
  };
  const Row rows[] = {
      {Body(user, "read", owned(R"("ada")")), true, ""},
      {Body(user, "read", owned(R"("bo")")), false, "not_hers"},
      // Not supplied, or of another type, is unknown, and unknown never permits.
      {Body(user, "read", doc), false, "not_hers"},
      {Body(user, "read", owned("null")), false, "not_hers"},
      {Body(user, "read", owned("7")), false, "not_hers"},
      {Body(user, "read", owned(R"({"ada":"ada"})")), false, "not_hers"},
      {Body(user, "read", doc + R"(,"properties":{"ownerid":"ada"})"), false, "not_hers"},
      {Body(user, "sign", doc, login(R"("bankid")")), true, ""},
      {Body(user, "sign", doc, login(R"("sms")")), false, "weak_login"},
      {Body(user, "sign", doc, login(R"("BankID")")), false, "weak_login"},
      {Body(user, "sign", doc, R"(,"context":{"Login":"bankid"})"), false, "weak_login"},
      {Body(user, "sign", doc, R"(,"context":{})"), false, "weak_login"},
      {Body(user, "sign", doc), false, "weak_login"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Ask(row.body, false), row.permit ? R"({"decision":true})" : R"({"decision":false})")
        << row.body;
    EXPECT_EQ(PrimaryReason(Ask(row.body, true)), row.code) << row.body;
  }
  EXPECT_THAT(Ask(Body(user, "sign", doc), true),
              HasSubstr("\"missing_context\":[\"context.login\"]"));
}

TEST_F(DecisionsTest, TellsObligationsWithoutBeingAsked) {
  EXPECT_EQ(
      Ask(Body(R"("type":"user","id":"ada")", "write", R"("type":"doc","id":"1")"), false),
      R"({"decision":true,"context":{"obligations":[{"id":"duty","text":"write it down"}]}})");
}

TEST_F(DecisionsTest, ShowsEachRuleWithItsPlace) {
  const std::string answer =
      Ask(Body(R"("type":"user","id":"ada")", "sign", R"("type":"doc","id":"1")"), true);
  EXPECT_THAT(answer,
              HasSubstr(R"("name":"signing","place":"test.vakt:14:8","verdict":"unknown")"));
  EXPECT_THAT(answer, HasSubstr(R"("place":"test.vakt:16:9",)"
                                R"("text":"context.login is at least bankid")"));
  EXPECT_THAT(answer, HasSubstr("log in with BankID first"));
}

// Data and policies that change while the server runs are seen by the next request.
TEST_F(DecisionsTest, SeesTheNewestRevision) {
  const std::string body = Body(R"("type":"user","id":"cia")", "write", R"("type":"doc","id":"1")");
  EXPECT_EQ(Ask(body, false), R"({"decision":false})");
  world_.LoadYaml("entities: { user: { cia: {} } }\n");
  EXPECT_THAT(Ask(body, false), HasSubstr(R"("decision":true)"));
  world_.InstallText("policy closed\n\nentity user\nopen entity doc\n\npermission write on doc\n");
  EXPECT_EQ(Ask(body, false), R"({"decision":false})");
}

}  // namespace
}  // namespace portvakt::server
