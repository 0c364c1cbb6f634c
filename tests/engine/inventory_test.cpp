// What is stored, listed: entities with attributes, facts with who made them, now and before.
#include <gmock/gmock.h>

#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kPolicy = R"(policy office

time zone "Europe/Stockholm"

entity place {
    size   : enum { small, large }
    height : decimal optional
    opened : date optional
    tags   : set of string optional
    owner  : holder optional
    floor  : string from request
}
entity firm { open : bool optional  staff : int optional }
entity holder is user or firm
entity user { home : place optional }
permission enter on place
licence key held by user from place
role boss on place held by user
fact user works_at place
fact user paints permission in place
permit work
    user may enter on place
    if user works_at place
define user sees place
    if user works_at place
)";
constexpr const char* kData = R"(
entities:
  user: { anna: { home: hall }, bo: , cy: }
  firm: { acme: { open: true, staff: 12 } }
  place:
    hall: { size: large, height: 2.50, opened: 1990-02-03, tags: [old, cold], owner: "firm:acme" }
    barn: { size: small }
facts:
  - anna works_at hall
  - bo works_at hall
  - bo works_at barn
  - cy works_at barn
  - anna is boss on hall
)";

class InventoryTest : public testing::Test {
 protected:
  InventoryTest() : world_(kPolicy) {
    world_.now_us = 1'000;
    world_.Load(kData);
    loaded_ = world_.NewSession().revision();
    const Snapshot snapshot = std::move(*world_.engine().store().Read());
    const auto number = [&](Space space, const char* name) {
      return static_cast<uint16_t>(*snapshot.FindNumber(space, name));
    };
    const uint16_t user = number(Space::kType, "user");
    const EntityId bo = *snapshot.FindEntity(user, "bo");
    const EntityId hall = *snapshot.FindEntity(number(Space::kType, "place"), "hall");
    const FactKey works{number(Space::kRelation, "works_at"), 0, *snapshot.FindEntity(user, "anna"),
                        hall};
    Writer writer = std::move(*world_.engine().store().Begin());
    EXPECT_TRUE(writer.AddFact(works, {1'500, 9'000}).ok());
    EXPECT_TRUE(writer
                    .NextRevision({.instant_us = 2'000,
                                   .actor = "bo",
                                   .reason = "for the summer",
                                   .ticket = "T-7",
                                   .actor_entity = bo})
                    .ok());
    EXPECT_TRUE(writer.RemoveFact({works.relation, 0, bo, hall}).ok());
    EXPECT_TRUE(writer.PutEntity(user, "dan", {}).ok());
    EXPECT_TRUE(writer.Commit({.instant_us = 3'000, .actor = "operator"}).ok());
    world_.now_us = 4'000;
  }

  static std::vector<std::string> Ids(const EntityPage& page) {
    EXPECT_EQ(page.error, "");
    std::vector<std::string> ids;
    for (const ListedEntity& entity : page.entities) {
      ids.push_back(entity.entity.type + " " + entity.entity.id);
    }
    return ids;
  }
  static std::vector<std::string> Texts(const FactPage& page) {
    EXPECT_EQ(page.error, "");
    std::vector<std::string> texts;
    for (const ListedFact& fact : page.facts) texts.push_back(fact.text);
    return texts;
  }
  static EntityQuery Of(std::string type) {
    EntityQuery query;
    query.type = std::move(type);
    return query;
  }
  static FactQuery Of(std::optional<EntityName> subject, std::optional<EntityName> object = {}) {
    FactQuery query;
    query.subject = std::move(subject);
    query.object = std::move(object);
    return query;
  }
  static std::string Shown(const InputValue& value) {
    switch (value.kind) {
      case InputValue::Kind::kBool: return value.boolean ? "yes" : "no";
      case InputValue::Kind::kInteger: return "#" + std::to_string(value.integer);
      case InputValue::Kind::kString: return value.text;
      case InputValue::Kind::kList: {
        std::string text = "[";
        for (const InputValue& each : value.list) text += Shown(each) + ";";
        return text + "]";
      }
      default: return "?";
    }
  }
  static std::string Shown(const ListedEntity& entity) {
    std::string text;
    for (const auto& [name, value] : entity.attributes) text += name + "=" + Shown(value) + " ";
    return text;
  }

  const EntityName anna_{"user", "anna"};
  const EntityName bo_{"user", "bo"};
  const EntityName hall_{"place", "hall"};
  PolicyWorld world_;
  uint64_t loaded_ = 0;
};

TEST_F(InventoryTest, ListsEntitiesOfATypeOrAUnionInTheirOrder) {
  Session session = world_.NewSession();
  EXPECT_THAT(Ids(session.ListEntities(Of("user"))),
              ElementsAre("user anna", "user bo", "user cy", "user dan"));
  EXPECT_THAT(
      Ids(session.ListEntities(Of("holder"))),
      testing::UnorderedElementsAre("user anna", "user bo", "user cy", "user dan", "firm acme"));
  EntityQuery some = Of("user");
  some.ids = {"cy", "nobody", "anna", "cy", ""};
  EXPECT_THAT(Ids(session.ListEntities(some)), ElementsAre("user anna", "user cy"));
}

TEST_F(InventoryTest, TellsAttributesByTheirTypesAlsoOfThoseThatNoRuleReads) {
  Session session = world_.NewSession();
  const EntityPage places = session.ListEntities(Of("place"));
  ASSERT_EQ(places.entities.size(), 2u);
  EXPECT_EQ(Shown(places.entities[0]),
            "size=large height=2.5 opened=1990-02-03 tags=[cold;old;] owner=firm:acme ");
  EXPECT_EQ(Shown(places.entities[1]), "size=small ");
  EXPECT_EQ(Shown(session.ListEntities(Of("firm")).entities.at(0)), "open=yes staff=#12 ");
  EXPECT_EQ(Shown(session.ListEntities(Of("user")).entities.at(0)), "home=hall ");
}

TEST_F(InventoryTest, GivesPagesOfEntities) {
  Session session = world_.NewSession();
  EntityQuery query = Of("user");
  query.limit = 3;
  const EntityPage first = session.ListEntities(query);
  EXPECT_THAT(Ids(first), ElementsAre("user anna", "user bo", "user cy"));
  ASSERT_TRUE(first.next);
  query.after = *first.next;
  const EntityPage second = session.ListEntities(query);
  EXPECT_THAT(Ids(second), ElementsAre("user dan"));
  EXPECT_FALSE(second.next);
}

TEST_F(InventoryTest, ListsWhatWas) {
  Session session = world_.NewSession();
  ASSERT_TRUE(session.GoTo({.revision = loaded_, .instant_us = {}, .policy_version = {}}).ok());
  EXPECT_THAT(Ids(session.ListEntities(Of("user"))),
              ElementsAre("user anna", "user bo", "user cy"));
  const FactPage page = session.ListFacts(Of(bo_));
  EXPECT_THAT(Texts(page), ElementsAre("bo works_at hall", "bo works_at barn"));
  // What came later does not show in what was.
  const FactPage anna = session.ListFacts(Of(anna_, hall_));
  ASSERT_EQ(anna.facts.size(), 2u);
  for (const ListedFact& fact : anna.facts) {
    EXPECT_TRUE(fact.validity.always());
    ASSERT_TRUE(fact.made);
    EXPECT_EQ(fact.made->revision, loaded_);
  }
}

TEST_F(InventoryTest, ListsFactsFromEitherEnd) {
  Session session = world_.NewSession();
  EXPECT_THAT(Texts(session.ListFacts(Of(anna_))),
              testing::UnorderedElementsAre("anna works_at hall", "anna is boss on hall"));
  EXPECT_THAT(Texts(session.ListFacts(Of(bo_))), ElementsAre("bo works_at barn"));
  EXPECT_THAT(Texts(session.ListFacts(Of({}, hall_))),
              testing::UnorderedElementsAre("anna works_at hall", "anna is boss on hall"));
  FactQuery roles = Of({}, hall_);
  roles.relation = "is";
  EXPECT_THAT(Texts(session.ListFacts(roles)), ElementsAre("anna is boss on hall"));
}

TEST_F(InventoryTest, TellsWhoMadeAFactLastWhenAndWhy) {
  Session session = world_.NewSession();
  FactQuery query = Of(anna_);
  query.relation = "works_at";
  FactPage page = session.ListFacts(query);
  ASSERT_EQ(page.facts.size(), 1u);
  const ListedFact& works = page.facts[0];
  EXPECT_EQ(works.validity, (Validity{1'500, 9'000}));
  EXPECT_TRUE(works.holds);
  ASSERT_TRUE(works.made);
  EXPECT_EQ(works.made->instant_us, 2'000);
  EXPECT_EQ(works.made->actor, bo_);
  EXPECT_EQ(works.made->reason, "for the summer");
  EXPECT_EQ(works.made->ticket, "T-7");

  // The role of the same pair was not touched then: it is as old as the load.
  query.relation = "is";
  page = session.ListFacts(query);
  ASSERT_EQ(page.facts.size(), 1u);
  ASSERT_TRUE(page.facts[0].made);
  EXPECT_EQ(page.facts[0].made->revision, loaded_);
  EXPECT_EQ(page.facts[0].made->actor, std::nullopt);
  EXPECT_EQ(page.facts[0].made->operator_name, "operator");

  query.with_made = false;
  EXPECT_EQ(session.ListFacts(query).facts.at(0).made, std::nullopt);
}

TEST_F(InventoryTest, SaysWhenAFactThatIsStoredDoesNotHold) {
  world_.now_us = 9'000;
  FactQuery query = Of(anna_);
  query.relation = "works_at";
  EXPECT_FALSE(world_.NewSession().ListFacts(query).facts.at(0).holds);
}

TEST_F(InventoryTest, GivesPagesOfFacts) {
  Session session = world_.NewSession();
  FactQuery query = Of({}, hall_);
  const std::vector<std::string> all = Texts(session.ListFacts(query));
  query.limit = 1;
  const FactPage first = session.ListFacts(query);
  EXPECT_THAT(Texts(first), ElementsAre(all[0]));
  ASSERT_TRUE(first.next);
  query.after = *first.next;
  const FactPage second = session.ListFacts(query);
  EXPECT_THAT(Texts(second), ElementsAre(all[1]));
  EXPECT_FALSE(second.next);
}

TEST_F(InventoryTest, ShowsAViewerOnlyWhatHeSees) {
  Session session = world_.NewSession();
  EntityQuery places = Of("place");
  places.viewer = bo_;
  EXPECT_THAT(Ids(session.ListEntities(places)), ElementsAre("place barn"));
  places.viewer = EntityName{"user", "nobody"};
  EXPECT_THAT(Ids(session.ListEntities(places)), IsEmpty());
  FactQuery facts = Of(bo_);
  facts.viewer = bo_;
  EXPECT_THAT(Texts(session.ListFacts(facts)), ElementsAre("bo works_at barn"));
  // He sees barn, but not cy.
  facts = Of(EntityName{"user", "cy"});
  facts.viewer = bo_;
  EXPECT_THAT(Texts(session.ListFacts(facts)), IsEmpty());
  facts = Of({}, EntityName{"place", "barn"});
  facts.viewer = bo_;
  EXPECT_THAT(Texts(session.ListFacts(facts)), ElementsAre("bo works_at barn"));
  // He sees neither hall nor anna.
  facts = Of({}, hall_);
  facts.viewer = bo_;
  EXPECT_THAT(Texts(session.ListFacts(facts)), IsEmpty());
  facts = Of(anna_);
  facts.viewer = bo_;
  EXPECT_THAT(Texts(session.ListFacts(facts)), IsEmpty());
}

TEST_F(InventoryTest, SaysWhatItCannotUnderstand) {
  Session session = world_.NewSession();
  const EntityPage entities = session.ListEntities(Of("usr"));
  EXPECT_EQ(entities.error_code, "bad_query");
  EXPECT_THAT(entities.error, HasSubstr("did you mean `user`"));
  EXPECT_EQ(session.ListFacts(FactQuery()).error_code, "bad_query");
  FactQuery query = Of(anna_);
  query.relation = "juggles";
  EXPECT_THAT(session.ListFacts(query).error, HasSubstr("juggles"));
  EXPECT_THAT(Texts(session.ListFacts(Of(EntityName{"user", "nobody"}))), IsEmpty());
}

}  // namespace
}  // namespace portvakt::engine
