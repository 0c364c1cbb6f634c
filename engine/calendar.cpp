// Calendar arithmetic by std::chrono; zones by the date library, which reads the system's files.
#include "engine/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <limits>

namespace portvakt::engine {
namespace {

using Microseconds = std::chrono::duration<int64_t, std::micro>;
using Instant = std::chrono::time_point<std::chrono::system_clock, Microseconds>;

// 0001-01-01 and 9999-12-31: what four digits can write. Beyond, the calendar stands still.
constexpr int64_t kFirstDate = -719'162;
constexpr int64_t kLastDate = 2'932'896;

// nullptr when there is no such zone. The library throws for unknown names.
const date::time_zone* FindZone(std::string_view name) {
  if (name.empty()) return nullptr;
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

int64_t FloorDays(int64_t us) {
  const int64_t days = us / kMicrosecondsPerDay;
  return us % kMicrosecondsPerDay < 0 ? days - 1 : days;
}

// Into the years that the calendar knows.
int64_t Clamp(int64_t instant_us) {
  return std::clamp(instant_us, kFirstDate * kMicrosecondsPerDay,
                    (kLastDate + 1) * kMicrosecondsPerDay - 1);
}

// Exactly `digits` decimal digits at the front of `text`, which it takes away.
std::optional<int> TakeDigits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeCharacter(std::string_view& text, char character) {
  if (text.empty() || text.front() != character) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeCharacter(text, '-')) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeCharacter(text, '-')) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)});
  if (*year < 1 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Microseconds of the day of "12:00", "12:00:30" or "12:00:30.250".
std::optional<int64_t> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeCharacter(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t us = (int64_t{*hour} * 3600 + int64_t{*minute} * 60) * kMicrosecondsPerSecond;
  if (!TakeCharacter(text, ':')) return us;
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  us += *second * kMicrosecondsPerSecond;
  if (!TakeCharacter(text, '.')) return us;
  int64_t unit = kMicrosecondsPerSecond / 10;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (unit == 0) return std::nullopt;  // finer than we keep
    us += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return us;
}

// Microseconds to subtract for "Z", "+01:00" or "-05:30".
std::optional<int64_t> TakeOffset(std::string_view& text) {
  if (TakeCharacter(text, 'Z')) return 0;
  const bool east = TakeCharacter(text, '+');
  if (!east && !TakeCharacter(text, '-')) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeCharacter(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const int64_t us = (int64_t{*hour} * 3600 + int64_t{*minute} * 60) * kMicrosecondsPerSecond;
  return east ? us : -us;
}

std::string Padded(int64_t number, size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

struct Unit {
  std::string_view one;
  std::string_view many;
  int64_t us;
};
constexpr std::array<Unit, 5> kUnits = {{
    {"week", "weeks", 7 * kMicrosecondsPerDay},
    {"day", "days", kMicrosecondsPerDay},
    {"hour", "hours", 3600 * kMicrosecondsPerSecond},
    {"minute", "minutes", 60 * kMicrosecondsPerSecond},
    {"second", "seconds", kMicrosecondsPerSecond},
}};

}  // namespace

bool ZoneExists(std::string_view zone) { return FindZone(zone) != nullptr; }

int64_t DateOf(int64_t instant_us, std::string_view zone) {
  instant_us = Clamp(instant_us);
  const date::time_zone* found = FindZone(zone);
  if (found == nullptr) return FloorDays(instant_us);
  const Instant instant{Microseconds{instant_us}};
  return FloorDays(found->to_local(instant).time_since_epoch().count());
}

int64_t ToInstant(int64_t date, std::string_view zone) {
  const int64_t midnight_us = std::clamp(date, kFirstDate, kLastDate) * kMicrosecondsPerDay;
  const date::time_zone* found = FindZone(zone);
  if (found == nullptr) return midnight_us;
  // Where clocks skip midnight, the day begins at the change; where it comes twice, at the first.
  const date::local_time<Microseconds> local{Microseconds{midnight_us}};
  return found->to_sys(local, date::choose::earliest).time_since_epoch().count();
}

std::optional<int64_t> ParseDate(std::string_view text) {
  const auto date = TakeDate(text);
  return text.empty() ? date : std::nullopt;
}

std::string FormatDate(int64_t date) {
  const std::chrono::year_month_day day{
      std::chrono::sys_days{std::chrono::days{std::clamp(date, kFirstDate, kLastDate)}}};
  return Padded(static_cast<int>(day.year()), 4) + "-" +
         Padded(static_cast<unsigned>(day.month()), 2) + "-" +
         Padded(static_cast<unsigned>(day.day()), 2);
}

std::optional<int64_t> ParseInstant(std::string_view text) {
  const auto date = TakeDate(text);
  if (!date || !TakeCharacter(text, 'T')) return std::nullopt;
  const auto time_us = TakeTimeOfDay(text);
  if (!time_us) return std::nullopt;
  const auto offset_us = TakeOffset(text);
  if (!offset_us || !text.empty()) return std::nullopt;
  return *date * kMicrosecondsPerDay + *time_us - *offset_us;
}

std::string FormatInstant(int64_t instant_us) {
  instant_us = Clamp(instant_us);
  const int64_t date = FloorDays(instant_us);
  const int64_t us = instant_us - date * kMicrosecondsPerDay;
  const int64_t seconds = us / kMicrosecondsPerSecond;
  std::string text = FormatDate(date) + "T" + Padded(seconds / 3600, 2) + ":" +
                     Padded(seconds / 60 % 60, 2) + ":" + Padded(seconds % 60, 2);
  if (const int64_t fraction = us % kMicrosecondsPerSecond; fraction != 0) {
    text += "." + Padded(fraction, 6);
  }
  return text + "Z";
}

std::optional<int64_t> ParseDuration(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!TakeCharacter(text, ' ')) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text != unit.one && text != unit.many) continue;
    if (count > std::numeric_limits<int64_t>::max() / unit.us) return std::nullopt;
    return count * unit.us;
  }
  return std::nullopt;
}

std::string FormatDuration(int64_t duration_us) {
  for (size_t i = 1; i < kUnits.size(); ++i) {  // not weeks: "30 days" is what people say
    const Unit& unit = kUnits[i];
    if (duration_us == 0 || duration_us % unit.us != 0) continue;
    const int64_t count = duration_us / unit.us;
    return std::to_string(count) + " " + std::string(count == 1 ? unit.one : unit.many);
  }
  if (duration_us == 0) return "0 seconds";
  return std::to_string(duration_us) + " microseconds";
}

}  // namespace portvakt::engine
