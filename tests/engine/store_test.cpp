// What a user of the store relies on: what was committed is there, in every direction, at the right
// revision, after a reopen too.
#include "engine/store.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/engine/store_fixture.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(StoreTest, NamesKeepTheirNumbers) {
  {
    Writer writer = Begin();
    EXPECT_EQ(writer.Number(Space::kRole, "boss").value(), 0u);
    EXPECT_EQ(writer.Number(Space::kRole, "clerk").value(), 1u);
    EXPECT_EQ(writer.Number(Space::kRole, "boss").value(), 0u);
    EXPECT_EQ(writer.Number(Space::kLicence, "boss").value(), 0u) << "each space has its own";
    EXPECT_EQ(Commit(writer), 0u) << "names alone make no revision";
  }
  Reopen();
  {
    Writer writer = Begin();
    EXPECT_EQ(writer.Number(Space::kRole, "guest").value(), 2u);
    EXPECT_EQ(writer.Number(Space::kRole, "clerk").value(), 1u);
    Commit(writer);
  }
  const Snapshot snapshot = Read();
  EXPECT_EQ(snapshot.FindNumber(Space::kRole, "guest"), 2u);
  EXPECT_EQ(snapshot.FindNumber(Space::kRole, "Guest"), std::nullopt);
  EXPECT_EQ(snapshot.NameOf(Space::kRole, 1), "clerk");
  EXPECT_EQ(snapshot.NameOf(Space::kRole, 3), "");
}

TEST_F(StoreTest, NumbersRunOutWithAnError) {
  Writer writer = Begin();
  for (uint32_t i = 0; i < kMaxNumbers; ++i) {
    ASSERT_TRUE(writer.Number(Space::kLabel, "label" + std::to_string(i)).ok());
  }
  const auto refused = writer.Number(Space::kLabel, "one more");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Error::Code::kFull);
  EXPECT_THAT(refused.error().message, HasSubstr("16384"));
}

TEST_F(StoreTest, NothingHappensWithoutCommit) {
  {
    Writer writer = Begin();
    Put(writer, kUser, "anna");
  }
  EXPECT_EQ(Read().revision(), 0u);
  EXPECT_EQ(Read().FindEntity(kUser, "anna"), std::nullopt);
}

TEST_F(StoreTest, EntitiesKeepIdsOfAllKinds) {
  const std::vector<std::string> ids = {"a",
                                        "anna",
                                        "anna:b",
                                        "anna/b",
                                        "a,b",
                                        "a b",
                                        "\"quoted\"",
                                        "\x01\x7f",
                                        "åäö",
                                        std::string("nul\0inside", 10),
                                        std::string(kMaxIdBytes, 'x'),
                                        std::string(8, '\xff')};
  std::map<std::string, EntityId> given;
  {
    Writer writer = Begin();
    for (const std::string& id : ids) given[id] = Put(writer, kUser, id);
    EXPECT_FALSE(writer.PutEntity(kUser, "", {}).ok());
    EXPECT_FALSE(writer.PutEntity(kUser, std::string(kMaxIdBytes + 1, 'x'), {}).ok());
    Commit(writer);
  }
  Reopen();
  const Snapshot snapshot = Read();
  for (const std::string& id : ids) {
    EXPECT_EQ(snapshot.FindEntity(kUser, id), given[id]) << id;
    EXPECT_EQ(snapshot.FindRecord(given[id]).id(), id);
    EXPECT_EQ(snapshot.FindEntity(kClient, id), std::nullopt) << "another type is another entity";
  }
  EXPECT_EQ(snapshot.FindEntity(kUser, std::string(kMaxIdBytes + 1, 'x')), std::nullopt);
  EXPECT_FALSE(snapshot.FindRecord(MakeEntity(kUser, ids.size())).exists());
  std::vector<EntityId> all;
  snapshot.Entities(kUser, all);
  EXPECT_EQ(all.size(), ids.size());
}

