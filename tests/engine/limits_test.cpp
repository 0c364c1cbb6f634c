// What no change may break: limits by distance, for every binding that was there before.
#include <gmock/gmock.h>

#include "tests/engine/limit_world.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kOffice = R"(policy office
entity person
entity agency
entity client { keeper : agency optional }
entity tenant is agency or client
entity user { person : person  home : tenant }
permission administer in tenant
licence kh held by user from agency
licence full held by user from agency
licence works held by user from tenant
role boss on tenant held by user gives administer
role chief on tenant held by user includes boss
role clerk on tenant held by user
fact agency serves client
fact user assigned_to client
fact user removed
fact user prepares client
fact user approves client
fact user on_call for client
fact agency below agency as other transitive

define user reaches tenant
  if  user.home is tenant
  or  ( user.home serves tenant and user assigned_to tenant )
define user runs tenant
  if  user is boss on tenant
  and user holds works from user.home
  and user reaches tenant
  unless user removed

permit bosses
  user may administer in tenant
  if user is boss on tenant

limit no_free_licence "every {licence} of {agency} is in use"
  for every agency, licence
  at most seats of licence in agency user: user holds licence from agency
limit last_boss "{tenant} would be without a boss"
  for every tenant
  at least 1 user: user runs tenant
limit two_clerks "{tenant} has clerks enough"
  for every tenant
  at most 2 user: user is clerk on tenant
limit four_eyes "{client}: {user} prepares, {other} approves, and they are one person"
  for every user, user as other, client
  not ( user prepares client and other approves client and user.person is other.person )
limit called_are_assigned "{user} is on call for {client} without being assigned"
  for every user, client
  ( not user on_call for client or user assigned_to client )
limit own_top "{agency} is below itself"
  for every agency
  not agency below agency
)";

constexpr const char* kData = R"(
entities:
  person: { p1: , p2: , p3: }
  agency: { norr: , syd: , vast: }
  client: { alfa: , beta: }
  user:
    anna: { person: p1, home: norr }
    bo: { person: p1, home: norr }
    cia: { person: p2, home: norr }
    dan: { person: p3, home: alfa }
    eva: { person: p3, home: syd }
facts:
  - seats of kh in norr is 2
  - seats of full in norr is 1
  - seats of works in norr is 3
  - seats of works in alfa is 1
  - norr serves alfa
  - anna assigned_to alfa
  - anna holds kh from norr
  - anna holds works from norr
  - anna is boss on norr
  - anna is chief on alfa
  - cia holds works from norr
  - bo is clerk on norr
  - cia is clerk on norr
  - norr below syd
)";

class LimitsTest : public testing::Test {
 protected:
  std::string Would(const std::string& line) { return world_.Would({line}); }
  LimitWorld world_{kOffice, kData};
};

const std::string kFullKh = "no_free_licence: every kh of norr is in use";
const std::string kNoBossNorr = "last_boss: norr would be without a boss";
const std::string kNoBossAlfa = "last_boss: alfa would be without a boss";

TEST_F(LimitsTest, SeatsAreTakenOnlyWhileOneIsFree) {
  EXPECT_EQ(world_.Broken({"add holds user:bo kh agency:norr"}), "");
  EXPECT_EQ(Would("add holds user:cia kh agency:norr"), kFullKh);
  EXPECT_EQ(Would("add holds user:cia kh agency:syd"),
            "no_free_licence: every kh of syd is in use");
  EXPECT_EQ(Would("add holds user:bo kh agency:norr"), "") << "he has one";
  EXPECT_EQ(Would("add seats agency:norr kh 3"), "");
  EXPECT_EQ(Would("remove seats agency:norr kh 1"), kFullKh);
  EXPECT_EQ(Would("remove holds user:bo kh agency:norr"), "");
  EXPECT_EQ(
      world_.Would({"remove holds user:bo kh agency:norr", "add holds user:cia kh agency:norr"}),
      "");
  EXPECT_EQ(world_.Would({"add seats agency:norr kh 3", "add holds user:cia kh agency:norr"}), "");
  EXPECT_EQ(Would("add holds user:cia full agency:norr"), "");
}

