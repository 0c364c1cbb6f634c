// Reading, growing and rewriting hash buckets. The format is in the header.
#include "engine/buckets.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "engine/bytes.h"

namespace portvakt::engine {
namespace {

constexpr size_t kCountBytes = sizeof(uint32_t);
constexpr size_t kTagBytes = sizeof(uint16_t);
constexpr size_t kEndBytes = sizeof(uint32_t);
constexpr size_t kSlotBytes = kTagBytes + kEndBytes;
constexpr size_t kKeyLengthBytes = sizeof(uint16_t);

// Of a processor's cache, and the tags of most buckets.
constexpr size_t kLineBytes = 64;
constexpr size_t kTagsAhead = 3 * kLineBytes;

struct SipState {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    v0 ^= word;
  }
};

uint16_t TagOf(uint64_t hash) { return static_cast<uint16_t>(hash >> 48); }

uint64_t EntryBytes(size_t key_bytes, size_t value_bytes) {
  return kSlotBytes + kKeyLengthBytes + key_bytes + value_bytes;
}

// Collects entries and writes the bucket that they make.
class BucketBuilder {
 public:
  void Clear() {
    tags_.clear();
    ends_.clear();
    payload_.clear();
  }
  void Add(uint16_t tag, std::string_view key, std::string_view value) {
    PutNumber(payload_, static_cast<uint16_t>(key.size()));
    payload_.append(key).append(value);
    PutNumber(tags_, tag);
    PutNumber(ends_, static_cast<uint32_t>(payload_.size()));
  }
  Status Write(WriteTransaction& transaction, StoreTable table, uint32_t bucket) {
    Key key;
    key.Add(bucket);
    if (tags_.empty()) return transaction.Delete(table, key);
    bytes_.clear();
    PutNumber(bytes_, static_cast<uint32_t>(tags_.size() / kTagBytes));
    bytes_.append(tags_).append(ends_).append(payload_);
    if (bytes_.size() < kMinBucketBytes) bytes_.resize(kMinBucketBytes, '\0');
    return transaction.Put(table, key, bytes_);
  }

 private:
  std::string tags_;
  std::string ends_;
  std::string payload_;
  std::string bytes_;
};

BucketView ReadBucket(const Transaction& transaction, StoreTable table, uint32_t bucket) {
  Key key;
  key.Add(bucket);
  std::string_view bytes;
  if (!transaction.GetNumbered(table, bucket, key, bytes)) return {};
  return BucketView(bytes);
}

// Adds the next bucket and moves into it what the one that it comes from must give up.
Status AddBucket(WriteTransaction& transaction, StoreTable table, const HashSeed& seed,
                 BucketShape& shape) {
  const auto added = static_cast<uint32_t>(shape.buckets);
  const auto parent = static_cast<uint32_t>(added - std::bit_floor(shape.buckets));
  ++shape.buckets;
  const BucketView old = ReadBucket(transaction, table, parent);
  if (old.size() == 0) return Done{};
  BucketBuilder stay;
  BucketBuilder move;
  bool any_moves = false;
  for (uint32_t i = 0; i < old.size(); ++i) {
    const std::string_view key = old.KeyAt(i);
    const bool moves = BucketOf(HashBytes(key, seed), shape.buckets) == added;
    (moves ? move : stay).Add(old.TagAt(i), key, old.ValueAt(i));
    any_moves |= moves;
  }
  if (!any_moves) return Done{};
  if (Status status = stay.Write(transaction, table, parent); !status) return status;
  return move.Write(transaction, table, added);
}

// Writes one bucket anew with its changes.
Status MergeBucket(WriteTransaction& transaction, StoreTable table, uint32_t bucket,
                   const BucketChange* begin, const BucketChange* end, BucketBuilder& builder) {
  const BucketView old = ReadBucket(transaction, table, bucket);
  builder.Clear();
  for (uint32_t i = 0; i < old.size(); ++i) {
    const std::string_view key = old.KeyAt(i);
    const bool changed =
        std::any_of(begin, end, [&](const BucketChange& change) { return change.key == key; });
    if (!changed) builder.Add(old.TagAt(i), key, old.ValueAt(i));
  }
  for (const BucketChange* change = begin; change != end; ++change) {
    if (!change->value.empty()) builder.Add(TagOf(change->hash), change->key, change->value);
  }
  return builder.Write(transaction, table, bucket);
}

}  // namespace