TEST_F(StoreTest, RecordsKeepTheirAttributes) {
  StoredAttribute set{9, {}};
  set.value.kind = StoredValue::Kind::kSet;
  EntityId anna = kNoEntity;
  {
    Writer writer = Begin();
    const EntityId alfa = Put(writer, kClient, "alfa");
    const EntityId beta = Put(writer, kClient, "beta");
    set.value.set = {EntityValue(beta), EntityValue(alfa), EntityValue(beta)};
    anna = Put(writer, kUser, "anna",
               {set, Text(7, ""), Number(3, -5), Text(2, "x y"), Reference(4, alfa)});
    Commit(writer);
  }
  const Snapshot snapshot = Read();
  const EntityId alfa = *snapshot.FindEntity(kClient, "alfa");
  const EntityId beta = *snapshot.FindEntity(kClient, "beta");
  const Record record = snapshot.FindRecord(anna);
  ValueView value;
  ASSERT_TRUE(record.Find(3, value));
  EXPECT_EQ(value.number(), -5);
  ASSERT_TRUE(record.Find(2, value));
  EXPECT_EQ(value.text(), "x y");
  ASSERT_TRUE(record.Find(7, value));
  EXPECT_EQ(value.text(), "");
  ASSERT_TRUE(record.Find(4, value));
  EXPECT_EQ(value.entity(), alfa);
  ASSERT_TRUE(record.Find(9, value));
  ASSERT_EQ(value.size(), 2u);
  EXPECT_EQ(value.at(0).entity(), alfa);
  EXPECT_EQ(value.at(1).entity(), beta);
  EXPECT_FALSE(record.Find(5, value));
  EXPECT_FALSE(record.Find(99, value));
  EXPECT_EQ(record.All().size(), 5u);
  set.value.set = {EntityValue(alfa), EntityValue(beta)};
  EXPECT_EQ(record.All().back(), set);
}

TEST_F(StoreTest, ReferencesAreFoundFromTheirTargets) {
  EntityId alfa = kNoEntity;
  EntityId anna = kNoEntity;
  EntityId bo = kNoEntity;
  {
    Writer writer = Begin();
    alfa = Put(writer, kClient, "alfa");
    anna = Put(writer, kUser, "anna", {Reference(4, alfa)});
    bo = Put(writer, kUser, "bo", {Reference(4, alfa)});
    Commit(writer);
  }
  std::vector<EntityId> found;
  Read().Referrers(4, alfa, found);
  EXPECT_THAT(found, ElementsAre(anna, bo));
  found.clear();
  Read().Referrers(5, alfa, found);
  EXPECT_THAT(found, IsEmpty());
  {
    Writer writer = Begin();
    Put(writer, kUser, "anna", {Reference(4, anna)});
    Commit(writer);
  }
  Read().Referrers(4, alfa, found);
  EXPECT_THAT(found, ElementsAre(bo)) << "a replaced record lets go of what it referred to";
}

