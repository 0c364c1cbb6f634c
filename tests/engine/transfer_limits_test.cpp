// Limits on the way in and out: seats that run out, and last administrators.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/change_office.h"

namespace portvakt::engine {
namespace {

using Outcome = ChangeResult::Outcome;

const ChangeItem kBoIsBoss = Add("user bo", "is", "boss", "agency norr");
const ChangeItem kAnnaIsBoss = Add("user anna", "is", "boss", "agency norr");

TEST(TransferLimitsTest, WithoutAFreeSeatTheRestIsMade) {
  ChangeOffice office;
  ASSERT_TRUE(office.Change("bo", {Add("user bo", "holds", "kh", "agency norr")}).ok());
  OnboardQuery query;
  query.actor = EntityName{"user", "bo"};
  query.like = {"user", "cia"};
  query.subject = {"user", "anna"};
  const TransferResult result = office.engine().Onboard(query);
  EXPECT_EQ(result.result.outcome, Outcome::kApplied);
  EXPECT_EQ(result.changes.size(), 1u);
  ASSERT_EQ(result.todo.size(), 1u);
  EXPECT_EQ(result.todo[0].change.fact.relation, "holds");
  EXPECT_EQ(CodesOf(result.todo[0].verdict), "seats_in_use");
  EXPECT_EQ(result.todo[0].verdict.limits.size(), 1u);
}

TEST(TransferLimitsTest, TheLastBossNeedsASuccessor) {
  ChangeOffice office;
  OffboardQuery query;
  query.subject = {"user", "bo"};
  const TransferResult alone = office.engine().Offboard(query);
  EXPECT_TRUE(alone.changes.empty());
  ASSERT_EQ(alone.todo.size(), 1u);
  EXPECT_EQ(CodesOf(alone.todo[0].verdict), "last_boss");
  EXPECT_TRUE(office.Holds(kBoIsBoss));

  query.successor = EntityName{"user", "anna"};
  const TransferResult result = office.engine().Offboard(query);
  EXPECT_EQ(result.result.outcome, Outcome::kApplied);
  ASSERT_EQ(result.changes.size(), 2u);
  EXPECT_EQ(result.changes[0].fact.subject.id, "anna");
  EXPECT_TRUE(office.Holds(kAnnaIsBoss));
  EXPECT_FALSE(office.Holds(kBoIsBoss));
}

TEST(TransferLimitsTest, ASuccessorGetsOnlyWhatALimitProtects) {
  ChangeOffice office;
  ASSERT_TRUE(office.Change("", {kAnnaIsBoss}).ok());
  OffboardQuery query;
  query.subject = {"user", "bo"};
  query.successor = EntityName{"user", "cia"};
  const TransferResult result = office.engine().Offboard(query);
  EXPECT_EQ(result.changes.size(), 1u);
  EXPECT_FALSE(office.Holds(Add("user cia", "is", "boss", "agency norr")));
}

}  // namespace
}  // namespace portvakt::engine
