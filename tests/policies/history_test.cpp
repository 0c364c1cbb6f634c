// What the agency's history tells of those who have left, and of those who let others go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/policies/agency.h"

namespace portvakt::policies {
namespace {

using Kind = engine::ChangeItem::Kind;
using testing::Contains;
using testing::ElementsAre;

class AgencyHistory : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(agency_.LoadFile(std::string(PORTVAKT_SOURCE_DIR) + "/examples/norr/after.yaml"));
  }

  static engine::FactName Fact(engine::EntityName subject, const std::string& relation,
                               std::optional<engine::EntityName> object = std::nullopt) {
    engine::FactName fact;
    fact.subject = std::move(subject);
    fact.relation = relation;
    fact.object = std::move(object);
    return fact;
  }

  void Make(const std::string& actor, Kind kind, const engine::FactName& fact,
            const std::string& reason) {
    engine::ChangeItem item;
    item.kind = kind;
    item.fact = fact;
    engine::ChangeRequest request;
    request.actor = engine::EntityName{"user", actor};
    request.changes = {item};
    request.reason = reason;
    const engine::ChangeResult result = agency_.engine().Change(request);
    EXPECT_EQ(result.outcome, engine::ChangeResult::Outcome::kApplied)
        << actor << " " << fact.relation << " " << result.error;
  }

  // `anna adds david removed: he has left`, oldest first.
  std::vector<std::string> Told(engine::HistoryQuery query) {
    auto session = agency_.engine().NewSession();
    if (!session.ok() || !session->Refresh().ok()) return {"cannot be read"};
    query.limit = engine::kMaxHistoryPage;
    const engine::HistoryPage page = session->History(query);
    EXPECT_EQ(page.error, "");
    std::vector<std::string> told;
    for (const engine::HistoryEntry& entry : page.entries) {
      const auto& actor = entry.stamp.actor;
      const bool added = entry.change.kind == engine::PastChange::Kind::kAdded;
      told.push_back((actor ? actor->id : entry.stamp.operator_name) +
                     (added ? " adds " : " removes ") + entry.change.text + ": " +
                     entry.stamp.reason);
    }
    return told;
  }

  Agency agency_;
};

// E2: what he was given stays told, and by whom he was removed.
TEST_F(AgencyHistory, NamesAUserWhoHasBeenRemoved) {
  const engine::EntityName david = {"user", "david"};
  Make("anna", Kind::kAdd, Fact(david, "removed"), "he has left");
  engine::HistoryQuery query;
  query.entity = david;
  const std::vector<std::string> told = Told(query);
  EXPECT_THAT(told, Contains(testing::HasSubstr("david granted fakturering.faktura.las in beta")));
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), "anna adds david removed: he has left");
}

// E5: who started a parting, and who approved it.
TEST_F(AgencyHistory, TellsWhoApprovedThatAnAgencyParts) {
  const engine::EntityName norr = {"agency", "norr"};
  const engine::EntityName beta = {"client", "beta"};
  Make("anna", Kind::kAdd, Fact(norr, "parting_from", beta), "beta moves");
  Make("berit", Kind::kRemove, Fact(norr, "serves", beta), "approved");
  engine::HistoryQuery parting;
  parting.fact = Fact(norr, "parting_from", beta);
  EXPECT_THAT(Told(parting), ElementsAre("anna adds norr parting_from beta: beta moves"));
  engine::HistoryQuery approval;
  approval.fact = Fact(norr, "serves", beta);
  const std::vector<std::string> told = Told(approval);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told.back(), "berit removes norr serves beta: approved");
}

}  // namespace
}  // namespace portvakt::policies
