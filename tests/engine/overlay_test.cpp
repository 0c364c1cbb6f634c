// An overlay reads as a store in which the same was really written; taken back, as its base. The
// seed is printed; set PORTVAKT_SEED to run one again.
#include "engine/overlay.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "tests/engine/scratch_store.h"

namespace portvakt::engine {
namespace {

constexpr uint16_t kTypes = 3;
constexpr uint64_t kEntitiesOfType = 6;
constexpr uint16_t kReference = 1;
constexpr uint16_t kSet = 2;
constexpr uint16_t kText = 3;
constexpr uint16_t kSymbols = 70;  // two words of a row
constexpr uint16_t kRelations = 3;
constexpr uint16_t kLicences = 2;

uint64_t Seed() {
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "PORTVAKT_SEED=" << seed << "\n";
  return seed;
}

StoredValue Number(int64_t number, StoredValue::Kind kind) {
  StoredValue value;
  value.kind = kind;
  value.number = number;
  return value;
}

// One change as it was drawn, to be made in an overlay or through a Writer.
struct Step {
  enum class Kind { kAdd, kRemove, kPut, kSeats } kind = Kind::kAdd;
  FactKey fact;
  Validity validity;
  uint16_t type = 0;
  std::string id;
  std::vector<StoredAttribute> attributes;
  EntityId entity = 0;
  uint32_t seats = 0;
};

class Drawing {
 public:
  explicit Drawing(uint64_t seed) : random_(seed) {}
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  EntityId Entity(const View& view) {
    std::vector<EntityId> all;
    for (uint16_t type = 0; type < kTypes; ++type) view.Entities(type, all);
    return all[Below(all.size())];
  }
  FactKey Fact(const View& view) {
    FactKey fact;
    fact.relation = static_cast<uint16_t>(Below(kRelations));
    fact.symbol = static_cast<uint16_t>(Below(4) == 0 ? Below(kSymbols) : Below(3));
    fact.subject = Entity(view);
    if (fact.relation != 0) fact.object = Entity(view);
    return fact;
  }
  std::vector<StoredAttribute> Attributes(const View& view) {
    using Kind = StoredValue::Kind;
    std::vector<StoredAttribute> all;
    const auto reference = [&] {
      return Number(static_cast<int64_t>(Entity(view)), Kind::kEntity);
    };
    if (Below(2) == 0) all.push_back({kReference, reference()});
    if (Below(2) == 0) {
      StoredValue set;
      set.kind = Kind::kSet;
      for (uint64_t i = Below(3); i > 0; --i) set.set.push_back(reference());
      all.push_back({kSet, set});
    }
    if (Below(2) == 0) {
      StoredValue text;
      text.kind = Kind::kText;
      text.text = std::string(Below(4), 'x');
      all.push_back({kText, text});
    }
    return all;
  }
  Step Next(const View& view) {
    Step step;
    switch (Below(8)) {
      case 0:
        step.kind = Step::Kind::kSeats;
        step.entity = Entity(view);
        step.fact.symbol = static_cast<uint16_t>(Below(kLicences));
        step.seats = static_cast<uint32_t>(Below(3));
        return step;
      case 1:
        step.kind = Step::Kind::kPut;
        step.type = static_cast<uint16_t>(Below(kTypes));
        step.id = "id" + std::to_string(Below(2 * kEntitiesOfType));
        step.attributes = Attributes(view);
        return step;
      case 2:
      case 3:
      case 4: step.kind = Step::Kind::kRemove; break;
      default:
        if (Below(3) == 0) step.validity = {static_cast<int64_t>(Below(3)), 10};
    }
    step.fact = Fact(view);
    return step;
  }