TEST_F(StoreTest, FactsAreFoundFromBothSides) {
  Writer writer = Begin();
  const EntityId anna = Put(writer, kUser, "anna");
  const EntityId bo = Put(writer, kUser, "bo");
  const EntityId alfa = Put(writer, kClient, "alfa");
  const FactKey grants[] = {{1, 0, anna, alfa},     {1, 63, anna, alfa}, {1, 64, anna, alfa},
                            {1, 16383, anna, alfa}, {7, 5, anna, alfa},  {2, 3, anna, kNoEntity},
                            {1, 5, bo, alfa},       {3, 0, bo, anna}};
  for (const FactKey& fact : grants) ASSERT_TRUE(writer.AddFact(fact, {}).ok());
  for (const FactKey& fact : grants) {
    EXPECT_TRUE(Holds(writer.FindCell(fact.subject, fact.object), fact)) << "before the commit";
  }
  Commit(writer);
  Reopen();
  const Snapshot snapshot = Read();
  for (const FactKey& fact : grants) {
    EXPECT_TRUE(Holds(snapshot.FindCell(fact.subject, fact.object), fact));
  }
  EXPECT_FALSE(Holds(snapshot.FindCell(anna, alfa), {1, 5, anna, alfa}));
  EXPECT_TRUE(snapshot.FindCell(alfa, anna).empty()) << "a pair has a direction";
  EXPECT_TRUE(snapshot.FindCell(bo, kNoEntity).empty());
  EXPECT_EQ(snapshot.FindCell(anna, alfa).size(), 4u) << "rows, one for each 64 symbols in use";
  std::vector<EntityId> out;
  snapshot.Neighbours(Direction::kObjectsOf, bo, kClient, out);
  EXPECT_THAT(out, ElementsAre(alfa));
  out.clear();
  snapshot.Neighbours(Direction::kObjectsOf, bo, kUser, out);
  EXPECT_THAT(out, ElementsAre(anna));
  out.clear();
  snapshot.Neighbours(Direction::kSubjectsOf, alfa, kUser, out);
  EXPECT_THAT(out, ElementsAre(anna, bo));
  out.clear();
  snapshot.Neighbours(Direction::kSubjectsOf, alfa, kClient, out);
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(StoreTest, RemovedFactsLeaveNothing) {
  Writer writer = Begin();
  const EntityId anna = Put(writer, kUser, "anna");
  const EntityId alfa = Put(writer, kClient, "alfa");
  const FactKey fact{1, 70, anna, alfa};
  ASSERT_TRUE(writer.AddFact(fact, {10, 20}).ok());
  Commit(writer);
  Writer remover = Begin();
  ASSERT_TRUE(remover.RemoveFact(fact).ok());
  ASSERT_TRUE(remover.RemoveFact({1, 71, anna, alfa}).ok()) << "what is not there is no error";
  EXPECT_EQ(remover.change_count(), 1u);
  EXPECT_TRUE(remover.FindCell(anna, alfa).empty());
  Commit(remover);
  const Snapshot snapshot = Read();
  EXPECT_TRUE(snapshot.FindCell(anna, alfa).empty());
  EXPECT_TRUE(snapshot.FindValidity(fact).always());
  std::vector<EntityId> out;
  snapshot.Neighbours(Direction::kObjectsOf, anna, kClient, out);
  snapshot.Neighbours(Direction::kSubjectsOf, alfa, kUser, out);
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(StoreTest, ValidityIsMarkedAndKept) {
  Writer writer = Begin();
  const EntityId anna = Put(writer, kUser, "anna");
  const FactKey timed{1, 3, anna, kNoEntity};
  const FactKey plain{1, 4, anna, kNoEntity};
  ASSERT_TRUE(writer.AddFact(timed, {10, 20}).ok());
  ASSERT_TRUE(writer.AddFact(plain, {}).ok());
  EXPECT_FALSE(writer.AddFact(plain, {20, 20}).ok()) << "never valid";
  Commit(writer);
  const Cell::Row row = Read().FindCell(anna, kNoEntity).Find(1, 0);
  EXPECT_EQ(row.bits, 0b11000u);
  EXPECT_EQ(row.timed, 0b01000u);
  EXPECT_EQ(Read().FindValidity(timed), (Validity{10, 20}));
  EXPECT_FALSE((Validity{10, 20}.At(20))) << "half open";
  Writer again = Begin();
  ASSERT_TRUE(again.AddFact(timed, {10, 20}).ok());
  EXPECT_EQ(again.change_count(), 0u);
  ASSERT_TRUE(again.AddFact(timed, {10, 30}).ok());
  ASSERT_TRUE(again.AddFact(plain, {Validity::kAlways, 5}).ok());
  EXPECT_EQ(again.change_count(), 2u);
  Commit(again);
  EXPECT_EQ(Read().FindValidity(timed), (Validity{10, 30}));
  Writer clear = Begin();
  ASSERT_TRUE(clear.AddFact(timed, {}).ok());
  Commit(clear);
  EXPECT_EQ(Read().FindCell(anna, kNoEntity).Find(1, 0).timed, 0b10000u);
  EXPECT_TRUE(Read().FindValidity(timed).always());
}

TEST_F(StoreTest, FactsNeedStoredEntities) {
  Writer writer = Begin();
  const EntityId anna = Put(writer, kUser, "anna");
  EXPECT_FALSE(writer.AddFact({1, 0, anna + 1, kNoEntity}, {}).ok());
  EXPECT_FALSE(writer.AddFact({1, 0, anna, MakeEntity(kClient, 0)}, {}).ok());
  EXPECT_FALSE(writer.AddFact({1, 0, MakeEntity(kUser, kTransientIndex), kNoEntity}, {}).ok());
  EXPECT_FALSE(writer.SetSeats(MakeEntity(kClient, 0), 0, 3).ok());
  EXPECT_FALSE(writer.AddFact({kMaxNumbers, 0, anna, kNoEntity}, {}).ok());
  EXPECT_FALSE(writer.AddFact({0, kMaxNumbers, anna, kNoEntity}, {}).ok());
}

TEST_F(StoreTest, SnapshotsSeeTheirOwnRevision) {
  Writer first = Begin();
  const EntityId anna = Put(first, kUser, "anna");
  Commit(first);
  Snapshot old = Read();
  {
    Writer second = Begin();
    ASSERT_TRUE(second.AddFact({1, 0, anna, kNoEntity}, {}).ok());
    EXPECT_EQ(Commit(second), 2u);
  }
  Snapshot fresh = Read();
  EXPECT_EQ(old.revision(), 1u);
  EXPECT_TRUE(old.FindCell(anna, kNoEntity).empty());
  EXPECT_EQ(fresh.revision(), 2u);
  EXPECT_FALSE(fresh.FindCell(anna, kNoEntity).empty());
  ASSERT_TRUE(old.Renew().ok());
  EXPECT_EQ(old.revision(), 2u);
  EXPECT_FALSE(old.FindCell(anna, kNoEntity).empty());
}

TEST_F(StoreTest, DoingTheSameAgainIsNoRevision) {
  const auto write = [&] {
    Writer writer = Begin();
    const EntityId alfa = Put(writer, kClient, "alfa", {Number(1, 5)});
    EXPECT_TRUE(writer.AddFact({1, 0, alfa, kNoEntity}, {}).ok());
    EXPECT_TRUE(writer.SetSeats(alfa, 2, 3).ok());
    return Commit(writer);
  };
  EXPECT_EQ(write(), 1u);
  EXPECT_EQ(write(), 1u);
  EXPECT_EQ(Read().FindSeats(*Read().FindEntity(kClient, "alfa"), 2), 3u);
  EXPECT_EQ(Read().FindSeats(*Read().FindEntity(kClient, "alfa"), 3), 0u);
}

TEST_F(StoreTest, HistoryTellsEveryChange) {
  Writer writer = Begin();
  const EntityId anna = Put(writer, kUser, "anna", {Number(1, 5)});
  const EntityId alfa = Put(writer, kClient, "alfa");
  ASSERT_TRUE(writer.AddFact({1, 300, anna, alfa}, {10, 20}).ok());
  ASSERT_TRUE(writer.AddFact({2, 0, anna, kNoEntity}, {}).ok());
  ASSERT_TRUE(writer.SetSeats(alfa, 4, 7).ok());
  EXPECT_EQ(writer.Commit({.instant_us = 99, .actor = "eva", .reason = "first"}).value(), 1u);
  Writer second = Begin();
  Put(second, kUser, "anna", {Number(1, 6)});
  ASSERT_TRUE(second.AddFact({1, 300, anna, alfa}, {10, 30}).ok());
  ASSERT_TRUE(second.RemoveFact({2, 0, anna, kNoEntity}).ok());
  ASSERT_TRUE(second.SetSeats(alfa, 4, 8).ok());
  Commit(second);

  const Snapshot snapshot = Read();
  const auto info = snapshot.FindRevision(1);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->instant_us, 99);
  EXPECT_EQ(info->actor, "eva");
  EXPECT_EQ(info->reason, "first");
  EXPECT_EQ(info->change_count, 5u);
  EXPECT_FALSE(snapshot.FindRevision(3).has_value());
  EXPECT_THAT(snapshot.Changes(3), IsEmpty());

  const std::vector<Change> first = snapshot.Changes(1);
  ASSERT_EQ(first.size(), 5u);
  EXPECT_EQ(first[0].kind, Change::Kind::kPutEntity);
  EXPECT_EQ(first[0].entity, anna);
  EXPECT_EQ(first[1].entity, alfa);
  EXPECT_EQ(first[2].fact, (FactKey{1, 300, anna, alfa}));
  EXPECT_EQ(first[2].validity, (Validity{10, 20}));
  EXPECT_EQ(first[3].fact, (FactKey{2, 0, anna, kNoEntity}));
  EXPECT_TRUE(first[3].validity.always());
  EXPECT_EQ(first[4].licence, 4u);
  EXPECT_EQ(first[4].number, 7u);
  EXPECT_EQ(first[4].number_before, 0u);

  const std::vector<Change> later = snapshot.Changes(2);
  ASSERT_EQ(later.size(), 4u);
  ValueView value;
  ASSERT_TRUE(Record(later[0].record_before).Find(1, value));
  EXPECT_EQ(value.number(), 5);
  ASSERT_TRUE(Record(later[0].record).Find(1, value));
  EXPECT_EQ(value.number(), 6);
  EXPECT_TRUE(later[1].existed);
  EXPECT_EQ(later[1].validity_before, (Validity{10, 20}));
  EXPECT_EQ(later[2].kind, Change::Kind::kRemoveFact);
  EXPECT_EQ(later[3].number_before, 7u);
}

}  // namespace
}  // namespace portvakt::engine
