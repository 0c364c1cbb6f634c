// Changes as people write them, read against the agency and its data.
#include "cli/change_text.h"

#include <gtest/gtest.h>

#include "cli/world.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using engine::ChangeItem;
using Kind = engine::ChangeItem::Kind;

class ChangeText : public testing::Test {
 protected:
  void SetUp() override {
    const std::string root = PORTVAKT_SOURCE_DIR;
    WorldOptions options;
    options.policy = root + "/policies/byra";
    options.data = {root + "/examples/norr/after.yaml"};
    std::ostringstream out;
    Console console{std::cin, out, out};
    ASSERT_EQ(OpenWorld(options, world_, console), kExitOk) << out.str();
    auto session = world_.engine->NewSession();
    ASSERT_TRUE(session);
    session_.emplace(std::move(*session));
    ASSERT_TRUE(session_->Refresh());
  }

  ChangeItem Read(const std::string& text, const std::vector<ChangeItem>& earlier = {}) {
    auto item = ReadChange(*world_.module, session_->snapshot(), text, earlier);
    EXPECT_TRUE(item) << text << ": " << (item ? "" : item.error().message);
    return item ? *item : ChangeItem{};
  }
  std::string Finding(const std::string& text) {
    const auto item = ReadChange(*world_.module, session_->snapshot(), text);
    return item ? "" : item.error().message;
  }
  engine::SearchQuery Search(const std::string& text, const std::string& actor) {
    auto query = ReadChangeSearch(*world_.module, session_->snapshot(), text, actor);
    EXPECT_TRUE(query) << text << ": " << (query ? "" : query.error().message);
    return query ? *query : engine::SearchQuery{};
  }

  World world_;
  std::optional<engine::Session> session_;
};

TEST_F(ChangeText, AFactIsNamedByItsParts) {
  const ChangeItem item = Read("add david granted lon.personal.las in beta until 2026-12-31");
  EXPECT_EQ(item.kind, Kind::kAdd);
  EXPECT_EQ(item.fact.subject, (engine::EntityName{"user", "david"}));
  EXPECT_EQ(item.fact.relation, "granted");
  EXPECT_EQ(item.fact.symbol, "lon.personal.las");
  EXPECT_EQ(item.fact.program, "");
  EXPECT_EQ(item.fact.object, (engine::EntityName{"client", "beta"}));
  EXPECT_EQ(item.validity.from_us, engine::Validity::kAlways);
  EXPECT_EQ(item.validity.until_us, 1798671600000000);  // midnight in Stockholm
}

TEST_F(ChangeText, RolesHaveTheirProgramAndLicencesTheirPool) {
  const ChangeItem role = Read("remove eva is program_administrator for lon on norr");
  EXPECT_EQ(role.kind, Kind::kRemove);
  EXPECT_EQ(role.fact.relation, "is");
  EXPECT_EQ(role.fact.symbol, "program_administrator");
  EXPECT_EQ(role.fact.program, "lon");
  EXPECT_EQ(role.fact.object, (engine::EntityName{"agency", "norr"}));
  const ChangeItem plain = Read("add cia is system_administrator on gamma");
  EXPECT_EQ(plain.fact.symbol, "system_administrator");
  EXPECT_EQ(plain.fact.program, "");
  const ChangeItem licence = Read("add fia holds fak from beta");
  EXPECT_EQ(licence.fact.relation, "holds");
  EXPECT_EQ(licence.fact.symbol, "fak");
  EXPECT_EQ(licence.fact.object, (engine::EntityName{"client", "beta"}));
  const ChangeItem alone = Read("add david removed");
  EXPECT_EQ(alone.fact.relation, "removed");
  EXPECT_FALSE(alone.fact.object);
}

TEST_F(ChangeText, SeatsAndEntities) {
  const ChangeItem seats = Read("seats of kh in norr is 4");
  EXPECT_EQ(seats.kind, Kind::kSeats);
  EXPECT_EQ(seats.entity, (engine::EntityName{"agency", "norr"}));
  EXPECT_EQ(seats.licence, "kh");
  EXPECT_EQ(seats.seats, 4u);
  const ChangeItem created = Read("create client epsilon { status: dormant, attest_on: false }");
  EXPECT_EQ(created.kind, Kind::kCreate);
  EXPECT_EQ(created.entity, (engine::EntityName{"client", "epsilon"}));
  ASSERT_EQ(created.attributes.size(), 2u);
  EXPECT_EQ(created.attributes[0].second.text, "dormant");
  EXPECT_EQ(created.attributes[1].second.kind, engine::InputValue::Kind::kBool);
  // What an earlier change of the batch creates has a type, too.
  EXPECT_EQ(Read("add norr serves epsilon", {created}).fact.object,
            (engine::EntityName{"client", "epsilon"}));
  EXPECT_EQ(Read("add anna is system_administrator on epsilon", {created}).fact.object,
            (engine::EntityName{"client", "epsilon"}));
  EXPECT_EQ(Read("delete client alfa").kind, Kind::kDelete);
  EXPECT_EQ(Read("set client alfa { status: blocked }").kind, Kind::kSet);
}

TEST_F(ChangeText, WhatIsWrongIsSaid) {
  EXPECT_EQ(Finding("remve david assigned_to alfa"),
            "a change begins with add, remove, seats, create, delete or set, not with `remve`; did "
            "you mean `remove`?");
  EXPECT_EQ(Finding("add david asigned_to alfa"),
            "no fact is called `asigned_to`; did you mean `assigned_to`?");
  EXPECT_EQ(Finding("add david granted lon.persnal.las in alfa"),
            "`lon.persnal.las` is no permission; did you mean `lon.personal.las`?");
  EXPECT_EQ(Finding("create cleint x { }"), "`cleint` is no entity type; did you mean `client`?");
  EXPECT_EQ(Finding("set client alfa { stat: blocked }"),
            "`client` has no attribute `stat`; did you mean `status`?");
  EXPECT_EQ(Finding("add seats of kh in norr is 3"),
            "seats are neither added nor removed: write `seats of kh in norr is 3`");
  EXPECT_EQ(Finding("delete alfa"), "write `delete TYPE ID`");
}

TEST_F(ChangeText, AHoleMakesASearch) {
  const engine::SearchQuery who = Search("add ? switched_on in alfa", "anna");
  EXPECT_EQ(who.through, engine::SearchQuery::Through::kChange);
  EXPECT_TRUE(who.subject.hole);
  EXPECT_EQ(who.subject.entity.type, "user");
  EXPECT_FALSE(who.actor.hole);
  EXPECT_EQ(who.actor.entity, (engine::EntityName{"user", "anna"}));
  EXPECT_EQ(who.object.entity, (engine::EntityName{"client", "alfa"}));

  const engine::SearchQuery actor = Search("seats of kh in norr", "?");
  EXPECT_TRUE(actor.actor.hole);
  EXPECT_EQ(actor.actor.entity.type, "user");
  EXPECT_EQ(actor.symbol.symbol, "kh");
  EXPECT_EQ(actor.subject.entity, (engine::EntityName{"agency", "norr"}));

  const engine::SearchQuery what = Search("add david granted ? in alfa", "anna");
  EXPECT_TRUE(what.symbol.hole);
  EXPECT_EQ(what.symbol.symbol, "");
  const engine::SearchQuery role = Search("add david is program_administrator for ? on alfa", "bo");
  EXPECT_EQ(role.symbol.symbol, "program_administrator");
  EXPECT_TRUE(role.program.hole);
}

}  // namespace
}  // namespace portvakt::cli
