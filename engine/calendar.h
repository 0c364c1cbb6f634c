// Dates, instants and durations as numbers and as people write them. The only unit of the room that
// knows time zones.
//
// A date is a count of days since 1970-01-01, an instant microseconds since 1970-01-01T00:00:00Z,
// a duration microseconds. Years are 0001 to 9999. All functions are pure and safe to share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portvakt::engine {

inline constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
inline constexpr int64_t kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

// Names of the IANA database, as "Europe/Stockholm".
bool ZoneExists(std::string_view zone);

// The date that clocks in `zone` show at the instant. "" is UTC; so is a zone that does not exist
// (the checker refuses those).
int64_t DateOf(int64_t instant_us, std::string_view zone);

// The first instant of the date in `zone`.
int64_t ToInstant(int64_t date, std::string_view zone);

// "2026-01-31".
std::optional<int64_t> ParseDate(std::string_view text);
std::string FormatDate(int64_t date);

// "2026-01-31T12:00:00Z", "2026-01-31T13:00+01:00"; up to six digits of a fraction.
std::optional<int64_t> ParseInstant(std::string_view text);
// Always UTC; a fraction only where there is one.
std::string FormatInstant(int64_t instant_us);

// "30 days": a whole number and weeks, days, hours, minutes or seconds (or one of them).
std::optional<int64_t> ParseDuration(std::string_view text);
std::string FormatDuration(int64_t duration_us);

}  // namespace portvakt::engine
