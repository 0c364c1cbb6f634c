// The `callers` of a configuration file, and how its mistakes are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/config.h"

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Faults(const std::string& text) {
  const ConfigRead read = ParseConfig(text, "f.yaml");
  std::vector<std::string> lines;
  for (const dsl::Notice& finding : read.findings) {
    lines.push_back(FindingLine(finding, read.sources));
  }
  EXPECT_EQ(read.config.has_value(), lines.empty());
  return lines;
}

TEST(ConfigCallers, AreReadWhole) {
  const ConfigRead read = ParseConfig(
      "callers:\n"
      "  keys_file: keys.json\n"
      "  certificates:\n"
      "    - { subject: 'CN=gateway,O=Byra', name: gateway, scopes: decide }\n"
      "    - subject: CN=portal\n"
      "      name: portal\n"
      "      scopes: [decide, change]\n"
      "      names_actor: true\n"
      "  issuers:\n"
      "    - issuer: https://login.example/\n"
      "      audience: portvakt\n"
      "      jwks_file: /etc/jwks.json\n"
      "      scopes: [search, change]\n"
      "      scopes_claim: scope\n"
      "      actor_claim: sub\n"
      "      actor_type: user\n"
      "    - issuer: https://other.example/\n"
      "      audience: portvakt\n"
      "      jwks_file: other.json\n"
      "      scopes: [change]\n"
      "      actor: user:eva:1\n",
      "/etc/portvakt/serve.yaml");
  ASSERT_TRUE(read.config);
  const AuthenticationOptions& callers = read.config->server.callers;
  EXPECT_EQ(callers.keys_file, "/etc/portvakt/keys.json");
  ASSERT_EQ(callers.certificates.size(), 2u);
  EXPECT_EQ(callers.certificates[0].subject, "CN=gateway,O=Byra");
  EXPECT_EQ(callers.certificates[0].caller.name, "gateway");
  EXPECT_EQ(callers.certificates[0].caller.scopes, Scopes({Scope::kDecide}));
  EXPECT_FALSE(callers.certificates[0].caller.names_actor);
  EXPECT_TRUE(callers.certificates[1].caller.names_actor);
  ASSERT_EQ(callers.issuers.size(), 2u);
  const TokenIssuerOptions& issuer = callers.issuers[0];
  EXPECT_EQ(issuer.issuer, "https://login.example/");
  EXPECT_EQ(issuer.audience, "portvakt");
  EXPECT_EQ(issuer.jwks_file, "/etc/jwks.json");
  EXPECT_EQ(issuer.scopes, Scopes({Scope::kSearch, Scope::kChange}));
  EXPECT_EQ(issuer.scopes_claim, "scope");
  EXPECT_EQ(issuer.actor_claim, "sub");
  EXPECT_EQ(issuer.actor_type, "user");
  EXPECT_EQ(callers.issuers[1].actor, (engine::EntityName{"user", "eva:1"}));
}

TEST(ConfigCallers, TellTheirMistakes) {
  const std::string certificate = "callers:\n  certificates:\n    - ";
  const std::string issuer = "callers:\n  issuers:\n    - { issuer: a, audience: b, jwks_file: c, ";
  const std::pair<std::string, const char*> rows[] = {
      {"callers: { key_file: a }\n", "f.yaml:1:12: no such key `key_file`; did you mean"},
      {certificate + "{ name: a, scopes: decide }\n", "subject"},
      {certificate + "{ subject: CN=a, scopes: decide }\n", "name"},
      {certificate + "{ subject: CN=a, name: a }\n", "scopes"},
      {certificate + "{ subject: CN=a, name: a b, scopes: decide }\n", "`name` must be 1 to 100"},
      {certificate + "{ subject: CN=a, name: a, scopes: decode }\n", "decide"},
      {certificate + "{ subject: CN=a, name: a, scopes: change }\n",
       "the scope `change` needs one of `actor` and `names_actor`"},
      {certificate +
           "{ subject: CN=a, name: a, scopes: change, actor: 'user:a', names_actor: true }\n",
       "only one of `actor` and `names_actor`"},
      {certificate + "{ subject: CN=a, name: a, scopes: change, actor: eva }\n",
       "`actor` must be a type and an id"},
      {certificate + "{ subject: CN=a, name: a, scopes: decide }\n"
                     "    - { subject: CN=a, name: b, scopes: decide }\n",
       "f.yaml:4:18: this `subject` stands here for the second time"},
      {issuer +
           "scopes: decide }\n    - { issuer: a, audience: b, jwks_file: c, scopes: decide }\n",
       "f.yaml:4:17: this `issuer` stands here for the second time"},
      {issuer + "scopes: decide, actor_claim: sub }\n", "`actor_claim` and `actor_type` need"},
      {issuer + "scopes: change }\n", "needs one of `actor`, `actor_claim` and `names_actor`"},
      {"callers:\n  issuers: [ { issuer: a, audience: b, scopes: decide } ]\n", "jwks_file"},
      {"callers:\n  issuers: [ { issuer: a, jwks_file: b, scopes: decide } ]\n", "audience"},
  };
  for (const auto& [text, fault] : rows) {
    EXPECT_THAT(Faults(text), ElementsAre(HasSubstr(fault))) << text;
  }
}

}  // namespace
}  // namespace portvakt::server