uint64_t HashBytes(std::string_view bytes, const HashSeed& seed) {
  SipState state{seed.first ^ 0x736f6d6570736575u, seed.second ^ 0x646f72616e646f6du,
                 seed.first ^ 0x6c7967656e657261u, seed.second ^ 0x7465646279746573u};
  size_t offset = 0;
  for (; offset + 8 <= bytes.size(); offset += 8) {
    state.Absorb(GetNumber<uint64_t>(bytes, offset));
  }
  uint64_t last = uint64_t{bytes.size() & 0xff} << 56;
  if (offset < bytes.size()) {
    uint64_t rest = 0;
    std::memcpy(&rest, bytes.data() + offset, bytes.size() - offset);
    last |= rest;
  }
  state.Absorb(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

BucketView::BucketView(std::string_view bytes) : bytes_(bytes) {
  if (bytes.size() < kCountBytes) DieOfCorruption("bucket without a count");
  count_ = GetNumber<uint32_t>(bytes);
  if ((bytes.size() - kCountBytes) / kSlotBytes < count_) DieOfCorruption("bucket too short");
}

uint16_t BucketView::TagAt(uint32_t index) const {
  return GetNumber<uint16_t>(bytes_, kCountBytes + index * kTagBytes);
}
std::string_view BucketView::EntryAt(uint32_t index) const {
  const size_t ends = kCountBytes + count_ * kTagBytes;
  const uint32_t begin =
      index == 0 ? 0 : GetNumber<uint32_t>(bytes_, ends + (index - 1) * kEndBytes);
  const auto end = GetNumber<uint32_t>(bytes_, ends + index * kEndBytes);
  const size_t payload = ends + count_ * kEndBytes;
  if (begin > end || end > bytes_.size() - payload || end - begin < kKeyLengthBytes) {
    DieOfCorruption("bucket entry out of bounds");
  }
  return bytes_.substr(payload + begin, end - begin);
}
std::string_view BucketView::KeyAt(uint32_t index) const {
  const std::string_view entry = EntryAt(index);
  const auto key_bytes = GetNumber<uint16_t>(entry);
  if (key_bytes > entry.size() - kKeyLengthBytes) DieOfCorruption("bucket key out of bounds");
  return entry.substr(kKeyLengthBytes, key_bytes);
}
std::string_view BucketView::ValueAt(uint32_t index) const {
  return EntryAt(index).substr(kKeyLengthBytes + KeyAt(index).size());
}

// Eight tags at a time, by the compiler's vectors: each part of a comparison is 0 or ~0.
template <class Visit>
bool BucketView::AnyWithTag(uint16_t tag, Visit visit) const {
  using Tags = uint16_t __attribute__((vector_size(8 * kTagBytes)));
  using Halves = uint64_t __attribute__((vector_size(8 * kTagBytes)));
  const Tags wanted = Tags{} + tag;
  uint32_t i = 0;
  for (; i + 8 <= count_; i += 8) {
    const auto equal = (Halves)(GetNumber<Tags>(bytes_, kCountBytes + i * kTagBytes) == wanted);
    if ((equal[0] | equal[1]) == 0) continue;
    for (uint32_t j = i; j < i + 8; ++j) {
      if (TagAt(j) == tag && visit(j)) return true;
    }
  }
  for (; i < count_; ++i) {
    if (TagAt(i) == tag && visit(i)) return true;
  }
  return false;
}

const char* BucketView::EndOf(uint64_t hash) const {
  const char* end = nullptr;
  AnyWithTag(TagOf(hash), [&](uint32_t index) {
    end = bytes_.data() + kCountBytes + count_ * kTagBytes + index * kEndBytes;
    return true;
  });
  return end;
}

const char* BucketView::EntryBefore(const char* end) const {
  const size_t payload = kCountBytes + count_ * kSlotBytes;
  const bool first = end == bytes_.data() + kCountBytes + count_ * kTagBytes;
  uint32_t begin = 0;
  if (!first) std::memcpy(&begin, end - kEndBytes, sizeof begin);
  return begin < bytes_.size() - payload ? bytes_.data() + payload + begin : nullptr;
}

bool BucketView::Find(uint64_t hash, std::string_view key, std::string_view& value) const {
  return AnyWithTag(TagOf(hash), [&](uint32_t index) {
    if (KeyAt(index) != key) return false;
    value = ValueAt(index);
    return true;
  });
}

bool FindInBuckets(const Transaction& transaction, StoreTable table, const BucketShape& shape,
                   uint64_t hash, std::string_view key, std::string_view& value) {
  return ReadBucket(transaction, table, BucketOf(hash, shape.buckets)).Find(hash, key, value);
}

void Prefetch(const Transaction& transaction, std::span<const BucketHint> hints) {
  assert(hints.size() <= kMaxHints);
  std::array<BucketView, kMaxHints> views;
  std::array<std::string_view, kMaxHints> bytes;
  std::array<const char*, kMaxHints> ends{};
  for (const BucketHint& hint : hints) transaction.PrefetchPlace(hint.table, hint.bucket);
  for (size_t i = 0; i < hints.size(); ++i) {
    Key key;
    key.Add(hints[i].bucket);
    if (!transaction.GetNumbered(hints[i].table, hints[i].bucket, key, bytes[i])) continue;
    for (size_t at = 0; at < kTagsAhead; at += kLineBytes) __builtin_prefetch(bytes[i].data() + at);
  }
  for (size_t i = 0; i < hints.size(); ++i) {
    if (bytes[i].empty()) continue;
    views[i] = BucketView(bytes[i]);
    ends[i] = views[i].EndOf(hints[i].hash);
    if (ends[i] != nullptr) __builtin_prefetch(ends[i]);
  }
  for (size_t i = 0; i < hints.size(); ++i) {
    if (ends[i] == nullptr) continue;
    if (const char* entry = views[i].EntryBefore(ends[i])) __builtin_prefetch(entry);
  }
}

Status ApplyToBuckets(WriteTransaction& transaction, StoreTable table, const HashSeed& seed,
                      BucketShape& shape, std::vector<BucketChange>& changes) {
  for (const BucketChange& change : changes) {
    if (!change.old_value.empty()) {
      shape.bytes -= EntryBytes(change.key.size(), change.old_value.size());
      --shape.entries;
    }
    if (!change.value.empty()) {
      shape.bytes += EntryBytes(change.key.size(), change.value.size());
      ++shape.entries;
    }
  }
  // Grown first, while the buckets are still small, and never shrunk.
  while (shape.bytes > shape.buckets * kTargetBucketBytes && shape.buckets < UINT32_MAX) {
    if (Status status = AddBucket(transaction, table, seed, shape); !status) return status;
  }
  const auto bucket_of = [&](const BucketChange& change) {
    return BucketOf(change.hash, shape.buckets);
  };
  std::sort(changes.begin(), changes.end(), [&](const BucketChange& a, const BucketChange& b) {
    return bucket_of(a) < bucket_of(b);
  });
  BucketBuilder builder;
  for (size_t begin = 0; begin < changes.size();) {
    const uint32_t bucket = bucket_of(changes[begin]);
    size_t end = begin + 1;
    while (end < changes.size() && bucket_of(changes[end]) == bucket) ++end;
    Status status = MergeBucket(transaction, table, bucket, changes.data() + begin,
                                changes.data() + end, builder);
    if (!status) return status;
    begin = end;
  }
  return Done{};
}

}  // namespace portvakt::engine
