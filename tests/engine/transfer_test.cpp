// Bringing people in and out in one go (engine/transfer.h).
#include "engine/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/change_office.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Outcome = ChangeResult::Outcome;

// "holds kh", "assigned_to alfa".
std::string Short(const ChangeItem& item) {
  std::string text = item.kind == ChangeItem::Kind::kRemove ? "-" : "";
  text += item.fact.relation;
  if (!item.fact.symbol.empty()) text += " " + item.fact.symbol;
  if (item.fact.object) text += " " + item.fact.object->id;
  return text;
}
std::vector<std::string> Short(const std::vector<ChangeItem>& items) {
  std::vector<std::string> texts;
  for (const ChangeItem& item : items) texts.push_back(Short(item));
  return texts;
}
std::vector<std::string> Short(const std::vector<ToDo>& items) {
  std::vector<std::string> texts;
  for (const ToDo& item : items) texts.push_back(Short(item.change));
  return texts;
}

class TransferTest : public testing::Test {
 protected:
  OnboardQuery Onboard(const std::string& actor, const std::string& subject = "anna") {
    OnboardQuery query;
    if (!actor.empty()) query.actor = EntityName{"user", actor};
    query.like = {"user", "cia"};
    query.subject = {"user", subject};
    return query;
  }
  OffboardQuery Offboard(const std::string& actor, const std::string& subject) {
    OffboardQuery query;
    if (!actor.empty()) query.actor = EntityName{"user", actor};
    query.subject = {"user", subject};
    return query;
  }

  ChangeOffice office_;
};

TEST_F(TransferTest, ANewColleagueGetsTheSame) {
  const uint64_t before = office_.Revision();
  OnboardQuery query = Onboard("bo");
  query.ticket = "T-1";
  const TransferResult result = office_.engine().Onboard(query);
  EXPECT_EQ(result.result.outcome, Outcome::kApplied);
  EXPECT_EQ(result.result.revision, before + 1);
  EXPECT_THAT(Short(result.changes), ElementsAre("holds kh norr", "assigned_to alfa"));
  EXPECT_EQ(result.texts.size(), 2u);
  EXPECT_EQ(result.result.verdicts.size(), 2u);
  EXPECT_TRUE(result.todo.empty());
  EXPECT_TRUE(office_.Holds(Add("user anna", "assigned_to", "", "client alfa")));
  EXPECT_EQ(office_.engine().store().Read()->FindRevision(before + 1)->ticket, "T-1");
  // Again there is nothing left to do.
  EXPECT_EQ(office_.engine().Onboard(Onboard("bo")).result.outcome, Outcome::kUnchanged);
}

TEST_F(TransferTest, ADryRunShowsAndWritesNothing) {
  const uint64_t before = office_.Revision();
  OnboardQuery query = Onboard("bo");
  query.dry_run = true;
  const TransferResult result = office_.engine().Onboard(query);
  EXPECT_EQ(result.result.outcome, Outcome::kDryRun);
  EXPECT_EQ(result.changes.size(), 2u);
  EXPECT_EQ(office_.Revision(), before);
}

TEST_F(TransferTest, WhatTheActorMayNotComesBackAsAToDo) {
  // Eva runs another agency: she may do none of it.
  const TransferResult none = office_.engine().Onboard(Onboard("eva"));
  EXPECT_EQ(none.result.outcome, Outcome::kUnchanged);
  EXPECT_TRUE(none.changes.empty());
  ASSERT_EQ(none.todo.size(), 2u);
  EXPECT_EQ(none.todo[1].verdict.outcome, ChangeVerdict::Outcome::kRefused);
  EXPECT_EQ(CodesOf(none.todo[1].verdict), "not_boss");
  // Bo's agency does not serve gamma: the rest is made.
  ASSERT_TRUE(office_.Change("", {Add("user cia", "assigned_to", "", "client gamma")}).ok());
  const TransferResult bos = office_.engine().Onboard(Onboard("bo"));
  EXPECT_THAT(Short(bos.changes), ElementsAre("holds kh norr", "assigned_to alfa"));
  EXPECT_THAT(Short(bos.todo), ElementsAre("assigned_to gamma"));
  EXPECT_EQ(CodesOf(bos.todo[0].verdict), "not_linked");
}

