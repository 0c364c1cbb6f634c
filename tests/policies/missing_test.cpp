// What the agency's new consultant is missing, from nothing to his first voucher.
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/policies/agency.h"

namespace portvakt::policies {
namespace {

using engine::MissingAnswer;
using engine::MissingPlan;
using engine::MissingQuery;
using engine::MissingStep;

// Norr before David, with his bare account.
class MissingInNorr : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(agency_.LoadFile(std::string(PORTVAKT_SOURCE_DIR) + "/examples/norr/before.yaml"));
    ASSERT_TRUE(
        agency_.LoadFile(std::string(PORTVAKT_SOURCE_DIR) + "/tests/policies/data/david.yaml"));
  }

  static MissingQuery Query(const std::string& user, const std::string& permission,
                            const std::string& tenant, const std::string& type = "client") {
    MissingQuery query;
    query.request.subject = {"user", user};
    query.request.action = permission;
    query.request.resource = {type, tenant};
    query.budget_us = 60'000'000;  // what is found does not hang on the machine
    return query;
  }

  Agency agency_;
};

const char* NameOf(MissingStep::Kind kind) {
  switch (kind) {
    case MissingStep::Kind::kOrderSeat: return "order";
    case MissingStep::Kind::kHoldLicence: return "hold";
    case MissingStep::Kind::kAssign: return "assign";
    case MissingStep::Kind::kActivate: return "activate";
    case MissingStep::Kind::kGrant: return "grant";
    case MissingStep::Kind::kAppoint: return "appoint";
    case MissingStep::Kind::kWithdraw: return "withdraw";
    case MissingStep::Kind::kContext: return "context";
  }
  return "";
}

// One step a line: `hold david holds kh norr [anna bo]`.
std::string Told(const MissingPlan& plan) {
  std::ostringstream out;
  out << "cost " << plan.cost << "\n";
  for (const MissingStep& step : plan.steps) {
    out << NameOf(step.kind);
    if (step.kind == MissingStep::Kind::kContext) {
      out << " " << step.context << " " << step.wanted << "\n";
      continue;
    }
    const engine::FactName& fact = step.change.fact;
    if (step.kind == MissingStep::Kind::kOrderSeat) {
      out << " " << step.change.licence << " " << step.change.entity.id << " " << step.change.seats;
    } else {
      out << " " << fact.subject.id << " " << fact.relation;
      for (const std::string& word : {fact.symbol, fact.program}) {
        if (!word.empty()) out << " " << word;
      }
      if (fact.object) out << " " << fact.object->id;
    }
    out << " [";
    for (const auto& each : step.who) out << (&each == step.who.data() ? "" : " ") << each.id;
    out << (step.operator_only ? "operator" : step.more_who ? " .." : "") << "]\n";
  }
  return out.str();
}

TEST_F(MissingInNorr, FromNothingToTheFirstVoucher) {
  const MissingAnswer answer =
      agency_.Missing(Query("david", "bokforing.verifikation.skapa", "alfa"));
  EXPECT_FALSE(answer.permitted);
  EXPECT_FALSE(answer.complete) << "other ticks and licences would do as well";
  EXPECT_TRUE(answer.more_plans) << "and a greater number would tell them";
  EXPECT_TRUE(answer.unmendable.empty());
  ASSERT_EQ(answer.plans.size(), 3u);
  // Both seats are taken; the mark comes with the tick.
  EXPECT_EQ(Told(answer.plans[0]), R"(cost 10
order kh norr 3 [anna bo eva]
hold david holds kh norr [anna bo]
assign david assigned_to alfa [anna bo]
grant david granted bokforing.verifikation.skapa alfa [anna]
)");
  EXPECT_EQ(answer.plans[0].steps[3].rules, std::vector<std::string>{"give_permission"});
}

// Path B: in beta only beta's own administrator can tick.
TEST_F(MissingInNorr, WhereTheClientDoesIt) {
  MissingQuery query = Query("david", "bokforing.verifikation.skapa", "beta");
  query.actor = engine::EntityName{"user", "anna"};
  query.max_plans = 1;
  const MissingAnswer answer = agency_.Missing(query);
  ASSERT_EQ(answer.plans.size(), 1u);
  const MissingPlan& plan = answer.plans[0];
  EXPECT_EQ(Told(plan), R"(cost 10
order kh norr 3 [anna bo eva]
hold david holds kh norr [anna bo]
assign david assigned_to beta [anna bo]
grant david granted bokforing.verifikation.skapa beta [berit]
)");
  EXPECT_TRUE(plan.steps[2].actor_may);
  EXPECT_FALSE(plan.steps[3].actor_may);
  ASSERT_FALSE(plan.steps[3].actor_reasons.empty());
  EXPECT_EQ(plan.steps[3].actor_reasons[0].code, "not_client_admin");
}

