// Any past revision reads as the store was then: against a copy of a simple model for every
// revision, through removal, re-creation, and transactions of several revisions. The seed is
// printed; set PORTVAKT_SEED to run one again.
#include "engine/past_view.h"

#include <gmock/gmock.h>

#include <bit>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "tests/engine/scratch_store.h"

namespace portvakt::engine {
namespace {

constexpr uint16_t kUser = 1;
constexpr uint16_t kPlace = 2;
constexpr uint16_t kFriend = 0;  // attributes that refer
constexpr uint16_t kFriends = 1;
constexpr uint16_t kAge = 2;
constexpr int kIds = 9;  // of each type
constexpr int kTransactions = 60;

struct KeyLess {
  bool operator()(const FactKey& a, const FactKey& b) const {
    return std::tie(a.subject, a.object, a.relation, a.symbol) <
           std::tie(b.subject, b.object, b.relation, b.symbol);
  }
};
struct Moment {
  std::map<std::pair<uint16_t, std::string>, EntityId> ids;
  std::map<EntityId, std::vector<StoredAttribute>> attributes;
  std::map<FactKey, Validity, KeyLess> facts;
  std::map<std::pair<EntityId, uint16_t>, uint32_t> seats;
};

StoredValue Reference(EntityId entity) {
  StoredValue value;
  value.kind = StoredValue::Kind::kEntity;
  value.number = static_cast<int64_t>(entity);
  return value;
}

class PastViewTest : public testing::Test {
 protected:
  PastViewTest() : store_(OpenScratch(directory_.path())), random_(Seed()) {
    moments_.emplace_back();
  }

  static uint64_t Seed() {
    const char* given = std::getenv("PORTVAKT_SEED");
    const uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "PORTVAKT_SEED=" << seed << "\n";
    return seed;
  }

  std::string AnyId() { return "id" + std::to_string(random_() % kIds); }
  uint16_t AnyType() { return random_() % 2 == 0 ? kUser : kPlace; }
  // kNoEntity when there is none.
  EntityId AnyEntity() {
    if (now_.ids.empty()) return kNoEntity;
    return std::next(now_.ids.begin(), static_cast<long>(random_() % now_.ids.size()))->second;
  }

  void Put(Writer& writer) {
    std::vector<StoredAttribute> attributes;
    const EntityId other = AnyEntity();
    if (other != kNoEntity && random_() % 2 == 0) attributes.push_back({kFriend, Reference(other)});
    if (other != kNoEntity && random_() % 3 == 0) {
      StoredValue set;
      set.kind = StoredValue::Kind::kSet;
      set.set = {Reference(std::min(other, AnyEntity()))};
      attributes.push_back({kFriends, set});
    }
    StoredValue age;
    age.number = static_cast<int64_t>(random_() % 3);
    attributes.push_back({kAge, age});
    const uint16_t type = AnyType();
    const std::string id = AnyId();
    const auto entity = writer.PutEntity(type, id, attributes);
    ASSERT_TRUE(entity.ok());
    now_.ids[{type, id}] = entity.value();
    now_.attributes[entity.value()] = attributes;
    ever_.insert(entity.value());
  }

  void Remove(Writer& writer) {
    const EntityId entity = AnyEntity();
    if (entity == kNoEntity) return;
    for (auto fact = now_.facts.begin(); fact != now_.facts.end();) {
      if (fact->first.subject != entity && fact->first.object != entity) {
        ++fact;
        continue;
      }
      ASSERT_TRUE(writer.RemoveFact(fact->first).ok());
      fact = now_.facts.erase(fact);
    }
    ASSERT_TRUE(writer.RemoveEntity(entity).ok());
    std::erase_if(now_.ids, [&](const auto& named) { return named.second == entity; });
    now_.attributes.erase(entity);
  }

  void Change(Writer& writer) {
    const EntityId subject = AnyEntity();
    switch (random_() % 10) {
      case 0:
      case 1: return Put(writer);
      case 2: return random_() % 2 == 0 ? Remove(writer) : Put(writer);
      case 3:
        if (subject == kNoEntity) return;
        now_.seats[{subject, 7}] = static_cast<uint32_t>(random_() % 3);
        ASSERT_TRUE(writer.SetSeats(subject, 7, now_.seats[{subject, 7}]).ok());
        return;
      case 4:
      case 5:
      case 6: {
        if (now_.facts.empty()) return;
        const auto fact =
            std::next(now_.facts.begin(), static_cast<long>(random_() % now_.facts.size()));
        ASSERT_TRUE(writer.RemoveFact(fact->first).ok());
        now_.facts.erase(fact);
        return;
      }
      default: break;
    }
    if (subject == kNoEntity) return;
    FactKey fact{static_cast<uint16_t>(random_() % 2), static_cast<uint16_t>(random_() % 70),
                 subject, AnyEntity()};
    if (random_() % 5 == 0) fact.object = kNoEntity;
    Validity validity;
    if (random_() % 3 == 0) validity.until_us = 5 + static_cast<int64_t>(random_() % 3);
    ASSERT_TRUE(writer.AddFact(fact, validity).ok());
    now_.facts[fact] = validity;
  }

