// What the agency policy says when it denies: codes of the domain, and who has been removed hears
// that first.
#include <gtest/gtest.h>

#include "engine/load.h"
#include "tests/policies/agency.h"

namespace portvakt::policies {
namespace {

// A small agency where each step of the way is missing for somebody.
World Steps() {
  World world;
  world.tenants = {{"norr", {true, false, false}},
                   {"alfa", {false, false, true}},
                   {"stopp", {false, true, false}}};
  for (const char* user : {"boss", "nobody", "licensed", "ticked", "let_in", "off", "works"}) {
    world.accounts[user] = {"norr", false};
    if (user != std::string("nobody")) world.holds.insert({user, "kh", "norr"});
  }
  world.links = {{"norr", "alfa"}, {"norr", "stopp"}};
  world.packages = {"norr"};
  world.sysadmins = {{"boss", "norr"}};
  for (const char* user : {"ticked", "let_in", "off", "works"}) {
    world.assigned.insert({user, "alfa"});
  }
  world.SetMark("let_in", "alfa", Mark::kOn);
  world.SetMark("off", "alfa", Mark::kOff);
  world.Grant("works", "alfa", "bokforing.verifikation.las");
  return world;
}

std::vector<std::string> Codes(const engine::Explanation& explanation) {
  std::vector<std::string> codes;
  for (const engine::ReasonText& reason : explanation.reasons) codes.push_back(reason.code);
  return codes;
}

TEST(AgencyReasons, NameTheFirstStepThatIsMissing) {
  const World world = Steps();
  Agency agency;
  ASSERT_TRUE(agency.LoadSentences(world.Sentences()));
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {
      {"nobody", {"not_consultant", "not_assigned", "not_active", "no_licence", "no_grant"}},
      {"licensed", {"not_assigned", "not_active", "no_grant"}},
      {"ticked", {"not_active", "no_grant"}},
      {"off", {"inactive", "no_grant"}},
      {"let_in", {"no_grant"}},
      {"works", {}}};
  for (const auto& [user, codes] : rows) {
    const auto explanation =
        agency.Explain(user, "bokforing.verifikation.las", "alfa", world, Login::kUntold);
    EXPECT_EQ(explanation.decision.permit, codes.empty()) << user;
    EXPECT_EQ(Codes(explanation), codes) << user;
  }
}

TEST(AgencyReasons, ExplainWhatWasDecidedWithCodesOfTheDomain) {
  static const std::set<std::string> known = {
      "no_admin_role", "wrong_program_admin", "not_sysadmin", "not_client_admin", "no_licence",
      "not_consultant", "not_linked", "not_assigned", "not_active", "inactive", "no_grant",
      "dormant", "user_removed", "step_up", "blocked_client", "attest_off",
      // acts that do not exist in that kind of tenant
      "no_rule"};
  const World world = Steps();
  Agency agency;
  ASSERT_TRUE(agency.LoadSentences(world.Sentences()));
  for (const auto& [user, account] : world.accounts) {
    for (const auto& [tenant, kind] : world.tenants) {
      for (const Key& key : Keys()) {
        const auto explanation = agency.Explain(user, key.name, tenant, world, Login::kSms);
        EXPECT_EQ(explanation.decision.permit, world.May(user, key.name, tenant, Login::kSms));
        EXPECT_EQ(explanation.decision.permit, explanation.reasons.empty());
        for (const std::string& code : Codes(explanation)) {
          EXPECT_EQ(known.count(code), 1u) << code << " for " << user << " " << key.name;
        }
      }
    }
  }
}

TEST(AgencyReasons, TellTheRemovedFirstThatTheyAre) {
  World world = Steps();
  for (auto& [user, account] : world.accounts) account.removed = true;
  Agency agency;
  ASSERT_TRUE(agency.LoadSentences(world.Sentences()));
  for (const auto& [user, account] : world.accounts) {
    for (const auto& [tenant, kind] : world.tenants) {
      for (const Key& key : Keys()) {
        const auto codes = Codes(agency.Explain(user, key.name, tenant, world, Login::kBankId));
        ASSERT_FALSE(codes.empty());
        // Nobody could: there is no such act in that kind of tenant.
        const bool elsewhere = ProgramOf(key.name) == "klienthanterare" && !kind.is_agency;
        if (elsewhere || codes.front() == "no_rule") continue;
        EXPECT_EQ(codes.front(), "user_removed") << user << " " << key.name << " " << tenant;
      }
    }
  }
}

}  // namespace
}  // namespace portvakt::policies
