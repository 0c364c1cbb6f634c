// Where a read transaction found its values: a bucket's bytes lie still as long as the transaction
// reads the same state, so a second look-up needs no descent of the B-tree. Not a cache of answers:
// it holds addresses in the map, and forgets all when the state changes. Internal to the store.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace portvakt::engine {

class PageCache {
 public:
  // 8192 entries of 32 bytes: a quarter of a processor's second-level cache, and more than the
  // buckets of a million facts.
  static constexpr size_t kEntries = 8192;

  // False when it is not known. An absent value is never kept.
  bool Find(uint8_t table, uint64_t number, std::string_view& value) const {
    const Entry& entry = entries_[IndexOf(table, number)];
    if (entry.generation != generation_ || entry.tag != TagOf(table, number)) return false;
    value = entry.value;
    return true;
  }
  void Keep(uint8_t table, uint64_t number, std::string_view value) {
    entries_[IndexOf(table, number)] = {TagOf(table, number), generation_, value};
  }
  void Prefetch(uint8_t table, uint64_t number) const {
    __builtin_prefetch(&entries_[IndexOf(table, number)]);
  }
  void Forget() { ++generation_; }

 private:
  struct Entry {
    uint64_t tag = 0;
    uint64_t generation = 0;
    std::string_view value;
  };
  // Numbers are bucket numbers, or entities' blocks: below 2^56.
  static uint64_t TagOf(uint8_t table, uint64_t number) { return (uint64_t{table} << 56) | number; }
  static size_t IndexOf(uint8_t table, uint64_t number) {
    return (TagOf(table, number) * 0x9e3779b97f4a7c15u) >> (64 - 13);
  }

  std::vector<Entry> entries_ = std::vector<Entry>(kEntries);
  uint64_t generation_ = 1;
};
static_assert(PageCache::kEntries == size_t{1} << 13, "IndexOf takes 13 bits");

}  // namespace portvakt::engine