TEST_F(LimitsTest, LoweringSeatsBelowUseNamesTheHolders) {
  world_.Step({"add holds user:bo kh agency:norr"});
  const ChangeVerdict verdict = world_.Step({"remove seats agency:norr kh 1"});
  ASSERT_EQ(verdict.limits.size(), 1u);
  const LimitReport& report = verdict.limits[0];
  EXPECT_THAT(report.conflicting,
              ElementsAre(EntityName{"user", "anna"}, EntityName{"user", "bo"}));
  EXPECT_EQ(report.count, 2);
  EXPECT_EQ(report.bound, 1);
  EXPECT_TRUE(report.counted);
  EXPECT_FALSE(report.at_least);
  EXPECT_THAT(report.binding, ElementsAre(std::pair<std::string, std::string>("agency", "norr"),
                                          std::pair<std::string, std::string>("licence", "kh")));
  EXPECT_EQ(report.remedy, "order another seat of kh in norr, or take one from anna or bo");
}

TEST_F(LimitsTest, FreezeNothingThatOthersBroke) {
  // Two hold, none is owned: broken by two.
  world_.Step({"add holds user:bo kh agency:norr"});
  world_.Step({"remove seats agency:norr kh 0"});
  EXPECT_EQ(Would("remove holds user:bo kh agency:norr"), "");
  EXPECT_EQ(Would("add seats agency:norr kh 1"), "");
  EXPECT_EQ(Would("add holds user:cia kh agency:norr"), kFullKh);
  EXPECT_EQ(Would("add holds user:cia works agency:norr"), "");
  EXPECT_EQ(
      world_.Would({"remove holds user:bo kh agency:norr", "add holds user:cia kh agency:norr"}),
      "")
      << "no further away than before";
}

TEST_F(LimitsTest, TheLastOneStaysWhateverTakesHimAway) {
  EXPECT_EQ(Would("remove role user:anna boss agency:norr"), kNoBossNorr);
  EXPECT_EQ(Would("remove role user:anna chief client:alfa"), kNoBossAlfa) << "by inclusion";
  EXPECT_EQ(Would("remove holds user:anna works agency:norr"), kNoBossNorr + "; " + kNoBossAlfa);
  EXPECT_EQ(Would("remove fact serves agency:norr client:alfa"), kNoBossAlfa);
  EXPECT_EQ(Would("remove fact assigned_to user:anna client:alfa"), kNoBossAlfa);
  EXPECT_EQ(Would("add fact removed user:anna"), kNoBossNorr + "; " + kNoBossAlfa);
  EXPECT_EQ(Would("change attribute user:anna home=agency:syd"), kNoBossNorr + "; " + kNoBossAlfa);
  EXPECT_EQ(Would("add fact removed user:cia"), "");
  EXPECT_EQ(Would("remove role user:bo clerk agency:norr"), "");
  world_.Step({"add role user:cia boss agency:norr"});
  EXPECT_EQ(Would("remove role user:anna boss agency:norr"), "");
  EXPECT_EQ(Would("add fact removed user:anna"), kNoBossAlfa);
  EXPECT_EQ(world_.Would({"remove role user:anna boss agency:norr", "add fact removed user:cia"}),
            kNoBossNorr);
}

TEST_F(LimitsTest, DeletingTheLastOneNamesWhatHeLeaves) {
  const std::vector<std::string> leaving = {
      "remove fact assigned_to user:anna client:alfa", "remove holds user:anna kh agency:norr",
      "remove holds user:anna works agency:norr",      "remove role user:anna boss agency:norr",
      "remove role user:anna chief client:alfa",       "remove entity user:anna"};
  EXPECT_EQ(world_.Would(leaving), kNoBossNorr + "; " + kNoBossAlfa);
}