 private:
  std::mt19937_64 random_;
};

void Make(Overlay& overlay, const Step& step) {
  switch (step.kind) {
    case Step::Kind::kAdd: overlay.AddFact(step.fact, step.validity); return;
    case Step::Kind::kRemove: overlay.RemoveFact(step.fact); return;
    case Step::Kind::kSeats: overlay.SetSeats(step.entity, step.fact.symbol, step.seats); return;
    case Step::Kind::kPut:
      if (const auto found = overlay.FindEntity(step.type, step.id)) {
        overlay.SetAttributes(*found, step.attributes);
      } else {
        overlay.Create(step.type, step.id, step.attributes);
      }
  }
}

void Write(Writer& writer, const Step& step) {
  switch (step.kind) {
    case Step::Kind::kAdd: ASSERT_TRUE(writer.AddFact(step.fact, step.validity).ok()); return;
    case Step::Kind::kRemove: ASSERT_TRUE(writer.RemoveFact(step.fact).ok()); return;
    case Step::Kind::kSeats:
      ASSERT_TRUE(writer.SetSeats(step.entity, step.fact.symbol, step.seats).ok());
      return;
    case Step::Kind::kPut: ASSERT_TRUE(writer.PutEntity(step.type, step.id, step.attributes).ok());
  }
}

void Fill(Store& store, const std::vector<Step>& steps) {
  auto writer = store.Begin();
  ASSERT_TRUE(writer.ok());
  for (uint16_t type = 0; type < kTypes; ++type) {
    for (uint64_t i = 0; i < kEntitiesOfType; ++i) {
      ASSERT_TRUE(writer->PutEntity(type, "id" + std::to_string(i), {}).ok());
    }
  }
  for (const Step& step : steps) ASSERT_NO_FATAL_FAILURE(Write(*writer, step));
  Writer::Stamp stamp;
  stamp.actor = "test";
  ASSERT_TRUE(writer->Commit(stamp).ok());
}

// ---- what a view says, as text: two views that say the same are equal -------------------------

std::string FactsOf(const View& view, EntityId subject, EntityId object) {
  std::string text;
  const Cell cell = view.FindCell(subject, object);
  for (size_t i = 0; i < cell.size(); ++i) {
    const Cell::Row row = cell.at(i);
    EXPECT_NE(row.bits, 0u);
    EXPECT_EQ(row.timed & ~row.bits, 0u);
    for (uint64_t bits = row.bits; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<uint16_t>(std::countr_zero(bits));
      const auto symbol = static_cast<uint16_t>(row.word * 64 + bit);
      text += " " + std::to_string(row.relation) + "/" + std::to_string(symbol);
      const Validity validity = view.FindValidity({row.relation, symbol, subject, object});
      EXPECT_EQ(((row.timed >> bit) & 1) == 0, validity.always());
      if (!validity.always()) text += "@" + std::to_string(validity.from_us);
    }
  }
  return text;
}

std::set<EntityId> Walk(const View& view, Direction direction, EntityId entity) {
  std::set<EntityId> found;
  for (uint16_t type = 0; type < kTypes; ++type) {
    std::vector<EntityId> out = {42};  // what stands there already stays
    view.Neighbours(direction, entity, type, out);
    EXPECT_EQ(out.front(), 42u);
    EXPECT_TRUE(std::is_sorted(out.begin() + 1, out.end()));
    EXPECT_EQ(std::adjacent_find(out.begin() + 1, out.end()), out.end());
    for (size_t i = 1; i < out.size(); ++i) {
      EXPECT_EQ(TypeOf(out[i]), type);
      const bool forwards = direction == Direction::kObjectsOf;
      if (!view.FindCell(forwards ? entity : out[i], forwards ? out[i] : entity).empty()) {
        found.insert(out[i]);
      }
    }
  }
  return found;
}

bool Refers(const View& view, EntityId entity, uint16_t attribute, EntityId target) {
  ValueView value;
  if (!view.FindRecord(entity).Find(attribute, value)) return false;
  if (value.kind() == StoredValue::Kind::kEntity) return value.entity() == target;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value.at(i).entity() == target) return true;
  }
  return false;
}

std::string Say(const View& view) {
  std::vector<EntityId> all;
  for (uint16_t type = 0; type < kTypes; ++type) view.Entities(type, all);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  std::string text;
  const auto list = [&](const char* what, const auto& entities) {
    text += what;
    for (const EntityId entity : entities) text += " " + std::to_string(entity);
  };
  for (const EntityId one : all) {
    const Record record = view.FindRecord(one);
    text += "\n" + std::to_string(one) + " " + std::string(record.bytes()) +
            FactsOf(view, one, kNoEntity);
    EXPECT_EQ(view.FindEntity(TypeOf(one), record.id()), one);
    for (const EntityId other : all) {
      const std::string facts = FactsOf(view, one, other);
      if (!facts.empty()) text += " -> " + std::to_string(other) + facts;
    }
    list(" objects", Walk(view, Direction::kObjectsOf, one));
    list(" subjects", Walk(view, Direction::kSubjectsOf, one));
    for (const uint16_t attribute : {kReference, kSet}) {
      std::vector<EntityId> out;
      view.Referrers(attribute, one, out);
      EXPECT_TRUE(std::is_sorted(out.begin(), out.end()));
      std::erase_if(out, [&](EntityId from) { return !Refers(view, from, attribute, one); });
      list(" referrers", out);
    }
    for (uint16_t licence = 0; licence < kLicences; ++licence) {
      text += " " + std::to_string(view.FindSeats(one, licence));
    }
  }
  for (uint16_t type = 0; type < kTypes; ++type) {
    text += "\nnext " + std::to_string(view.NextIndex(type));
    for (uint64_t i = 0; i < 2 * kEntitiesOfType; ++i) {
      text += view.FindEntity(type, "id" + std::to_string(i)) ? "y" : "n";
    }
  }
  return text;
}

