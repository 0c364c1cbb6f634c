// The document by which clients find the endpoints.
#include "server/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

constexpr char kPath[] = "/.well-known/authzen-configuration";

std::unique_ptr<Server> ServeAs(TestWorld& world, const std::string& base_url) {
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.workers = 1;
  options.base_url = base_url;
  auto server = Server::Start(world.engine(), options);
  if (server.ok()) return std::move(*server);
  ADD_FAILURE() << server.error().message;
  return nullptr;
}

TEST(Discovery, TellsTheEndpointsUnderTheConfiguredAddress) {
  TestWorld world;
  const auto server = ServeAs(world, "https://pdp.example.com");
  ASSERT_NE(server, nullptr);
  const auto response = Fetch(server->port(), "GET", kPath, "", "X-Request-ID: 7\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->Field("Content-Type"), "application/json");
  EXPECT_EQ(response->Field("Cache-Control"), "max-age=3600");
  EXPECT_EQ(response->Field("X-Request-ID"), "7");
  EXPECT_EQ(response->body,
            R"({"policy_decision_point":"https://pdp.example.com",)"
            R"("access_evaluation_endpoint":"https://pdp.example.com/access/v1/evaluation",)"
            R"("access_evaluations_endpoint":"https://pdp.example.com/access/v1/evaluations",)"
            R"("search_subject_endpoint":"https://pdp.example.com/access/v1/search/subject",)"
            R"("search_resource_endpoint":"https://pdp.example.com/access/v1/search/resource",)"
            R"("search_action_endpoint":"https://pdp.example.com/access/v1/search/action"})");
}

TEST(Discovery, PutsThePathOfATenantAfterTheWellKnownOne) {
  TestWorld world;
  const auto server = ServeAs(world, "https://example.com:8443/eu/tenant1");
  ASSERT_NE(server, nullptr);
  const std::string path = std::string(kPath) + "/eu/tenant1";
  const auto response = Fetch(server->port(), "GET", path);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body,
              HasSubstr(R"("policy_decision_point":"https://example.com:8443/eu/tenant1",)"));
  EXPECT_THAT(response->body, HasSubstr("https://example.com:8443/eu/tenant1/access/v1/search/"));
  for (const std::string& other :
       {std::string(kPath), std::string(kPath) + "/", std::string(kPath) + "/eu", path + "/"}) {
    const auto refused = Fetch(server->port(), "GET", other);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 404) << other;
    EXPECT_THAT(refused->body, HasSubstr(path)) << other;
  }
}

TEST(Discovery, TakesTheListenAddressWhereNothingIsConfiguredAndNeverTheHostField) {
  TestWorld world;
  const auto server = ServeAs(world, "");
  ASSERT_NE(server, nullptr);
  TestConnection connection(server->port());
  connection.Send("GET " + std::string(kPath) + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  const auto response = connection.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body,
              HasSubstr(R"("policy_decision_point":"http://)" + server->address() + "\""));
  EXPECT_THAT(response->body, testing::Not(HasSubstr("evil")));
}

TEST(Discovery, TakesGetAlone) {
  TestWorld world;
  const auto server = ServeAs(world, "");
  ASSERT_NE(server, nullptr);
  const auto response = Fetch(server->port(), "POST", kPath, "{}");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 405);
  EXPECT_EQ(response->Field("Allow"), "GET, HEAD");
}

TEST(Discovery, SaysWhatToConfigureOnAllAddresses) {
  EXPECT_EQ(DerivedBaseUrl("0.0.0.0:8443", true), "");
  EXPECT_EQ(DerivedBaseUrl("[::]:8443", true), "");
  EXPECT_EQ(DerivedBaseUrl("10.1.2.3:8443", true), "https://10.1.2.3:8443");
  EXPECT_EQ(DerivedBaseUrl("[::1]:8080", false), "http://[::1]:8080");
  HttpRequest request;
  request.target = kPath;
  const HttpResponse response = Discover(request, nullptr);
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("`base_url`"));
}

TEST(Discovery, RefusesBaseUrlsThatClientsCouldMisread) {
  for (const char* url : {"https://pdp.example.com", "https://pdp.example.com:8443/a-b/c_d",
                          "http://127.0.0.1:8080", "https://[::1]:8443", "https://10.0.0.1"}) {
    EXPECT_EQ(BaseUrlFault(url), std::nullopt) << url;
  }
  const std::pair<std::string, std::string> rows[] = {
      {"pdp.example.com", "https://"},
      {"ftp://pdp.example.com", "https://"},
      {"http://pdp.example.com", "own machine"},
      {"http://localhost.example.com", "own machine"},
      {"HTTPS://pdp.example.com", "https://"},
      {"https://", "host"},
      {"https:///path", "host"},
      {"https://:8443", "host"},
      {"https://pdp example", "host"},
      {"https://pdp.example.com/", "slash"},
      {"https://pdp.example.com/a/", "slash"},
      {"https://pdp.example.com/a//b", "path"},
      {"https://pdp.example.com/a%2fb", "path"},
      {"https://pdp.example.com?x=1", "query"},
      {"https://pdp.example.com/#x", "fragment"},
      {"https://user@pdp.example.com", "user"},
      {"https://" + std::string(2000, 'a'), "2000 bytes"},
  };
  for (const auto& [url, reason] : rows) {
    const auto fault = BaseUrlFault(url);
    ASSERT_TRUE(fault) << url;
    EXPECT_THAT(*fault, HasSubstr(reason)) << url;
  }
  TestWorld world;
  Server::Options options;
  options.listen = "127.0.0.1:0";
  options.base_url = "pdp.example.com";
  const auto server = Server::Start(world.engine(), options);
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message, HasSubstr("`base_url` must begin with `https://`"));
}

}  // namespace
}  // namespace portvakt::server