TEST_F(LimitsTest, WhatGoesOrComesIsNotHeldToAccount) {
  EXPECT_EQ(world_.Would({"add entity client:new"}), "") << "a new one has no boss yet";
  EXPECT_EQ(
      world_.Would({"remove fact serves agency:norr client:alfa",
                    "remove fact assigned_to user:anna client:alfa",
                    "remove role user:anna chief client:alfa",
                    "change attribute user:dan home=client:beta", "remove entity client:alfa"}),
      "");
  world_.Step({"add entity client:new"});
  EXPECT_EQ(world_.Would({"add role user:anna boss client:new"}), "");
  EXPECT_EQ(world_.Would({"add entity user:new person=person:p1 home=agency:norr",
                          "remove role user:anna boss agency:norr"}),
            kNoBossNorr);
}

TEST_F(LimitsTest, AtMostCountsThoseWhoComeTo) {
  EXPECT_EQ(Would("add role user:anna clerk agency:norr"), "two_clerks: norr has clerks enough");
  EXPECT_EQ(Would("add role user:anna clerk agency:syd"), "");
  EXPECT_EQ(world_.Would(
                {"remove role user:bo clerk agency:norr", "add role user:anna clerk agency:norr"}),
            "");
  const ChangeVerdict verdict = world_.Step({"add role user:anna clerk agency:norr"});
  EXPECT_EQ(verdict.limits.at(0).remedy, "take one away first: anna, bo or cia");
}

TEST_F(LimitsTest, DutiesAreKeptApartByPerson) {
  world_.Step({"add fact prepares user:anna client:beta"});
  EXPECT_EQ(Would("add fact approves user:cia client:beta"), "");
  EXPECT_EQ(Would("add fact approves user:bo client:alfa"), "");
  EXPECT_EQ(Would("add fact approves user:bo client:beta"),
            "four_eyes: beta: anna prepares, bo approves, and they are one person");
  EXPECT_EQ(Would("add fact approves user:anna client:beta"),
            "four_eyes: beta: anna prepares, anna approves, and they are one person");
  world_.Step({"add fact approves user:cia client:beta"});
  const ChangeVerdict verdict = world_.Step({"change attribute user:cia person=person:p1"});
  ASSERT_EQ(verdict.limits.size(), 1u);
  EXPECT_EQ(verdict.limits[0].text, "beta: anna prepares, cia approves, and they are one person");
  EXPECT_THAT(verdict.limits[0].conflicting,
              ElementsAre(EntityName{"user", "anna"}, EntityName{"user", "cia"},
                          EntityName{"client", "beta"}));
  EXPECT_NE(verdict.limits[0].remedy.find("\"anna prepares beta\""), std::string::npos);
}

TEST_F(LimitsTest, ConditionsMustGoOnHolding) {
  const std::string text = "called_are_assigned: dan is on call for beta without being assigned";
  EXPECT_EQ(Would("add fact on_call user:dan client:beta"), text);
  EXPECT_EQ(world_.Broken({"add fact assigned_to user:dan client:beta",
                           "add fact on_call user:dan client:beta"}),
            "");
  EXPECT_EQ(Would("remove fact assigned_to user:dan client:beta"), text);
  EXPECT_EQ(world_.Would({"remove fact assigned_to user:dan client:beta",
                          "remove fact on_call user:dan client:beta"}),
            "");
}

TEST_F(LimitsTest, ReadTransitiveFactsToTheEnd) {
  world_.Step({"add fact below agency:syd agency:vast"});
  EXPECT_EQ(Would("add fact below agency:vast agency:norr"),
            "own_top: norr is below itself; own_top: syd is below itself; own_top: vast is below "
            "itself");
  EXPECT_EQ(Would("add fact below agency:norr agency:vast"), "");
}

