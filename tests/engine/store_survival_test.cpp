// What the store does when things go wrong: a killed writer, a full map, somebody else's files, a
// newer format, the same store opened twice.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "engine/engine.h"
#include "engine/store_state.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::engine {
namespace {

using testing::HasSubstr;

constexpr uint16_t kType = 2;
constexpr size_t kFactsPerRevision = 200;

// Revision r is one entity, named after r, and its facts about everything before it.
bool WriteRevision(Writer& writer, uint64_t revision) {
  const auto entity = writer.PutEntity(kType, "e" + std::to_string(revision), {});
  if (!entity) return false;
  for (size_t i = 0; i < kFactsPerRevision; ++i) {
    const EntityId object = MakeEntity(kType, i % revision);
    const FactKey fact{static_cast<uint16_t>(i), static_cast<uint16_t>(i), entity.value(), object};
    if (!writer.AddFact(fact, {}).ok()) return false;
  }
  return true;
}

void ExpectWhole(const Snapshot& snapshot) {
  const uint64_t last = snapshot.revision();
  for (uint64_t revision = 1; revision <= last; ++revision) {
    const auto entity = snapshot.FindEntity(kType, "e" + std::to_string(revision));
    ASSERT_TRUE(entity.has_value()) << revision;
    ASSERT_TRUE(snapshot.FindRecord(*entity).exists());
    for (size_t i = 0; i < kFactsPerRevision; ++i) {
      const EntityId object = MakeEntity(kType, i % revision);
      const Cell::Row row = snapshot.FindCell(*entity, object)
                                .Find(static_cast<uint16_t>(i), static_cast<uint16_t>(i / 64));
      ASSERT_EQ(row.bits, uint64_t{1} << (i % 64)) << revision << " " << i;
    }
    ASSERT_EQ(snapshot.Changes(revision).size(), kFactsPerRevision + 1);
  }
  EXPECT_FALSE(snapshot.FindEntity(kType, "e" + std::to_string(last + 1)).has_value());
  EXPECT_FALSE(snapshot.FindRevision(last + 1).has_value());
  EXPECT_FALSE(snapshot.FindRecord(MakeEntity(kType, last)).exists());
}

// Writes until it is killed, and tells of every commit through the pipe.
[[noreturn]] void WriteForEver(const std::string& directory, int acknowledge) {
  auto store = Store::Open(directory, {.map_bytes = uint64_t{1} << 30});
  if (!store) _exit(1);
  uint64_t revision = (*store)->Read()->revision();
  for (;;) {
    // Two in one transaction.
    auto writer = (*store)->Begin();
    if (!writer || !WriteRevision(*writer, revision + 1)) break;
    if (!writer->NextRevision({.instant_us = 1, .actor = "test"}).ok()) break;
    if (!WriteRevision(*writer, revision + 2)) break;
    if (!writer->Commit({.instant_us = 1, .actor = "test"}).ok()) break;
    revision += 2;
    if (write(acknowledge, &revision, sizeof revision) != sizeof revision) break;
  }
  _exit(1);
}

TEST(StoreSurvivalTest, AKilledWriterLosesNothingThatItAcknowledged) {
  const ScratchDirectory directory;
  const uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteForEver(directory.path(), ends[1]);
    close(ends[1]);
    uint64_t acknowledged = 0;
    for (uint64_t left = 1 + random() % 12; left > 0; --left) {
      ASSERT_EQ(read(ends[0], &acknowledged, sizeof acknowledged), ssize_t{sizeof acknowledged});
    }
    // Somewhere inside of what comes next.
    for (volatile uint64_t spin = random() % 4'000'000; spin > 0;) spin = spin - 1;
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer stopped by itself";
    uint64_t later = 0;
    while (read(ends[0], &later, sizeof later) == ssize_t{sizeof later}) acknowledged = later;
    close(ends[0]);

    const auto store = OpenScratch(directory.path());
    ASSERT_NE(store, nullptr);
    const auto snapshot = store->Read();
    ASSERT_TRUE(snapshot.ok());
    EXPECT_GE(snapshot.value().revision(), acknowledged);
    EXPECT_EQ(snapshot.value().revision() % 2, 0u) << "half of a transaction";
    ASSERT_NO_FATAL_FAILURE(ExpectWhole(snapshot.value())) << "round " << round;
  }
  Engine::Options options;
  options.store = kScratchOptions;
  const auto engine = Engine::Open(directory.path(), options);
  ASSERT_TRUE(engine.ok());
  const auto report = engine.value()->Verify({});
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report.value().ok()) << report.value().faults.front().what;
}

