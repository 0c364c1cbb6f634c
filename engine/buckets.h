// Hash buckets as values of an LMDB table, found by number: one short B-tree descent and a look at
// a few tags, however much is stored. Linear hashing: a table of n buckets grows one bucket at a
// time, so that no transaction pays for a doubling that another caused. Internal to the store.
//
// Bucket number n lies under the key n, 4 bytes big-endian; an empty bucket has no key. Format:
//   u32 count
//   count x u16 tag: the top bits of the entry's hash
//   count x u32 end of the entry in the payload
//   payload: entries one after the other, each u16 key bytes, key, value
//   zeros up to kMinBucketBytes
// Entries are in no order. A bucket may be larger than a page; LMDB then gives it several.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lmdb_environment.h"

namespace portvakt::engine {

// Random, drawn when a store is created: who chooses ids cannot choose buckets.
struct HashSeed {
  uint64_t first = 0;
  uint64_t second = 0;
};
// SipHash-1-3.
uint64_t HashBytes(std::string_view bytes, const HashSeed& seed);

// Mean bytes of a bucket that a table grows towards. Those that wait for their split are up to
// twice as large as those that were split; most of them should still fit a page of LMDB.
inline constexpr uint64_t kTargetBucketBytes = 2400;
// Too much for half a page: LMDB puts such values on pages of their own. The tree above them then
// holds only numbers and stays in the processor's cache, so that a look-up misses it on one page.
inline constexpr size_t kMinBucketBytes = 2048;

// Kept in the store's state record.
struct BucketShape {
  uint64_t buckets = 1;
  uint64_t entries = 0;
  uint64_t bytes = 0;  // of all buckets, without their counts and zeros
};

// Buckets below `buckets - half` have been split already.
constexpr uint32_t BucketOf(uint64_t hash, uint64_t buckets) {
  const uint64_t whole = std::bit_ceil(buckets);
  const uint64_t bucket = hash & (whole - 1);
  return static_cast<uint32_t>(bucket < buckets ? bucket : bucket & (whole / 2 - 1));
}

// One bucket's bytes, read in place.
class BucketView {
 public:
  BucketView() = default;
  explicit BucketView(std::string_view bytes);

  // False when there is no entry with that key.
  bool Find(uint64_t hash, std::string_view key, std::string_view& value) const;

  uint32_t size() const { return count_; }
  // Where the entry that Find would look at first ends, and where it lies: nothing is checked, the
  // addresses are only for prefetching. Null when no entry has the hash's tag.
  const char* EndOf(uint64_t hash) const;
  const char* EntryBefore(const char* end) const;
  uint16_t TagAt(uint32_t index) const;
  std::string_view KeyAt(uint32_t index) const;
  std::string_view ValueAt(uint32_t index) const;

 private:
  // Whether `visit(index)` is true for an entry with that tag; they are visited in order.
  template <class Visit>
  bool AnyWithTag(uint16_t tag, Visit visit) const;
  std::string_view EntryAt(uint32_t index) const;
  std::string_view bytes_;
  uint32_t count_ = 0;
};

// False when the table has no entry with that key.
bool FindInBuckets(const Transaction& transaction, StoreTable table, const BucketShape& shape,
                   uint64_t hash, std::string_view key, std::string_view& value);

// What will be looked for: all are brought near together, step by step, where each look-up alone
// would wait for the memory at every step.
struct BucketHint {
  StoreTable table;
  uint32_t bucket = 0;
  uint64_t hash = 0;
};
inline constexpr size_t kMaxHints = 4;
void Prefetch(const Transaction& transaction, std::span<const BucketHint> hints);

// An entry that is new, replaced, or removed (value empty).
struct BucketChange {
  uint64_t hash = 0;
  std::string_view key;
  std::string_view value;
  std::string_view old_value;  // "" when the entry is new
};
// Each key once. The views must not lie in this table's pages, but for old_value, of which only the
// size counts. Reorders `changes`.
Status ApplyToBuckets(WriteTransaction& transaction, StoreTable table, const HashSeed& seed,
                      BucketShape& shape, std::vector<BucketChange>& changes);

}  // namespace portvakt::engine