TEST_F(LimitsTest, CountFactsAsTheyStandNow) {
  world_.now_us = 10;
  world_.Step({"remove seats agency:norr kh 1"});
  EXPECT_EQ(Would("add holds user:bo kh agency:norr until=10"), "") << "over already";
  EXPECT_EQ(Would("add holds user:bo kh agency:norr until=11"), kFullKh);
  world_.Step({"add seats agency:norr kh 2", "add holds user:bo kh agency:norr until=20"});
  EXPECT_EQ(Would("add holds user:cia kh agency:norr"), kFullKh);
  world_.now_us = 20;
  EXPECT_EQ(Would("add holds user:cia kh agency:norr"), "");
  world_.Step({"add role user:cia boss agency:norr until=30"});
  EXPECT_EQ(Would("remove role user:anna boss agency:norr"), "");
  EXPECT_EQ(Would("add role user:anna boss agency:norr until=20"), "");
  world_.now_us = 30;
  EXPECT_EQ(Would("remove role user:anna boss agency:norr"), kNoBossNorr);
  EXPECT_EQ(Would("add role user:anna boss agency:norr until=30"), kNoBossNorr);
}

TEST_F(LimitsTest, ThatAreNotKeptAreListed) {
  const auto broken = [&](size_t most) {
    std::vector<std::string> texts;
    for (const LimitReport& report : world_.judge().Broken(world_.state(), most, 0)) {
      texts.push_back(report.text);
    }
    return texts;
  };
  EXPECT_THAT(broken(100),
              ElementsAre("syd would be without a boss", "vast would be without a boss",
                          "beta would be without a boss"));
  EXPECT_THAT(broken(2),
              ElementsAre("syd would be without a boss", "vast would be without a boss"));
  world_.Step({"remove seats agency:norr kh 0", "add fact approves user:bo client:alfa",
               "add fact prepares user:anna client:alfa", "add fact below agency:syd agency:norr"});
  const auto all = broken(100);
  EXPECT_THAT(all, testing::Contains("every kh of norr is in use"));
  EXPECT_THAT(all, testing::Contains("alfa: anna prepares, bo approves, and they are one person"));
  EXPECT_THAT(all, testing::Contains("norr is below itself"));
  EXPECT_EQ(all.size(), 7u);
  EXPECT_EQ(world_.judge().Broken(world_.state(), 100, 0).at(1).remedy,
            "see to it first that another user runs syd");
}

TEST_F(LimitsTest, ThatAreNotKeptAreListedByASession) {
  Session session = world_.world().NewSession();
  EXPECT_EQ(session.BrokenLimits(100).size(), 3u);
  EXPECT_EQ(session.BrokenLimits(1).size(), 1u);
}

// A decision may lean on anything: such a limit is looked at whatever is changed.
TEST(Limits, MayLeanOnDecisions) {
  LimitWorld world(R"(policy p
entity group
entity user { group : group }
entity thing
permission see on thing
role seer on group held by user
fact user on_call for thing
fact group owns thing
permit p
  user may see on thing
  if user is seer on user.group and user.group owns thing
limit called_see "{user} is on call for {thing} and cannot see it"
  for every user, thing
  ( not user on_call for thing or user may see on thing )
)",
                   R"(
entities:
  group: { g: , h: }
  user: { u: { group: g } }
  thing: { t: }
facts:
  - g owns t
  - u is seer on g
  - u on_call for t
)");
  const std::string text = "called_see: u is on call for t and cannot see it";
  EXPECT_EQ(world.Would({"remove fact owns group:g thing:t"}), text);
  EXPECT_EQ(world.Would({"remove role user:u seer group:g"}), text);
  EXPECT_EQ(world.Would({"change attribute user:u group=group:h"}), text);
  EXPECT_EQ(world.Would({"remove role user:u seer group:g", "remove fact on_call user:u thing:t"}),
            "");
}

}  // namespace
}  // namespace portvakt::engine
