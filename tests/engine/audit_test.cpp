// Whoever alters, removes, adds or reorders anything in the file of a store is found out, and told
// where. The file is tampered with below the store, through LMDB.
#include <gmock/gmock.h>

#include "engine/engine.h"
#include "engine/history.h"
#include "engine/store_state.h"
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Tamper = std::function<void(WriteTransaction&)>;

void Write(Store& store) {
  auto writer = store.Begin();
  ASSERT_TRUE(writer.ok());
  const auto number = [](int64_t value) {
    StoredAttribute attribute{1, {}};
    attribute.value.number = value;
    return attribute;
  };
  const auto reference = [](EntityId entity) {
    StoredAttribute attribute{0, {}};
    attribute.value.kind = StoredValue::Kind::kEntity;
    attribute.value.number = static_cast<int64_t>(entity);
    return attribute;
  };
  const auto next = [&](Writer::Stamp stamp = {}) {
    ASSERT_TRUE(writer->NextRevision(stamp).ok());
  };
  ASSERT_TRUE(writer->Number(Space::kType, "user").ok());
  const EntityId anna = writer->PutEntity(0, "anna", {number(1)}).value();
  const EntityId bo = writer->PutEntity(0, "bo", {reference(anna)}).value();
  const EntityId cia = writer->PutEntity(0, "cia", {}).value();
  ASSERT_TRUE(writer->SetSeats(anna, 3, 20).ok());
  next({.reason = "the first"});
  ASSERT_TRUE(writer->AddFact({0, 5, anna, bo}, {}).ok());
  ASSERT_TRUE(writer->AddFact({1, 0, cia, bo}, {0, 100}).ok());
  ASSERT_TRUE(writer->AddFact({1, 0, anna, bo}, {0, 100}).ok());
  ASSERT_TRUE(writer->InstallPolicy("p", {{"a", "text"}}, "program").ok());
  ASSERT_TRUE(writer->ActivatePolicy(1).ok());
  next({.reason = "the second", .idempotency_key = "k"});
  ASSERT_TRUE(writer->AddFact({0, 6, anna, bo}, {}).ok());
  ASSERT_TRUE(writer->AddFact({1, 0, anna, bo}, {0, 200}).ok());
  ASSERT_TRUE(writer->SetSeats(anna, 3, 10).ok());
  next({.actor_entity = anna});
  ASSERT_TRUE(writer->RemoveFact({1, 0, cia, bo}).ok());
  ASSERT_TRUE(writer->RemoveEntity(cia).ok());
  ASSERT_TRUE(writer->PutEntity(0, "bo", {number(4)}).ok());
  ASSERT_TRUE(writer->PutEntity(0, "dan", {reference(anna)}).ok());
  ASSERT_TRUE(writer->Commit({}).ok());
}

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    auto store = OpenScratch(directory_.path());
    Write(*store);
  }

  static AuditReport Verify(const std::string& directory, const AuditOptions& options = {}) {
    Engine::Options engine_options;
    engine_options.store = kScratchOptions;
    auto engine = Engine::Open(directory, engine_options);
    EXPECT_TRUE(engine.ok()) << (engine.ok() ? "" : engine.error().message);
    auto report = (*engine)->Verify(options);
    EXPECT_TRUE(report.ok());
    return std::move(*report);
  }

  // Of a copy that was tampered with.
  AuditReport Tampered(const Tamper& tamper, const AuditOptions& options = {}) {
    const ScratchDirectory copy;
    std::filesystem::copy(directory_.path(), copy.path(), std::filesystem::copy_options::recursive);
    {
      auto environment = Environment::Open(copy.path(), {kScratchOptions.map_bytes, 8, false});
      EXPECT_TRUE(environment.ok());
      auto transaction = WriteTransaction::Begin(*environment);
      EXPECT_TRUE(transaction.ok() && transaction->OpenTables().ok());
      tamper(*transaction);
      EXPECT_TRUE(transaction->Commit().ok());
    }
    return Verify(copy.path(), options);
  }

  ScratchDirectory directory_;
};

std::pair<std::string, std::string> FirstRow(const WriteTransaction& transaction,
                                             StoreTable table) {
  Cursor cursor(transaction, table);
  EXPECT_TRUE(cursor.Seek({})) << "the table is empty: " << static_cast<int>(table);
  return {std::string(cursor.key()), std::string(cursor.value())};
}
void Put(WriteTransaction& transaction, StoreTable table, std::string_view key,
         std::string_view value) {
  ASSERT_TRUE(transaction.Put(table, key, value).ok());
}
std::string Get(const WriteTransaction& transaction, StoreTable table, std::string_view key) {
  std::string_view value;
  EXPECT_TRUE(transaction.Get(table, key, value));
  return std::string(value);
}

TEST_F(AuditTest, AnUntouchedStoreIsSound) {
  const AuditReport report = Verify(directory_.path());
  EXPECT_THAT(report.faults, IsEmpty());
  EXPECT_EQ(report.revisions, 4u);
  EXPECT_EQ(report.facts, 3u);
  EXPECT_EQ(report.changes, 4u + 5u + 3u + 4u);
  const AuditReport same = Tampered([](WriteTransaction&) {});
  EXPECT_THAT(same.faults, IsEmpty());
  EXPECT_EQ(same.head, report.head);
}

