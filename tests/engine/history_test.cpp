// Who changed what, when and why; and decisions as they were.
#include <gmock/gmock.h>

#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kPolicy = R"(policy office
entity user { age : int  born : date optional }
entity place
permission enter on place
licence key held by user from place
role boss on place held by user
fact user works_at place
permit work
    user may enter on place
    if user works_at place
)";
constexpr const char* kData = R"(
entities:
  user: { anna: { age: 30, born: 1990-02-03 }, bo: { age: 40 } }
  place: { hall: , barn: }
facts:
  - anna works_at hall
  - anna is boss on hall
  - seats of key in hall is 5
)";

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() : world_(kPolicy) {
    world_.now_us = 1'000;
    world_.Load(kData);
    loaded_ = world_.NewSession().revision();
    const Snapshot snapshot = std::move(*world_.engine().store().Read());
    const auto number = [&](Space space, const char* name) {
      return static_cast<uint16_t>(*snapshot.FindNumber(space, name));
    };
    user_ = number(Space::kType, "user");
    anna_ = *snapshot.FindEntity(user_, "anna");
    bo_ = *snapshot.FindEntity(user_, "bo");
    const EntityId hall = *snapshot.FindEntity(number(Space::kType, "place"), "hall");
    works_ = {number(Space::kRelation, "works_at"), 0, anna_, hall};
    Writer writer = std::move(*world_.engine().store().Begin());
    EXPECT_TRUE(writer.RemoveFact(works_).ok());
    EXPECT_TRUE(writer
                    .NextRevision({.instant_us = 2'000,
                                   .actor = "bo",
                                   .reason = "moved",
                                   .ticket = "T-7",
                                   .actor_entity = bo_})
                    .ok());
    EXPECT_TRUE(writer.AddFact(works_, {0, 9'000}).ok());
    EXPECT_TRUE(writer.Commit({.instant_us = 3'000, .actor = "operator"}).ok());
  }

  HistoryPage Ask(const HistoryQuery& query) { return world_.NewSession().History(query); }
  static std::vector<std::string> Texts(const HistoryPage& page) {
    EXPECT_EQ(page.error, "");
    std::vector<std::string> texts;
    for (const HistoryEntry& entry : page.entries) {
      texts.push_back(std::to_string(static_cast<int>(entry.change.kind)) + " " +
                      entry.change.text);
    }
    return texts;
  }

  PolicyWorld world_;
  uint64_t loaded_ = 0;
  uint16_t user_ = 0;
  EntityId anna_ = 0;
  EntityId bo_ = 0;
  FactKey works_;
};

TEST_F(HistoryTest, AFactsLife) {
  HistoryQuery query;
  query.fact = FactName{{"user", "anna"}, "works_at", "", "", EntityName{"place", "hall"}};
  const HistoryPage page = Ask(query);
  EXPECT_THAT(Texts(page),
              ElementsAre("0 anna works_at hall", "2 anna works_at hall", "0 anna works_at hall"));
  const RevisionStamp& removal = page.entries[1].stamp;
  EXPECT_EQ(removal.actor, (EntityName{"user", "bo"}));
  EXPECT_EQ(removal.reason, "moved");
  EXPECT_EQ(removal.ticket, "T-7");
  EXPECT_EQ(removal.instant_us, 2'000);
  EXPECT_EQ(page.entries[2].stamp.operator_name, "operator");
  EXPECT_EQ(page.entries[2].change.validity.until_us, 9'000);
  query.newest_first = true;
  query.limit = 1;
  const HistoryPage newest = Ask(query);
  ASSERT_TRUE(newest.next.has_value());
  EXPECT_EQ(newest.entries.front().stamp.revision, loaded_ + 2);
}

TEST_F(HistoryTest, AllAboutAnEntity) {
  HistoryQuery query;
  query.entity = EntityName{"user", "anna"};
  EXPECT_THAT(Texts(Ask(query)),
              testing::UnorderedElementsAre(HasSubstr("4 user anna"), "0 anna works_at hall",
                                            "0 anna is boss on hall", "2 anna works_at hall",
                                            "0 anna works_at hall"));
  query.entity = EntityName{"place", "hall"};
  EXPECT_THAT(Texts(Ask(query)), testing::Contains("3 seats of key in hall is 5 (before: 0)"));
}

TEST_F(HistoryTest, AllByAnActorOrByOperators) {
  HistoryQuery query;
  query.actor = EntityName{"user", "bo"};
  EXPECT_THAT(Texts(Ask(query)), ElementsAre("2 anna works_at hall"));
  query.actor.reset();
  query.by_operator = true;
  query.after_revision = loaded_;
  EXPECT_THAT(Texts(Ask(query)), ElementsAre("0 anna works_at hall"));
}

TEST_F(HistoryTest, ByTime) {
  HistoryQuery query;
  query.from_us = 2'000;
  query.until_us = 3'000;
  EXPECT_THAT(Texts(Ask(query)), ElementsAre("2 anna works_at hall"));
}

TEST_F(HistoryTest, PagesOfEverySizeAddUpInBothDirections) {
  for (const bool newest_first : {false, true}) {
    HistoryQuery query;
    query.newest_first = newest_first;
    const std::vector<std::string> all = Texts(Ask(query));
    ASSERT_GT(all.size(), 8u);
    for (uint32_t limit = 1; limit < all.size() + 2; ++limit) {
      std::vector<std::string> paged;
      query.limit = limit;
      query.after_revision = 0;
      query.after_index = 0;
      for (;;) {
        const HistoryPage page = Ask(query);
        ASSERT_LE(page.entries.size(), limit);
        for (std::string& text : Texts(page)) paged.push_back(std::move(text));
        if (!page.next) break;
        query.after_revision = page.next->after_revision;
        query.after_index = page.next->after_index;
      }
      ASSERT_EQ(paged, all) << limit << newest_first;
    }
  }
}

TEST_F(HistoryTest, NamesThatNeverWereAreErrors) {
  HistoryQuery query;
  query.entity = EntityName{"user", "nobody"};
  EXPECT_THAT(Ask(query).error, HasSubstr("nobody"));
  query.entity.reset();
  query.fact = FactName{{"user", "anna"}, "sleeps_at", "", "", EntityName{"place", "hall"}};
  EXPECT_THAT(Ask(query).error, HasSubstr("sleeps_at"));
}

TEST_F(HistoryTest, WhatWasRemovedKeepsItsName) {
  Writer writer = std::move(*world_.engine().store().Begin());
  EXPECT_TRUE(writer.RemoveEntity(bo_).ok());
  EXPECT_TRUE(writer.NextRevision({}).ok());
  EXPECT_TRUE(writer.PutEntity(user_, "bo", {}).ok());
  EXPECT_TRUE(writer.Commit({}).ok());
  HistoryQuery query;
  query.entity = EntityName{"user", "bo"};
  const HistoryPage page = Ask(query);
  ASSERT_EQ(page.entries.size(), 3u);
  EXPECT_EQ(page.entries[1].change.kind, PastChange::Kind::kDeleted);
  EXPECT_THAT(page.entries[1].change.attributes_before, testing::Not(IsEmpty()));
  query.entity.reset();
  query.actor = EntityName{"user", "bo"};
  EXPECT_EQ(Ask(query).entries.front().stamp.actor, (EntityName{"user", "bo"}));
}

TEST_F(HistoryTest, DecisionsAreThoseOfTheMoment) {
  const Request request = PolicyWorld::ToRequest("user anna enter place hall");
  Session session = world_.NewSession();
  const auto at = [&](uint64_t revision) {
    EXPECT_TRUE(session.GoTo({.revision = revision, .instant_us = {}, .policy_version = {}}).ok());
    EXPECT_EQ(session.revision(), revision);
    EXPECT_EQ(session.Explain(request).decision.permit, session.Decide(request).permit);
    EXPECT_EQ(session.Decide(request).revision, revision);
    return session.Decide(request).permit;
  };
  EXPECT_TRUE(at(loaded_));
  EXPECT_EQ(session.now_us(), 1'000);
  EXPECT_FALSE(at(loaded_ + 1));
  EXPECT_TRUE(at(loaded_ + 2));
  const auto when = [&](int64_t instant_us) {
    EXPECT_TRUE(
        session.GoTo({.revision = {}, .instant_us = instant_us, .policy_version = {}}).ok());
    EXPECT_EQ(session.now_us(), instant_us);
    return session.Decide(request).permit;
  };
  EXPECT_TRUE(when(1'999));
  EXPECT_FALSE(when(2'999));
  EXPECT_TRUE(when(8'999));
  EXPECT_FALSE(when(9'000)) << "its time is over";
  EXPECT_TRUE(session.Refresh().ok());
  EXPECT_EQ(session.now_us(), world_.now_us);
  EXPECT_TRUE(session.Decide(request).permit);
}

TEST_F(HistoryTest, AMomentThatNeverWasIsAnErrorAndDenies) {
  const Request request = PolicyWorld::ToRequest("user anna enter place hall");
  Session session = world_.NewSession();
  const auto expect_not_found = [&](const Moment& moment) {
    const Status status = session.GoTo(moment);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, Error::Code::kNotFound);
    EXPECT_FALSE(session.Decide(request).permit);
  };
  expect_not_found({.revision = loaded_ + 3, .instant_us = {}, .policy_version = {}});
  expect_not_found({.revision = 0, .instant_us = {}, .policy_version = {}});
  expect_not_found({.revision = {}, .instant_us = -5, .policy_version = {}});
  expect_not_found({.revision = loaded_, .instant_us = {}, .policy_version = 9});
  EXPECT_TRUE(session.Refresh().ok());
  EXPECT_TRUE(session.Decide(request).permit);
}

TEST_F(HistoryTest, AnotherPolicyCanBeAskedAboutThePast) {
  const uint32_t second = world_.Install(R"(policy closed
entity user { age : int  born : date optional }
entity place
permission enter on place
fact user works_at place
)");
  const Request request = PolicyWorld::ToRequest("user anna enter place hall");
  Session session = world_.NewSession();
  EXPECT_FALSE(session.Decide(request).permit);
  ASSERT_TRUE(session.GoTo({.revision = loaded_, .instant_us = {}, .policy_version = {}}).ok());
  EXPECT_TRUE(session.Decide(request).permit) << "the policy of then";
  ASSERT_TRUE(session.GoTo({.revision = loaded_, .instant_us = {}, .policy_version = second}).ok());
  EXPECT_FALSE(session.Decide(request).permit);
  ASSERT_TRUE(session.GoTo({.revision = {}, .instant_us = {}, .policy_version = 1}).ok());
  EXPECT_TRUE(session.Decide(request).permit) << "the first policy, now";
}

TEST_F(HistoryTest, ChangesAreDescribedInThePolicysWords) {
  const Session session = world_.NewSession();
  ChangeItem item;
  item.fact = FactName{{"user", "anna"}, "works_at", "", "", EntityName{"place", "hall"}};
  EXPECT_EQ(session.Describe(item), "anna works_at hall");
  item.kind = ChangeItem::Kind::kSeats;
  item.entity = {"place", "hall"};
  item.licence = "key";
  item.seats = 7;
  EXPECT_EQ(session.Describe(item), "seats of key in hall is 7");
}

}  // namespace
}  // namespace portvakt::engine
