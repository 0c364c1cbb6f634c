// What was: values that ended, each kept once, at the revision that ended it. Internal to the
// store.
//
// Cells, records, validities and seats are stored as u64 since, then their bytes: the revision that
// last changed them. When a revision changes or removes such a value, the old one moves as it is
// into the past table, under its key and that revision (u64 big-endian): it was so from `since` on
// until just before. What is new leaves no row, so loading new data writes nothing here, and a
// question about now reads nothing here. The value as of revision R is the present one if it is
// there since R or before; else the first past one that ended after R, if it began at R or before.
//
//   kPastCells      u64 subject, u64 object, revision       kPastRecords  u64 entity, revision
//   kPastValidity   as kValidity, revision                  kPastSeats    as kSeats, revision
//   kPastPairs      as kPairs -> u64 revision that last removed the pair
//   kPastReferences as kReferences -> u64 revision that last removed it
//   kPastIds        u16 type, u16 id bytes, id, revision that removed it -> u64 entity
//   kPastPolicies   revision -> u32 version that was active before it; 0: none
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/bytes.h"
#include "engine/lmdb_environment.h"

namespace portvakt::engine {

inline constexpr size_t kSinceBytes = sizeof(uint64_t);

// Of a stored value, or "" for none.
inline std::string_view WithoutSince(std::string_view value) {
  if (value.empty()) return {};
  if (value.size() < kSinceBytes) DieOfCorruption("value without its revision");
  return value.substr(kSinceBytes);
}
// 0 for none.
inline uint64_t SinceOf(std::string_view value) {
  return value.empty() ? 0 : GetNumber<uint64_t>(value);
}

inline Key PastKey(std::string_view key, uint64_t revision) {
  Key result;
  result.Add(key).Add(revision);
  return result;
}
inline Key PastIdKey(uint16_t type, std::string_view id, uint64_t revision) {
  Key key;
  key.Add(type).Add(static_cast<uint16_t>(id.size())).Add(id).Add(revision);
  return key;
}

// Keeps the old value as what ended at `revision`. Nothing is kept of none.
Status KeepPast(WriteTransaction& transaction, StoreTable past, std::string_view key,
                uint64_t revision, std::string_view old_value);

// The value, with its since, as of the end of `revision`; "" when there was none. `present` is the
// one that the key has now, or "". `past` walks the past table.
std::string_view ValueAsOf(Cursor& past, std::string_view key, uint64_t revision,
                           std::string_view present);

}  // namespace portvakt::engine
