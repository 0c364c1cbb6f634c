// The life of policies, seen from outside: a version is uploaded (a candidate), compared,
// activated, and activated again when a later one turns out wrong. Engine's methods do it
// (engine/engine.h).
//
// What an upload leaves behind: its sources under a number of its own, and its revision in the
// history. Nothing else. It is compiled to see that it can be, but the names that it brings get
// numbers, and the store its program, only when it is first activated: names are numbered for ever
// and there are kMaxNumbers of a kind, so uploads that nobody wanted must not use them up. Where a
// candidate is asked before that (impact), it is compiled against numbers of the moment.
//
// A version that was ever active is kept for ever. Of those that never were, kMaxCandidates are: an
// upload beyond drops the oldest, which the history tells too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace portvakt::engine {

// A month of daily attempts. Their sources are read whenever versions are listed.
inline constexpr size_t kMaxCandidates = 32;
// Bytes of one policy's names and texts together; a store keeps them for ever.
inline constexpr size_t kMaxPolicyBytes = size_t{4} << 20;

struct PolicyVersion {
  // When, by whom and why, as the history has it.
  struct Moment {
    uint64_t revision = 0;
    int64_t instant_us = 0;
    std::string actor;
    std::string reason;
  };
  uint32_t version = 0;
  std::string name;
  std::string title;  // "" when it has none
  std::string digest;
  bool active = false;
  Moment uploaded;
  std::optional<Moment> activated;  // last; absent: it is a candidate
};

}  // namespace portvakt::engine