TEST_F(AuditTest, AFlippedByteIsFound) {
  for (const StoreTable table :
       {StoreTable::kHistory, StoreTable::kRecords, StoreTable::kValidity, StoreTable::kSeats,
        StoreTable::kPolicies, StoreTable::kPastRecords, StoreTable::kPastCells,
        StoreTable::kPastValidity, StoreTable::kPastSeats, StoreTable::kPastPairs,
        StoreTable::kPastReferences, StoreTable::kPastIds, StoreTable::kPastPolicies,
        StoreTable::kIdempotency, StoreTable::kNames}) {
    const AuditReport report = Tampered([&](WriteTransaction& transaction) {
      auto [key, value] = FirstRow(transaction, table);
      value.back() = static_cast<char>(value.back() ^ 1);
      Put(transaction, table, key, value);
    });
    EXPECT_FALSE(report.ok()) << "table " << static_cast<int>(table);
  }
}

TEST_F(AuditTest, ARemovedRowIsFound) {
  for (size_t table = static_cast<size_t>(StoreTable::kNames); table < kTableCount; ++table) {
    const auto which = static_cast<StoreTable>(table);
    // Of policies that do not check, as here, programs are not compared.
    if (which == StoreTable::kPrograms) continue;
    const AuditReport report = Tampered([&](WriteTransaction& transaction) {
      ASSERT_TRUE(transaction.Delete(which, FirstRow(transaction, which).first).ok());
    });
    EXPECT_FALSE(report.ok()) << "table " << table;
  }
}

TEST_F(AuditTest, AnAddedFactIsFound) {
  const AuditReport report = Tampered([](WriteTransaction& transaction) {
    StoreState state = ReadState(transaction);
    const Key key = CellKey(MakeEntity(0, 0), MakeEntity(0, 1));
    std::string value(ReadStoredCell(transaction, state, MakeEntity(0, 0), MakeEntity(0, 1)));
    ASSERT_FALSE(value.empty());
    value[kSinceBytes + 8] = static_cast<char>(value[kSinceBytes + 8] | 1);
    std::vector<BucketChange> changes = {{HashBytes(key, state.seed), key, value, value}};
    ASSERT_TRUE(
        ApplyToBuckets(transaction, StoreTable::kCells, state.seed, state.cells, changes).ok());
  });
  EXPECT_EQ(report.facts, 4u);
  EXPECT_THAT(report.faults, Contains(Field(&AuditReport::Fault::what, HasSubstr("facts"))));
}

TEST_F(AuditTest, AReorderedHistoryIsFound) {
  const AuditReport report = Tampered([](WriteTransaction& transaction) {
    for (const uint32_t part : {0u, 1u}) {
      const std::string second = Get(transaction, StoreTable::kHistory, PartKey(2, part));
      const std::string third = Get(transaction, StoreTable::kHistory, PartKey(3, part));
      Put(transaction, StoreTable::kHistory, PartKey(2, part), third);
      Put(transaction, StoreTable::kHistory, PartKey(3, part), second);
    }
  });
  EXPECT_THAT(report.faults, Contains(Field(&AuditReport::Fault::revision, 2u)));
}

// The changes with a header that fits them: what follows does not.
TEST_F(AuditTest, AForgedRevisionIsFoundByTheNext) {
  const AuditReport report = Tampered([](WriteTransaction& transaction) {
    std::string header = Get(transaction, StoreTable::kHistory, PartKey(1, 0));
    header.replace(header.find("the first"), 9, "the ninth");
    Put(transaction, StoreTable::kHistory, PartKey(1, 0), header);
  });
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.faults.front().revision, 2u);
  EXPECT_THAT(report.faults.front().what, HasSubstr("does not follow"));
}

TEST(AuditPolicyTest, AnotherProgramThanTheSourcesGiveIsFound) {
  PolicyWorld world(R"(policy office
entity user
entity place
permission enter on place
fact user works_at place
permit work
    user may enter on place
    if user works_at place
)");
  EXPECT_THAT(world.engine().Verify({}).value().faults, IsEmpty());
  Writer writer = std::move(*world.engine().store().Begin());
  std::string program(world.engine().store().Read()->PolicyProgram(1));
  program.back() = static_cast<char>(program.back() ^ 1);
  ASSERT_TRUE(writer.ReplaceProgram(1, program).ok());
  ASSERT_TRUE(writer.Commit({}).ok());
  EXPECT_THAT(world.engine().Verify({}).value().faults,
              Contains(Field(&AuditReport::Fault::what, HasSubstr("policy version 1"))));
}

// Who rewrites everything is found by a head that was kept elsewhere.
TEST_F(AuditTest, AnAnchorHoldsWhatWasNoted) {
  const AuditReport sound = Verify(directory_.path());
  AuditOptions anchor;
  anchor.anchor_revision = 4;
  anchor.anchor_head = sound.head;
  EXPECT_THAT(Verify(directory_.path(), anchor).faults, IsEmpty());
  anchor.anchor_head[0] = anchor.anchor_head[0] == '0' ? '1' : '0';
  EXPECT_THAT(Verify(directory_.path(), anchor).faults, Not(IsEmpty()));
  anchor.anchor_head = sound.head;
  anchor.anchor_revision = 5;
  EXPECT_THAT(Verify(directory_.path(), anchor).faults, Not(IsEmpty()));
}

TEST_F(AuditTest, ALostEndIsFound) {
  const AuditReport report = Tampered([](WriteTransaction& transaction) {
    for (const uint32_t part : {0u, 1u}) {
      ASSERT_TRUE(transaction.Delete(StoreTable::kHistory, PartKey(4, part)).ok());
    }
  });
  EXPECT_THAT(report.faults, Contains(Field(&AuditReport::Fault::what, HasSubstr("missing"))));
}

}  // namespace
}  // namespace portvakt::engine
