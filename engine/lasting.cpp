#include "engine/lasting.h"

#include <limits>

#include "engine/calendar.h"
#include "engine/data_findings.h"

namespace portvakt::engine {

std::optional<TimeFault> FixValidity(const dsl::Fact* fact, const WantedTime& wanted,
                                     int64_t now_us, const std::optional<Validity>& standing,
                                     Validity& out) {
  out = Validity{wanted.from_us.value_or(Validity::kAlways),
                 wanted.until_us.value_or(Validity::kForEver)};
  if (fact != nullptr && fact->lasting_us) {
    const int64_t start = wanted.from_us.value_or(now_us);
    const int64_t limit = *fact->lasting_us > std::numeric_limits<int64_t>::max() - start
                              ? Validity::kForEver
                              : start + *fact->lasting_us;
    const std::string lasts = "the policy says that it lasts " + FormatDuration(*fact->lasting_us);
    if (!wanted.until_us && fact->lasting_at_most) {
      return TimeFault{Quoted(fact->shape.verb) + " needs an `until`", lasts + " at most"};
    }
    if (!wanted.until_us && !wanted.from_us && standing) {
      out = *standing;
      return std::nullopt;
    }
    if (!wanted.until_us) out.until_us = limit;
    if (out.until_us > limit) {
      return TimeFault{
          Quoted(fact->shape.verb) + " ends at " + FormatInstant(limit) + " at the latest", lasts};
    }
  }
  if (out.from_us < out.until_us) return std::nullopt;
  return TimeFault{"`until` is not after `from`",
                   "a fact holds from the one until just before the other"};
}

}  // namespace portvakt::engine