  // One transaction of one to four revisions.
  void Write() {
    auto writer = store_->Begin();
    ASSERT_TRUE(writer.ok());
    for (uint64_t left = 1 + random_() % 4; left > 0; --left) {
      for (uint64_t changes = 1 + random_() % 9; changes > 0; --changes) {
        ASSERT_NO_FATAL_FAILURE(Change(*writer));
      }
      const Writer::Stamp stamp{.instant_us = static_cast<int64_t>(10 * moments_.size())};
      if (left > 1) {
        ASSERT_TRUE(writer->NextRevision(stamp).ok());
      } else {
        ASSERT_TRUE(writer->Commit(stamp).ok());
      }
      if (writer->revision() == moments_.size()) moments_.push_back(now_);
      ASSERT_EQ(writer->revision() + 1, moments_.size());
    }
  }

  void ExpectEntities(const View& view, const Moment& moment) {
    for (const uint16_t type : {kUser, kPlace}) {
      std::vector<EntityId> all;
      for (const auto& [name, entity] : moment.ids) {
        if (name.first == type) all.push_back(entity);
      }
      std::sort(all.begin(), all.end());
      std::vector<EntityId> found;
      view.Entities(type, found);
      ASSERT_EQ(found, all);
      for (int i = 0; i < kIds; ++i) {
        const std::string id = "id" + std::to_string(i);
        const auto named = moment.ids.find({type, id});
        const auto entity = view.FindEntity(type, id);
        ASSERT_EQ(entity.has_value(), named != moment.ids.end()) << id;
        if (!entity) continue;
        ASSERT_EQ(*entity, named->second) << id;
        ASSERT_EQ(view.FindRecord(*entity).id(), id);
      }
    }
    for (const EntityId entity : ever_) {
      const auto expected = moment.attributes.find(entity);
      const Record record = view.FindRecord(entity);
      ASSERT_EQ(record.exists(), expected != moment.attributes.end());
      if (record.exists()) {
        ASSERT_EQ(record.All(), expected->second);
      }
      const auto seats = moment.seats.find({entity, 7});
      ASSERT_EQ(view.FindSeats(entity, 7), seats == moment.seats.end() ? 0 : seats->second);
    }
  }

  static size_t FactsIn(const Cell& cell) {
    size_t count = 0;
    for (size_t i = 0; i < cell.size(); ++i) {
      count += static_cast<size_t>(std::popcount(cell.at(i).bits));
    }
    return count;
  }

  void ExpectFacts(const View& view, const Moment& moment) {
    std::map<std::pair<EntityId, EntityId>, size_t> facts;
    for (const auto& [fact, validity] : moment.facts) {
      const Cell::Row row = view.FindCell(fact.subject, fact.object)
                                .Find(fact.relation, static_cast<uint16_t>(fact.symbol / 64));
      ASSERT_TRUE((row.bits >> (fact.symbol % 64)) & 1);
      ASSERT_EQ((row.timed >> (fact.symbol % 64)) & 1, validity.always() ? 0u : 1u);
      ASSERT_EQ(view.FindValidity(fact), validity);
      ++facts[{fact.subject, fact.object}];
    }
    std::set<EntityId> objects = ever_;
    objects.insert(kNoEntity);
    for (const EntityId subject : ever_) {
      for (const EntityId object : objects) {
        const auto expected = facts.find({subject, object});
        ASSERT_EQ(FactsIn(view.FindCell(subject, object)),
                  expected == facts.end() ? 0 : expected->second);
      }
    }
    for (const auto& [pair, count] : facts) {
      if (pair.second == kNoEntity) continue;
      std::vector<EntityId> found;
      view.Neighbours(Direction::kObjectsOf, pair.first, TypeOf(pair.second), found);
      ASSERT_TRUE(std::is_sorted(found.begin(), found.end()));
      ASSERT_THAT(found, testing::Contains(pair.second).Times(1));
      found.clear();
      view.Neighbours(Direction::kSubjectsOf, pair.second, TypeOf(pair.first), found);
      ASSERT_THAT(found, testing::Contains(pair.first).Times(1));
    }
    for (const auto& [entity, attributes] : moment.attributes) {
      for (const StoredAttribute& attribute : attributes) {
        if (attribute.attribute == kAge) continue;
        const StoredValue& value = attribute.value;
        const EntityId target = value.set.empty() ? value.entity() : value.set.front().entity();
        std::vector<EntityId> found;
        view.Referrers(attribute.attribute, target, found);
        ASSERT_TRUE(std::is_sorted(found.begin(), found.end()));
        ASSERT_THAT(found, testing::Contains(entity).Times(1));
      }
    }
  }