TEST(StoreSurvivalTest, AFullMapIsAnErrorThatNamesTheOption) {
  const ScratchDirectory directory;
  Store::Options options = kScratchOptions;
  options.map_bytes = uint64_t{4} << 20;
  auto store = OpenScratch(directory.path(), options);
  uint64_t revision = 0;
  Error error;
  while (revision < 100'000) {
    auto writer = store->Begin();
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(
        writer->PutEntity(kType, "e" + std::to_string(revision) + std::string(300, 'x'), {}).ok());
    const auto committed = writer->Commit({});
    if (!committed) {
      error = committed.error();
      break;
    }
    revision = committed.value();
  }
  EXPECT_EQ(error.code, Error::Code::kFull);
  EXPECT_THAT(error.message, HasSubstr("map_bytes"));
  EXPECT_THAT(error.message, HasSubstr(directory.path()));
  EXPECT_EQ(store->Read()->revision(), revision) << "the last good revision is read";
  store.reset();
  store = OpenScratch(directory.path());
  EXPECT_EQ(store->Read()->revision(), revision);
  auto writer = store->Begin();
  ASSERT_TRUE(writer->PutEntity(kType, "more", {}).ok());
  EXPECT_EQ(writer->Commit({}).value(), revision + 1) << "a larger map lets it go on";
}

TEST(StoreSurvivalTest, ANewerFormatIsRefused) {
  const ScratchDirectory directory;
  OpenScratch(directory.path()).reset();
  {
    auto environment = Environment::Open(directory.path(), {uint64_t{1} << 30, 8, false});
    ASSERT_TRUE(environment.ok());
    auto transaction = WriteTransaction::Begin(*environment);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(transaction->OpenTables().ok());
    std::string format;
    PutNumber(format, kFormatVersion + 1);
    ASSERT_TRUE(transaction->Put(StoreTable::kMeta, kFormatKey, format).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  const auto store = Store::Open(directory.path(), kScratchOptions);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, Error::Code::kTooNew);
  EXPECT_THAT(store.error().message,
              HasSubstr("has format " + std::to_string(kFormatVersion + 1) +
                        ", this Portvakt reads up to " + std::to_string(kFormatVersion)));
  EXPECT_THAT(store.error().message, HasSubstr(directory.path()));
}

TEST(StoreSurvivalTest, OtherFilesAreRefused) {
  const ScratchDirectory directory;
  std::ofstream(directory.path() + "/data.mdb") << std::string(100'000, 'x');
  const auto store = Store::Open(directory.path(), kScratchOptions);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, Error::Code::kCorrupt);
  EXPECT_THAT(store.error().message, HasSubstr(directory.path()));
}

TEST(StoreSurvivalTest, AnotherProgramsTablesAreRefused) {
  const ScratchDirectory directory;
  {
    auto environment = Environment::Open(directory.path(), {uint64_t{1} << 30, 8, false});
    ASSERT_TRUE(environment.ok());
    auto transaction = WriteTransaction::Begin(*environment);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(transaction->OpenTables().ok());
    ASSERT_TRUE(transaction->Put(StoreTable::kMeta, "theirs", "something").ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  const auto store = Store::Open(directory.path(), kScratchOptions);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, Error::Code::kCorrupt);
  EXPECT_THAT(store.error().message, HasSubstr("something else than a Portvakt store"));
}

TEST(StoreSurvivalTest, OneStoreAPathAndProcess) {
  const ScratchDirectory directory;
  auto first = OpenScratch(directory.path());
  const auto second = Store::Open(directory.path() + "/.", kScratchOptions);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Error::Code::kConflict);
  first.reset();
  EXPECT_NE(OpenScratch(directory.path()), nullptr);
}

TEST(StoreSurvivalTest, ADirectoryThatCannotBeMadeIsAnError) {
  const auto store = Store::Open("/proc/no/store", kScratchOptions);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, Error::Code::kIo);
}

TEST(StoreSurvivalTest, TooManyReadersIsAnErrorThatNamesTheOption) {
  const ScratchDirectory directory;
  Store::Options options = kScratchOptions;
  options.max_readers = 4;
  const auto store = OpenScratch(directory.path(), options);
  std::vector<Snapshot> snapshots;
  for (int i = 0; i < 200; ++i) {
    auto snapshot = store->Read();
    if (snapshot) {
      snapshots.push_back(std::move(*snapshot));
      continue;
    }
    EXPECT_EQ(snapshot.error().code, Error::Code::kFull);
    EXPECT_THAT(snapshot.error().message, HasSubstr("max_readers"));
    snapshots.clear();
    EXPECT_TRUE(store->Read().ok());
    return;
  }
  FAIL() << "no limit";
}

}  // namespace
}  // namespace portvakt::engine
