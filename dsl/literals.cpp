// The text forms of dates, instants, addresses and decimals. Pure; nothing comes of a text that is
// none, of a day that the calendar lacks, or of more digits than are kept.
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dsl/checker.h"

namespace portvakt::dsl {
namespace {

// Exactly `count` digits at the front, taken away.
std::optional<int64_t> TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int64_t value = 0;
  for (size_t at = 0; at < count; ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool Take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

bool IsLeap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int64_t DaysInMonth(int64_t year, int64_t month) {
  constexpr std::array<int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<size_t>(month - 1)] + (month == 2 && IsLeap(year) ? 1 : 0);
}

// Days since 1970-01-01 in the proleptic Gregorian calendar.
int64_t DaysFromDate(int64_t year, int64_t month, int64_t day) {
  int64_t days = (year - 1970) * 365;
  // Leap days of the years before this one, counted from year 0 on both sides.
  const auto leaps = [](int64_t before) {
    return before == 0 ? 0 : 1 + (before - 1) / 4 - (before - 1) / 100 + (before - 1) / 400;
  };
  days += leaps(year) - leaps(1970);
  for (int64_t earlier = 1; earlier < month; ++earlier) days += DaysInMonth(year, earlier);
  return days + day - 1;
}

std::optional<int64_t> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !Take(text, '-')) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || *month < 1 || *month > 12 || !Take(text, '-')) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day || *day < 1 || *day > DaysInMonth(*year, *month)) return std::nullopt;
  return DaysFromDate(*year, *month, *day);
}

// The offset from UTC in minutes: `Z`, `+02:00`, `-05:30`.
std::optional<int64_t> TakeOffset(std::string_view& text) {
  if (Take(text, 'Z')) return 0;
  const bool minus = !text.empty() && text.front() == '-';
  if (!minus && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = TakeDigits(text, 2);
  if (!hours || *hours > 23 || !Take(text, ':')) return std::nullopt;
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const int64_t offset = *hours * 60 + *minutes;
  return minus ? -offset : offset;
}

std::optional<std::array<uint8_t, 4>> ParseIpv4(std::string_view text) {
  std::array<uint8_t, 4> bytes{};
  for (size_t part = 0; part < 4; ++part) {
    if (part > 0 && !Take(text, '.')) return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto digits = static_cast<size_t>(end - text.data());
    // A leading zero means octal to some readers.
    if (error != std::errc() || value > 255 || digits > 3 || (digits > 1 && text[0] == '0')) {
      return std::nullopt;
    }
    bytes[part] = static_cast<uint8_t>(value);
    text.remove_prefix(digits);
  }
  if (!text.empty()) return std::nullopt;
  return bytes;
}

// Groups of one side of `::`, two bytes each; an IPv4 tail counts as two groups.
bool ParseGroups(std::string_view text, std::string& bytes) {
  if (text.empty()) return true;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto tail = ParseIpv4(group);
      if (!tail) return false;
      bytes.append(tail->begin(), tail->end());
      return true;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (error != std::errc() || end != group.data() + group.size() || group.size() > 4) {
      return false;
    }
    bytes.push_back(static_cast<char>(value >> 8));
    bytes.push_back(static_cast<char>(value & 0xff));
    if (bytes.size() > 16) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

std::optional<std::string> ParseIpv6(std::string_view text) {
  const size_t gap = text.find("::");
  std::string front;
  std::string back;
  if (!ParseGroups(text.substr(0, gap), front)) return std::nullopt;
  if (gap == std::string_view::npos) {
    if (text.empty() || front.size() != 16) return std::nullopt;
    return front;
  }
  if (!ParseGroups(text.substr(gap + 2), back)) return std::nullopt;
  if (front.size() + back.size() > 14) return std::nullopt;
  return front + std::string(16 - front.size() - back.size(), '\0') + back;
}

}  // namespace

std::optional<int64_t> ParseDate(std::string_view text) {
  const auto days = TakeDate(text);
  if (!days || !text.empty()) return std::nullopt;
  return days;
}

std::optional<int64_t> ParseInstant(std::string_view text) {
  const auto days = TakeDate(text);
  if (!days || !Take(text, 'T')) return std::nullopt;
  const auto hours = TakeDigits(text, 2);
  if (!hours || *hours > 23 || !Take(text, ':')) return std::nullopt;
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  int64_t seconds = 0;
  int64_t fraction_us = 0;
  if (Take(text, ':')) {
    const auto found = TakeDigits(text, 2);
    if (!found || *found > 59) return std::nullopt;
    seconds = *found;
    if (Take(text, '.')) {
      int64_t scale = 1'000'000;
      bool any = false;
      while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        scale /= 10;
        fraction_us += scale * (text.front() - '0');
        if (scale == 0) return std::nullopt;
        any = true;
        text.remove_prefix(1);
      }
      if (!any) return std::nullopt;
    }
  }
  const auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return ((*days * 24 + *hours) * 60 + *minutes - *offset) * 60'000'000 + seconds * 1'000'000 +
         fraction_us;
}

// 16 bytes of the address (IPv4 mapped into IPv6) and the length of the prefix in bits. Bits behind
// the prefix are cleared, so that equal ranges are equal texts.
std::optional<std::string> ParseIp(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  std::string bytes;
  const auto v4 = ParseIpv4(address);
  if (v4) {
    bytes.assign(10, '\0');
    bytes += "\xff\xff";
    bytes.append(v4->begin(), v4->end());
  } else {
    const auto v6 = ParseIpv6(address);
    if (!v6) return std::nullopt;
    bytes = *v6;
  }
  unsigned prefix = 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    unsigned written = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), written);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 3 ||
        written > (v4 ? 32u : 128u)) {
      return std::nullopt;
    }
    prefix = written + (v4 ? 96u : 0u);
  }
  for (unsigned bit = prefix; bit < 128; ++bit) {
    const auto kept = static_cast<unsigned char>(bytes[bit / 8]) & ~(0x80u >> (bit % 8));
    bytes[bit / 8] = static_cast<char>(kept);
  }
  bytes.push_back(static_cast<char>(prefix));
  return bytes;
}

std::optional<int64_t> ParseDecimal(std::string_view digits) {
  const size_t dot = digits.find('.');
  std::string_view fraction = dot == std::string_view::npos ? "" : digits.substr(dot + 1);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > 6) return std::nullopt;
  std::string all(digits.substr(0, dot));
  all += fraction;
  all.append(6 - fraction.size(), '0');
  int64_t value = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (error != std::errc() || end != all.data() + all.size()) return std::nullopt;
  return value;
}

}  // namespace portvakt::dsl
