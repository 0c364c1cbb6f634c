// How long a fact may hold: what `from` and `until` say, within what the policy's `lasting` allows.
// Loads and changes read both alike. Pure.
#pragma once

#include <optional>
#include <string>

#include "dsl/module.h"
#include "engine/store.h"

namespace portvakt::engine {

struct WantedTime {
  std::optional<int64_t> from_us;
  std::optional<int64_t> until_us;
};
struct TimeFault {
  std::string message;
  std::string help;
};

// The validity that a fact gets, or what is wrong with the times. `fact` is null for roles and
// licences. `standing` is the validity of the same fact where it is stored with one that holds now:
// what lasts for a time is not renewed by saying it again.
std::optional<TimeFault> FixValidity(const dsl::Fact* fact, const WantedTime& wanted,
                                     int64_t now_us, const std::optional<Validity>& standing,
                                     Validity& out);

// The validity of a fact that is timed and holds now. From its cell and its validity.
template <class Reads>
std::optional<Validity> StandingValidity(const Reads& from, const FactKey& fact, int64_t now_us) {
  const Cell::Row row = from.FindCell(fact.subject, fact.object)
                            .Find(fact.relation, static_cast<uint16_t>(fact.symbol / 64));
  if (((row.timed >> (fact.symbol % 64)) & 1) == 0) return std::nullopt;
  const Validity validity = from.FindValidity(fact);
  if (!validity.At(now_us)) return std::nullopt;
  return validity;
}

}  // namespace portvakt::engine