  ScratchDirectory directory_;
  std::unique_ptr<Store> store_;
  std::mt19937_64 random_;
  Moment now_;
  std::vector<Moment> moments_;  // by revision
  std::set<EntityId> ever_;
};

TEST_F(PastViewTest, EveryRevisionReadsAsItWas) {
  for (int i = 0; i < kTransactions; ++i) ASSERT_NO_FATAL_FAILURE(Write());
  const auto snapshot = store_->Read();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot.value().revision() + 1, moments_.size());
  ASSERT_NO_FATAL_FAILURE(ExpectEntities(snapshot.value(), now_));
  ASSERT_NO_FATAL_FAILURE(ExpectFacts(snapshot.value(), now_));
  for (uint64_t revision = 0; revision < moments_.size(); ++revision) {
    const PastView view(snapshot.value(), revision);
    ASSERT_NO_FATAL_FAILURE(ExpectEntities(view, moments_[revision])) << "revision " << revision;
    ASSERT_NO_FATAL_FAILURE(ExpectFacts(view, moments_[revision])) << "revision " << revision;
  }
}

TEST_F(PastViewTest, RevisionsAreFoundByInstantAndNeverGoBack) {
  auto commit = [&](int64_t instant_us, std::string_view id) {
    auto writer = store_->Begin();
    EXPECT_TRUE(writer->PutEntity(kUser, id, {}).ok());
    EXPECT_TRUE(writer->Commit({.instant_us = instant_us}).ok());
    return writer->instant_us();
  };
  EXPECT_EQ(commit(100, "a"), 100);
  EXPECT_EQ(commit(200, "b"), 200);
  EXPECT_EQ(commit(150, "c"), 200) << "a clock that went back";
  EXPECT_EQ(commit(300, "d"), 300);
  const auto snapshot = store_->Read();
  EXPECT_EQ(snapshot.value().FindRevision(3)->instant_us, 200);
  EXPECT_EQ(RevisionAt(snapshot.value(), 99), 0u);
  EXPECT_EQ(RevisionAt(snapshot.value(), 100), 1u);
  EXPECT_EQ(RevisionAt(snapshot.value(), 199), 1u);
  EXPECT_EQ(RevisionAt(snapshot.value(), 200), 3u);
  EXPECT_EQ(RevisionAt(snapshot.value(), 1'000), 4u);
}

TEST_F(PastViewTest, TheActivePolicyIsTheOneOfThen) {
  auto writer = store_->Begin();
  ASSERT_TRUE(writer->PutEntity(kUser, "a", {}).ok());
  ASSERT_TRUE(writer->NextRevision({}).ok());
  ASSERT_TRUE(writer->InstallPolicy("first", {}, "program").ok());
  ASSERT_TRUE(writer->ActivatePolicy(1).ok());
  ASSERT_TRUE(writer->NextRevision({}).ok());
  ASSERT_TRUE(writer->InstallPolicy("second", {}, "program").ok());
  ASSERT_TRUE(writer->NextRevision({}).ok());
  ASSERT_TRUE(writer->ActivatePolicy(2).ok());
  ASSERT_EQ(writer->Commit({}).value(), 4u);
  const auto snapshot = store_->Read();
  EXPECT_EQ(PastView(snapshot.value(), 1).active_policy(), 0u);
  EXPECT_EQ(PastView(snapshot.value(), 2).active_policy(), 1u);
  EXPECT_EQ(PastView(snapshot.value(), 3).active_policy(), 1u);
  EXPECT_EQ(PastView(snapshot.value(), 4).active_policy(), 2u);
}

TEST_F(PastViewTest, ARequestIsFoundAgainByItsKeyAlsoBeforeTheCommit) {
  Writer::Stamp stamp{.idempotency_key = "k"};
  stamp.request_digest[0] = 7;
  auto writer = store_->Begin();
  ASSERT_TRUE(writer->PutEntity(kUser, "a", {}).ok());
  ASSERT_TRUE(writer->NextRevision(stamp).ok());
  ASSERT_TRUE(writer->FindIdempotent(kNoEntity, "k").has_value());
  EXPECT_FALSE(writer->FindIdempotent(MakeEntity(kUser, 0), "k").has_value());
  ASSERT_TRUE(writer->PutEntity(kUser, "b", {}).ok());
  ASSERT_TRUE(writer->Commit({}).ok());
  const auto snapshot = store_->Read();
  const auto made = snapshot.value().FindIdempotent(kNoEntity, "k");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->revision, 1u);
  EXPECT_EQ(made->digest, stamp.request_digest);
  EXPECT_FALSE(snapshot.value().FindIdempotent(kNoEntity, "").has_value());
  auto again = store_->Begin();
  ASSERT_TRUE(again->PutEntity(kUser, "c", {}).ok());
  EXPECT_EQ(again->NextRevision(stamp).error().code, Error::Code::kConflict);
  EXPECT_FALSE(again->Commit({}).ok()) << "nothing of it happens";
  EXPECT_EQ(store_->Read()->revision(), 2u);
}

TEST_F(PastViewTest, EachStoreHasASecretOfItsOwn) {
  const ScratchDirectory other;
  const Sha256 secret = store_->Read()->Secret();
  EXPECT_NE(secret, OpenScratch(other.path())->Read()->Secret());
  store_.reset();
  store_ = OpenScratch(directory_.path());
  EXPECT_EQ(store_->Read()->Secret(), secret);
}

}  // namespace
}  // namespace portvakt::engine