// Who is named may, and nobody else: all are asked, then the first of each does it.
TEST_F(TransferTest, ThoseNamedCanDoWhatIsLeft) {
  ASSERT_TRUE(office_.Change("bo", {Add("user anna", "is", "boss", "agency norr")}).ok());
  const TransferResult left = office_.engine().Onboard(Onboard("eva"));
  ASSERT_EQ(left.todo.size(), 2u);
  for (const ToDo& todo : left.todo) {
    EXPECT_FALSE(todo.more_who);
    ASSERT_FALSE(todo.who.empty()) << todo.text;
    for (const char* user : {"bo", "anna", "cia", "eva"}) {
      ChangeRequest request = RequestOf(user, {todo.change});
      request.dry_run = true;
      const bool named =
          std::find(todo.who.begin(), todo.who.end(), EntityName{"user", user}) != todo.who.end();
      EXPECT_EQ(office_.engine().Change(request).ok(), named) << user << ": " << todo.text;
    }
    EXPECT_EQ(office_.Change(todo.who.front().id, {todo.change}).outcome, Outcome::kApplied)
        << todo.text;
    EXPECT_TRUE(office_.Holds(todo.change)) << todo.text;
  }
}

TEST_F(TransferTest, OnlyWhatIsNamedIsTakenOver) {
  ASSERT_TRUE(office_
                  .Change("", {Add("user cia", "is", "boss", "agency norr"),
                               Add("user cia", "assigned_to", "", "client beta")})
                  .ok());
  const auto taken = [&](OnboardQuery query) {
    query.dry_run = true;
    return Short(office_.engine().Onboard(query).changes);
  };
  EXPECT_THAT(taken(Onboard("bo")),
              ElementsAre("holds kh norr", "assigned_to alfa", "assigned_to beta"));
  OnboardQuery roles = Onboard("bo");
  roles.relations = {"is"};
  EXPECT_THAT(taken(roles), ElementsAre("is boss norr"));
  OnboardQuery beta = Onboard("bo");
  beta.objects = {{"client", "beta"}};
  EXPECT_THAT(taken(beta), ElementsAre("assigned_to beta"));
}

TEST_F(TransferTest, WhatIsOverIsNotTakenOver) {
  ASSERT_TRUE(office_.Change("", {Add("user cia", "visits", "", "client beta")}).ok());
  OnboardQuery query = Onboard("bo");
  query.relations = {"visits"};
  query.dry_run = true;
  const TransferResult now = office_.engine().Onboard(query);
  EXPECT_THAT(Short(now.changes), ElementsAre("visits beta"));
  office_.now_us += 7 * kDay_us;
  EXPECT_TRUE(office_.engine().Onboard(query).changes.empty());
}

TEST_F(TransferTest, NamesMustBeStoredAndOfOneType) {
  EXPECT_THAT(office_.engine().Onboard(Onboard("bo", "nobody")).result.error,
              HasSubstr("there is no user `nobody`"));
  OnboardQuery query = Onboard("bo");
  query.subject = {"client", "alfa"};
  const TransferResult result = office_.engine().Onboard(query);
  EXPECT_EQ(result.result.outcome, Outcome::kInvalid);
  EXPECT_THAT(result.result.error, HasSubstr("must be a user"));
  EXPECT_EQ(office_.engine().Offboard(Offboard("nobody", "cia")).result.outcome, Outcome::kInvalid);
}

TEST_F(TransferTest, WhoLeavesLosesEverythingAndIsClosedLast) {
  OffboardQuery query = Offboard("bo", "cia");
  query.closing = {Add("user cia", "removed")};
  const TransferResult result = office_.engine().Offboard(query);
  EXPECT_EQ(result.result.outcome, Outcome::kApplied);
  EXPECT_THAT(Short(result.changes), ElementsAre("-holds kh norr", "-assigned_to alfa", "removed"));
  EXPECT_FALSE(office_.Holds(Add("user cia", "assigned_to", "", "client alfa")));
  EXPECT_TRUE(office_.Holds(Add("user cia", "removed")));
}

}  // namespace
}  // namespace portvakt::engine
