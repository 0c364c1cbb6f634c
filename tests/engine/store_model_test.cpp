// The store against the simplest thing that could be right: a std::map, through growth, removal
// and reopening. The seed is printed; set PORTVAKT_SEED to run one again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "tests/engine/scratch_store.h"

namespace portvakt::engine {
namespace {

constexpr uint16_t kSubjectType = 3;
constexpr uint16_t kObjectType = 9;
constexpr size_t kSubjects = 5'000;
constexpr size_t kObjects = 2'000;
constexpr size_t kFacts = 200'000;
constexpr size_t kFactsPerRevision = 20'000;

struct KeyLess {
  bool operator()(const FactKey& a, const FactKey& b) const {
    return std::tie(a.subject, a.object, a.relation, a.symbol) <
           std::tie(b.subject, b.object, b.relation, b.symbol);
  }
};
using Model = std::map<FactKey, Validity, KeyLess>;

uint64_t Seed() {
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "PORTVAKT_SEED=" << seed << "\n";
  return seed;
}

std::string IdOf(uint64_t index) { return "id-" + std::to_string(index * 7919); }

FactKey RandomFact(std::mt19937_64& random) {
  FactKey fact;
  fact.relation = static_cast<uint16_t>(random() % 6);
  fact.symbol = fact.relation < 2 ? static_cast<uint16_t>(random() % 300) : uint16_t{0};
  fact.subject = MakeEntity(kSubjectType, random() % kSubjects);
  if (fact.relation != 5) fact.object = MakeEntity(kObjectType, random() % kObjects);
  return fact;
}

void PutAll(Writer& writer, uint16_t type, size_t count) {
  for (size_t i = 0; i < count; ++i) ASSERT_TRUE(writer.PutEntity(type, IdOf(i), {}).ok());
}

// One revision of random additions and removals, in the store and in the model.
void ChangeBoth(Store& store, Model& model, std::mt19937_64& random, bool shrink) {
  auto writer = store.Begin();
  ASSERT_TRUE(writer.ok());
  if (shrink) {
    for (auto fact = model.begin(); fact != model.end();) {
      if (random() % 3 == 0) {
        ++fact;
        continue;
      }
      ASSERT_TRUE(writer->RemoveFact(fact->first).ok());
      fact = model.erase(fact);
    }
  } else {
    for (size_t i = 0; i < kFactsPerRevision; ++i) {
      const FactKey fact = RandomFact(random);
      Validity validity;
      if (random() % 8 == 0) validity = {static_cast<int64_t>(random() % 100), 1'000};
      ASSERT_TRUE(writer->AddFact(fact, validity).ok());
      model[fact] = validity;
    }
  }
  ASSERT_TRUE(writer->Commit({.instant_us = 1, .actor = "test", .reason = ""}).ok());
}

using Cells = std::map<std::pair<EntityId, EntityId>, size_t>;  // facts in each

void ExpectFacts(const Snapshot& snapshot, const Model& model, Cells& cells) {
  for (const auto& [fact, validity] : model) {
    const Cell::Row row = snapshot.FindCell(fact.subject, fact.object)
                              .Find(fact.relation, static_cast<uint16_t>(fact.symbol / 64));
    ASSERT_TRUE((row.bits >> (fact.symbol % 64)) & 1);
    ASSERT_EQ((row.timed >> (fact.symbol % 64)) & 1, validity.always() ? 0u : 1u);
    ASSERT_EQ(snapshot.FindValidity(fact), validity);
    ++cells[{fact.subject, fact.object}];
  }
}

void ExpectNoOtherFacts(const Snapshot& snapshot, const Cells& cells, std::mt19937_64& random) {
  for (const auto& [pair, count] : cells) {
    const Cell cell = snapshot.FindCell(pair.first, pair.second);
    size_t found = 0;
    for (size_t i = 0; i < cell.size(); ++i) {
      found += static_cast<size_t>(std::popcount(cell.at(i).bits));
      ASSERT_NE(cell.at(i).bits, 0u);
    }
    ASSERT_EQ(found, count);
  }
  for (int i = 0; i < 20'000; ++i) {
    const FactKey fact = RandomFact(random);
    ASSERT_EQ(snapshot.FindCell(fact.subject, fact.object).empty(),
              !cells.contains({fact.subject, fact.object}));
  }
}

void ExpectNeighbours(const Snapshot& snapshot, const Cells& cells) {
  std::map<EntityId, std::vector<EntityId>> objects;
  std::map<EntityId, std::vector<EntityId>> subjects;
  for (const auto& [pair, count] : cells) {
    if (pair.second == kNoEntity) continue;
    objects[pair.first].push_back(pair.second);
    subjects[pair.second].push_back(pair.first);
  }
  std::vector<EntityId> out;
  for (size_t i = 0; i < kSubjects; ++i) {
    out.clear();
    const EntityId subject = MakeEntity(kSubjectType, i);
    snapshot.Neighbours(Direction::kObjectsOf, subject, kObjectType, out);
    ASSERT_EQ(out, objects[subject]);
  }
  for (size_t i = 0; i < kObjects; ++i) {
    out.clear();
    const EntityId object = MakeEntity(kObjectType, i);
    snapshot.Neighbours(Direction::kSubjectsOf, object, kSubjectType, out);
    ASSERT_EQ(out, subjects[object]);
  }
}

void ExpectSame(const Store& store, const Model& model, std::mt19937_64& random) {
  const auto snapshot = store.Read();
  ASSERT_TRUE(snapshot.ok());
  Cells cells;
  ASSERT_NO_FATAL_FAILURE(ExpectFacts(snapshot.value(), model, cells));
  ASSERT_NO_FATAL_FAILURE(ExpectNoOtherFacts(snapshot.value(), cells, random));
  ASSERT_NO_FATAL_FAILURE(ExpectNeighbours(snapshot.value(), cells));
  for (size_t i = 0; i < kSubjects; ++i) {
    ASSERT_EQ(snapshot.value().FindEntity(kSubjectType, IdOf(i)), MakeEntity(kSubjectType, i));
    ASSERT_EQ(snapshot.value().FindRecord(MakeEntity(kSubjectType, i)).id(), IdOf(i));
  }
}

TEST(StoreModelTest, AgreesThroughGrowthRemovalAndReopening) {
  const ScratchDirectory directory;
  std::mt19937_64 random(Seed());
  Model model;
  auto store = OpenScratch(directory.path());
  {
    auto writer = store->Begin();
    ASSERT_TRUE(writer.ok());
    ASSERT_NO_FATAL_FAILURE(PutAll(*writer, kSubjectType, kSubjects));
    ASSERT_NO_FATAL_FAILURE(PutAll(*writer, kObjectType, kObjects));
    ASSERT_TRUE(writer->Commit({.instant_us = 1, .actor = "test", .reason = ""}).ok());
  }
  for (size_t written = 0; written < kFacts; written += kFactsPerRevision) {
    ASSERT_NO_FATAL_FAILURE(ChangeBoth(*store, model, random, false));
  }
  ASSERT_NO_FATAL_FAILURE(ExpectSame(*store, model, random));
  ASSERT_NO_FATAL_FAILURE(ChangeBoth(*store, model, random, true));
  ASSERT_NO_FATAL_FAILURE(ExpectSame(*store, model, random));
  ASSERT_NO_FATAL_FAILURE(ChangeBoth(*store, model, random, false));
  store.reset();
  store = OpenScratch(directory.path());
  ASSERT_NO_FATAL_FAILURE(ExpectSame(*store, model, random));
}

}  // namespace
}  // namespace portvakt::engine