TEST(OverlayTest, ReadsAsIfItWereWritten) {
  const uint64_t seed = Seed();
  for (uint64_t round = 0; round < 30; ++round) {
    SCOPED_TRACE(round);
    Drawing draw(seed + round);
    std::vector<Step> steps;
    const ScratchDirectory base_directory;
    const auto base = OpenScratch(base_directory.path());
    ASSERT_NO_FATAL_FAILURE(Fill(*base, {}));
    for (int i = 0; i < 60; ++i) steps.push_back(draw.Next(*base->Read()));
    auto writer = base->Begin();
    for (const Step& step : steps) ASSERT_NO_FATAL_FAILURE(Write(*writer, step));
    ASSERT_TRUE(writer->Commit({}).ok());

    const Snapshot snapshot = std::move(*base->Read());
    Overlay overlay(snapshot);
    std::vector<std::pair<size_t, std::string>> said;  // by the number of changes before
    for (int i = 0; i < 40; ++i) {
      if (i % 8 == 0) said.emplace_back(overlay.changes().size(), Say(overlay));
      steps.push_back(draw.Next(overlay));
      Make(overlay, steps.back());
    }
    const ScratchDirectory written_directory;
    const auto written = OpenScratch(written_directory.path());
    ASSERT_NO_FATAL_FAILURE(Fill(*written, steps));
    ASSERT_EQ(Say(overlay), Say(*written->Read()));

    for (; !said.empty(); said.pop_back()) {
      overlay.Undo(said.back().first);
      ASSERT_EQ(overlay.changes().size(), said.back().first);
      ASSERT_EQ(Say(overlay), said.back().second);
    }
    ASSERT_EQ(Say(overlay), Say(snapshot));
  }
}

TEST(OverlayTest, StandsOnAnotherOverlay) {
  const uint64_t seed = Seed();
  Drawing draw(seed);
  const ScratchDirectory directory;
  const auto store = OpenScratch(directory.path());
  ASSERT_NO_FATAL_FAILURE(Fill(*store, {}));
  const Snapshot snapshot = std::move(*store->Read());
  Overlay one(snapshot);
  Overlay lower(snapshot);
  for (int i = 0; i < 50; ++i) {
    const Step step = draw.Next(lower);
    Make(one, step);
    Make(lower, step);
  }
  const View& below = lower;
  Overlay upper(below);
  for (int i = 0; i < 50; ++i) {
    const Step step = draw.Next(upper);
    Make(one, step);
    Make(upper, step);
  }
  EXPECT_EQ(Say(upper), Say(one));
  upper.Undo(0);
  EXPECT_EQ(Say(upper), Say(lower));
}

TEST(OverlayTest, NotesWhatEachChangeTookAway) {
  const ScratchDirectory directory;
  const auto store = OpenScratch(directory.path());
  ASSERT_NO_FATAL_FAILURE(Fill(*store, {}));
  const Snapshot snapshot = std::move(*store->Read());
  Overlay overlay(snapshot);
  const FactKey fact{1, 5, MakeEntity(0, 0), MakeEntity(1, 0)};
  EXPECT_FALSE(overlay.RemoveFact(fact));
  EXPECT_TRUE(overlay.AddFact(fact, {}));
  EXPECT_FALSE(overlay.AddFact(fact, {}));
  EXPECT_TRUE(overlay.AddFact(fact, {3, 9}));
  EXPECT_TRUE(overlay.SetSeats(fact.object, 1, 7));
  EXPECT_FALSE(overlay.SetSeats(fact.object, 1, 7));
  ASSERT_EQ(overlay.changes().size(), 3u);
  EXPECT_FALSE(overlay.changes()[0].existed);
  EXPECT_TRUE(overlay.changes()[1].existed);
  EXPECT_TRUE(overlay.changes()[1].validity_before.always());
  EXPECT_EQ(overlay.changes()[2].number_before, 0u);
  EXPECT_TRUE(overlay.RemoveFact(fact));
  EXPECT_EQ(overlay.changes()[3].validity_before, (Validity{3, 9}));
}

TEST(OverlayTest, ARemovedEntityIsGoneAndItsNumberIsNotGivenAgain) {
  const ScratchDirectory directory;
  const auto store = OpenScratch(directory.path());
  ASSERT_NO_FATAL_FAILURE(Fill(*store, {}));
  const Snapshot snapshot = std::move(*store->Read());
  Overlay overlay(snapshot);
  const EntityId old = *overlay.FindEntity(1, "id2");
  EXPECT_TRUE(overlay.RemoveEntity(old));
  EXPECT_FALSE(overlay.RemoveEntity(old));
  EXPECT_FALSE(overlay.FindEntity(1, "id2"));
  EXPECT_FALSE(overlay.FindRecord(old).exists());
  std::vector<EntityId> all;
  overlay.Entities(1, all);
  EXPECT_EQ(all.size(), kEntitiesOfType - 1);
  const EntityId again = overlay.Create(1, "id2", {});
  EXPECT_EQ(again, MakeEntity(1, kEntitiesOfType));
  EXPECT_EQ(overlay.FindEntity(1, "id2"), again);
  overlay.Undo(1);
  EXPECT_FALSE(overlay.FindEntity(1, "id2"));
  overlay.Undo(0);
  EXPECT_EQ(overlay.FindEntity(1, "id2"), old);
}

}  // namespace
}  // namespace portvakt::engine
