// The hash table under facts and ids: it spreads, grows evenly, and works even when it must not
// spread at all.
#include "engine/buckets.h"

#include <gtest/gtest.h>

#include "engine/bytes.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::engine {
namespace {

TEST(HashTest, DependsOnEveryByteAndOnTheSeed) {
  const HashSeed seed{1, 2};
  std::string bytes(40, 'a');
  const uint64_t plain = HashBytes(bytes, seed);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = 'b';
    EXPECT_NE(HashBytes(changed, seed), plain) << i;
    EXPECT_NE(HashBytes(std::string_view(bytes).substr(0, i), seed), plain) << i;
  }
  EXPECT_NE(HashBytes(bytes, {1, 3}), plain);
  EXPECT_NE(HashBytes(bytes, {2, 2}), plain);
  EXPECT_NE(HashBytes(std::string(1, '\0'), seed), HashBytes("", seed));
}

TEST(BucketOfTest, GrowingByOneMovesNothingButIntoTheNewBucket) {
  for (uint64_t buckets = 1; buckets < 300; ++buckets) {
    for (uint64_t i = 0; i < 500; ++i) {
      const uint64_t hash = i * 0x9e3779b97f4a7c15u;
      const uint32_t before = BucketOf(hash, buckets);
      const uint32_t after = BucketOf(hash, buckets + 1);
      ASSERT_LT(before, buckets);
      if (after != before) {
        ASSERT_EQ(after, buckets);
        ASSERT_EQ(before, buckets - std::bit_floor(buckets));
      }
    }
  }
}

class BucketTableTest : public testing::Test {
 protected:
  BucketTableTest()
      : environment_(*Environment::Open(directory_.path(), {uint64_t{1} << 30, 8, false})) {}

  // Adds `count` entries with the given hashes, in one transaction, and looks for all of them.
  template <class HashOf>
  void AddAndFind(size_t count, const HashOf& hash_of, BucketShape& shape) {
    auto transaction = WriteTransaction::Begin(environment_);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(transaction->OpenTables().ok());
    std::vector<std::string> keys;
    for (size_t i = 0; i < count; ++i) keys.push_back("key" + std::to_string(i));
    std::vector<BucketChange> changes;
    for (const std::string& key : keys) changes.push_back({hash_of(key), key, key, {}});
    ASSERT_TRUE(ApplyToBuckets(*transaction, StoreTable::kCells, seed_, shape, changes).ok());
    std::string_view value;
    for (const std::string& key : keys) {
      ASSERT_TRUE(FindInBuckets(*transaction, StoreTable::kCells, shape, hash_of(key), key, value));
      ASSERT_EQ(value, key);
    }
    EXPECT_FALSE(
        FindInBuckets(*transaction, StoreTable::kCells, shape, hash_of("none"), "none", value));
    EXPECT_EQ(shape.entries, count);
    Cursor cursor(*transaction, StoreTable::kCells);
    for (bool more = cursor.Seek(std::string(4, '\0')); more; more = cursor.Next()) {
      largest_ = std::max(largest_, cursor.value().size());
    }
  }

  ScratchDirectory directory_;
  std::shared_ptr<Environment> environment_;
  HashSeed seed_{11, 12};
  size_t largest_ = 0;
};

TEST_F(BucketTableTest, SpreadsSoThatNoBucketIsLarge) {
  BucketShape shape;
  ASSERT_NO_FATAL_FAILURE(AddAndFind(
      100'000, [&](std::string_view key) { return HashBytes(key, seed_); }, shape));
  EXPECT_NEAR(static_cast<double>(shape.bytes) / static_cast<double>(shape.buckets),
              kTargetBucketBytes, 10);
  EXPECT_LT(largest_, 3 * kTargetBucketBytes) << "twice the mean before its split, and chance";
}

TEST_F(BucketTableTest, WorksWhenAllFallsIntoOneBucket) {
  BucketShape shape;
  // As if somebody knew the seed; the table cannot split by these hashes, and need not.
  ASSERT_NO_FATAL_FAILURE(AddAndFind(
      300, [](std::string_view) { return uint64_t{0}; }, shape));
}

}  // namespace
}  // namespace portvakt::engine
