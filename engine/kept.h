// What was fetched, kept by key while nothing has changed. A key has one place: two that share it
// cost a fetch, never an answer. The table begins small and doubles once a state has cost more
// fetches than it has places, so whoever asks a little stays small. Internal to the reader.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace portvakt::engine {

// Places of a table at most: the pairs and names of a large agency; some megabytes.
inline constexpr size_t kMaxKept = size_t{1} << 16;
inline constexpr size_t kFirstKept = size_t{1} << 8;

template <class Entry>
class KeptTable {
 public:
  // `hash` with its best bits on top.
  Entry& PlaceOf(uint64_t hash) { return entries_[hash >> shift_]; }
  // The place for what had to be fetched. Whatever was kept may be gone.
  Entry& PlaceAfterMiss(uint64_t hash) {
    if (++misses_ > entries_.size() && entries_.size() < kMaxKept) Grow();
    return PlaceOf(hash);
  }
  // Another state.
  void Restart() { misses_ = 0; }

 private:
  void Grow() {
    entries_ = std::vector<Entry>(entries_.size() * 2);
    --shift_;
    misses_ = 0;
  }

  std::vector<Entry> entries_ = std::vector<Entry>(kFirstKept);
  int shift_ = 64 - std::countr_zero(kFirstKept);
  size_t misses_ = 0;
};

}  // namespace portvakt::engine
