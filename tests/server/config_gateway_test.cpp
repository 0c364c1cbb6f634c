// The section `gateway` and the key `base_url` of a configuration file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/config.h"

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

ConfigRead Parsed(const std::string& text) { return ParseConfig(text, "serve.yaml"); }

std::string Findings(const ConfigRead& read) {
  std::string text;
  for (const dsl::Notice& finding : read.findings) {
    text += FindingLine(finding, read.sources) + "\n";
  }
  return text;
}

TEST(ConfigGateway, ReadsEveryKey) {
  const ConfigRead read = Parsed(
      "base_url: https://pdp.example.com/eu\n"
      "gateway:\n"
      "  subject:\n"
      "    header: X-Auth-User\n"
      "    type: user\n"
      "    callers: [edge, edge2]\n"
      "    addresses: ['FD00:0::1']\n"
      "  tell_reasons: true\n"
      "  routes:\n"
      "    - path: /clients/{client}/payroll/{run}\n"
      "      methods: [GET, PUT]\n"
      "      permission: payroll.read\n"
      "      resource: { type: client, id: '{client}' }\n"
      "      context: { login: bankid, run: '{run}' }\n"
      "    - { path: /, permission: see, resource: { type: page, id: home } }\n");
  ASSERT_TRUE(read.config) << Findings(read);
  EXPECT_EQ(read.config->server.base_url, "https://pdp.example.com/eu");
  ASSERT_TRUE(read.config->server.gateway);
  const GatewayOptions& gateway = *read.config->server.gateway;
  EXPECT_EQ(gateway.subject.header, "X-Auth-User");
  EXPECT_EQ(gateway.subject.type, "user");
  EXPECT_THAT(gateway.subject.callers, ElementsAre("edge", "edge2"));
  EXPECT_THAT(gateway.subject.addresses, ElementsAre("fd00::1"));
  EXPECT_TRUE(gateway.tell_reasons);
  ASSERT_EQ(gateway.routes.size(), 2u);
  const RouteOptions& route = gateway.routes[0];
  EXPECT_EQ(route.path, "/clients/{client}/payroll/{run}");
  EXPECT_THAT(route.methods, ElementsAre("GET", "PUT"));
  EXPECT_EQ(route.permission, "payroll.read");
  EXPECT_EQ(route.resource_type, "client");
  EXPECT_EQ(route.resource_id, "{client}");
  EXPECT_THAT(route.context, ElementsAre(Pair("login", "bankid"), Pair("run", "{run}")));
  EXPECT_TRUE(gateway.routes[1].methods.empty());
}

TEST(ConfigGateway, TellsMistakesWithTheirPlaces) {
  const std::string route = "permission: p, resource: { type: t, id: i }";
  const std::pair<std::string, std::string> rows[] = {
      {"base_url: pdp.example.com\n", "serve.yaml:1:11: `base_url` must begin with `https://`"},
      {"gateway: { rutes: [] }\n", "did you mean `routes`?"},
      {"gateway: { subject: { header: X-User, type: user } }\n", "of anybody"},
      {"gateway: { subject: { header: X-User, callers: [a] } }\n", "no `type`"},
      {"gateway:\n  routes:\n    - { path: /a }\n", "serve.yaml:3:7: there is no `permission`"},
      {"gateway:\n  routes:\n    - { path: /a, permission: p, resource: { type: t, id: {b} } }\n",
       "serve.yaml:3:"},
      {"gateway:\n  routes:\n    - { path: /a, " + route + " }\n    - { path: a, " + route + " }\n",
       "serve.yaml:4:7: the route of `a` must begin with a slash"},
      {"gateway:\n  routes:\n    - { path: /a, " + route + " }\n    - { path: /a, " + route +
           " }\n",
       "serve.yaml:4:7: the route of `/a` takes the same paths as `/a` (route 1)"},
  };
  for (const auto& [text, reason] : rows) {
    const ConfigRead read = Parsed(text);
    EXPECT_FALSE(read.config) << text;
    EXPECT_THAT(Findings(read), HasSubstr(reason)) << text;
  }
}

}  // namespace
}  // namespace portvakt::server