TEST_F(MissingInNorr, AStrongerLoginIsAStepOfTheRequest) {
  const MissingAnswer answer =
      agency_.Missing(Query("anna", "bankkopplingar.bankkonto.andra", "beta"));
  ASSERT_FALSE(answer.plans.empty());
  EXPECT_EQ(Told(answer.plans[0]), R"(cost 3
grant anna granted bokforing.installningar beta [berit]
context login at least bankid
)");
}

// As many plans as are asked for, the cheapest, and whether that was all.
TEST_F(MissingInNorr, SaysWhetherThereIsMoreThanWasAskedFor) {
  MissingQuery query = Query("cia", "lon.personal.las", "alfa");
  query.max_plans = 50;
  const MissingAnswer all = agency_.Missing(query);
  ASSERT_GE(all.plans.size(), 3u);
  EXPECT_TRUE(all.complete);
  EXPECT_FALSE(all.more_plans);
  for (uint32_t most = 1; most <= all.plans.size(); ++most) {
    query.max_plans = most;
    const MissingAnswer some = agency_.Missing(query);
    ASSERT_EQ(some.plans.size(), most);
    for (uint32_t i = 0; i < most; ++i) EXPECT_EQ(some.plans[i].cost, all.plans[i].cost);
    EXPECT_EQ(some.more_plans, most < all.plans.size()) << most;
    EXPECT_EQ(some.complete, !some.more_plans) << most;
  }
}

TEST_F(MissingInNorr, WhatIsThereIsNotAskedFor) {
  const MissingAnswer answer =
      agency_.Missing(Query("cia", "bokforing.verifikation.skapa", "alfa"));
  EXPECT_TRUE(answer.permitted);
  EXPECT_TRUE(answer.plans.empty());
  EXPECT_TRUE(answer.complete);
}

TEST_F(MissingInNorr, NoChangeMendsABlockedClient) {
  ASSERT_TRUE(agency_.LoadFile(std::string(PORTVAKT_SOURCE_DIR) + "/policies/byra/data.yaml"));
  const MissingAnswer answer =
      agency_.Missing(Query("lina", "bokforing.verifikation.skapa", "stopp"));
  EXPECT_TRUE(answer.plans.empty());
  EXPECT_TRUE(answer.complete);
  ASSERT_EQ(answer.unmendable.size(), 1u);
  EXPECT_EQ(answer.unmendable[0].rule, "blocked_client");
  ASSERT_EQ(answer.unmendable[0].reasons.size(), 1u);
  EXPECT_EQ(answer.unmendable[0].reasons[0].text, "stopp is blocked");
}

// A lock is a fact, and who may unlock is a question of the policy: it is a step, not a wall.
TEST_F(MissingInNorr, ALockedPeriodCanBeUnlocked) {
  ASSERT_TRUE(agency_.LoadFile(std::string(PORTVAKT_SOURCE_DIR) + "/policies/byra/data.yaml"));
  MissingQuery query = Query("lina", "bokforing.verifikation.skapa", "kaj_2026_09", "period");
  query.max_plans = 1;
  const MissingAnswer answer = agency_.Missing(query);
  ASSERT_EQ(answer.plans.size(), 1u);
  EXPECT_EQ(Told(answer.plans[0]), R"(cost 8
withdraw kaj_2026_09 locked [lina]
)");
}

// Every step by the first who is named for it, as a change of his own.
TEST_F(MissingInNorr, ThoseNamedCanMakeEveryStepInTurn) {
  for (const char* client : {"alfa", "beta"}) {
    for (const char* permission :
         {"bokforing.verifikation.skapa", "lon.lonekorning.skapa", "fakturering.faktura.las"}) {
      const MissingQuery query = Query("david", permission, client);
      auto session = agency_.engine().NewSession();
      ASSERT_TRUE(session.ok() && session->Refresh().ok());
      const MissingAnswer answer = session->Missing(query);
      ASSERT_FALSE(answer.permitted);
      ASSERT_FALSE(answer.plans.empty());
      for (const MissingStep& step : answer.plans[0].steps) {
        ASSERT_NE(step.kind, MissingStep::Kind::kContext) << step.text;
        ASSERT_FALSE(step.who.empty()) << step.text;
        engine::ChangeRequest request;
        request.actor = step.who.front();
        request.changes.push_back(step.change);
        const engine::ChangeResult result = agency_.engine().Change(request);
        ASSERT_EQ(result.outcome, engine::ChangeResult::Outcome::kApplied)
            << permission << " in " << client << ": " << step.text << " by " << step.who.front().id;
      }
      ASSERT_TRUE(session->Refresh().ok());
      EXPECT_TRUE(session->Missing(query).permitted) << permission << " in " << client;
    }
  }
}

}  // namespace
}  // namespace portvakt::policies
