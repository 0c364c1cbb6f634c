// Dates, instants and durations: what is read, what is refused, and what zones do to midnight.
#include "engine/calendar.h"

#include <gtest/gtest.h>

#include <limits>

namespace portvakt::engine {
namespace {

constexpr int64_t kHour_us = int64_t{3600} * kMicrosecondsPerSecond;

TEST(CalendarTest, DatesAreDaysSince1970) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("1969-12-31"), -1);
  EXPECT_EQ(ParseDate("2000-02-29"), 11'016);
  EXPECT_EQ(ParseDate("0001-01-01"), -719'162);
  EXPECT_EQ(ParseDate("9999-12-31"), 2'932'896);
  for (const char* text : {"", "2026", "2026-1-1", "2026-02-29", "2026-13-01", "2026-00-01",
                           "2026-01-32", "0000-01-01", "2026-01-01 ", "2026-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseDate(text), std::nullopt) << text;
  }
  for (const int64_t date : {-719'162, -1, 0, 59, 11'016, 20'541, 2'932'896}) {
    EXPECT_EQ(ParseDate(FormatDate(date)), date);
  }
}

TEST(CalendarTest, InstantsNeedAZone) {
  EXPECT_EQ(ParseInstant("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ParseInstant("1970-01-01T00:00Z"), 0);
  EXPECT_EQ(ParseInstant("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(ParseInstant("1969-12-31T18:30:00-05:30"), 0);
  EXPECT_EQ(ParseInstant("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(ParseInstant("1970-01-01T00:00:00.5Z"), 500'000);
  for (const char* text :
       {"", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567Z",
        "1970-01-01T00:00:00+1:00", "1970-01-01T00:00:00Zx", "1970-01-01 00:00:00Z"}) {
    EXPECT_EQ(ParseInstant(text), std::nullopt) << text;
  }
  for (const int64_t instant : {int64_t{0}, int64_t{-1}, int64_t{1'784'541'600'000'000}}) {
    EXPECT_EQ(ParseInstant(FormatInstant(instant)), instant);
  }
  EXPECT_EQ(FormatInstant(1'784'541'600'000'000), "2026-07-20T10:00:00Z");
}

TEST(CalendarTest, ZonesDecideWhatDayItIs) {
  EXPECT_TRUE(ZoneExists("Europe/Stockholm"));
  EXPECT_FALSE(ZoneExists("Europe/Stokholm"));
  EXPECT_FALSE(ZoneExists(""));
  EXPECT_FALSE(ZoneExists("../../etc/passwd"));
  const int64_t late = *ParseInstant("2026-01-31T23:30:00Z");
  EXPECT_EQ(FormatDate(DateOf(late, "")), "2026-01-31");
  EXPECT_EQ(FormatDate(DateOf(late, "Europe/Stockholm")), "2026-02-01");
  EXPECT_EQ(FormatDate(DateOf(late, "America/New_York")), "2026-01-31");
  EXPECT_EQ(DateOf(-1, ""), -1);
}

TEST(CalendarTest, ADayBeginsWithItsFirstInstant) {
  struct Case {
    const char* date;
    const char* zone;
    const char* begins;
  };
  const Case kCases[] = {
      {"2026-01-15", "", "2026-01-15T00:00:00Z"},
      {"2026-01-15", "Europe/Stockholm", "2026-01-14T23:00:00Z"},
      {"2026-07-15", "Europe/Stockholm", "2026-07-14T22:00:00Z"},
      // Clocks went from 23:59:59 to 01:00: the day began an hour late.
      {"2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
      // Midnight came twice.
      {"2018-02-17", "America/Sao_Paulo", "2018-02-17T02:00:00Z"},
  };
  for (const Case& test : kCases) {
    const int64_t date = *ParseDate(test.date);
    const int64_t instant = ToInstant(date, test.zone);
    EXPECT_EQ(FormatInstant(instant), test.begins) << test.date << " " << test.zone;
    EXPECT_EQ(DateOf(instant, test.zone), date);
    EXPECT_EQ(DateOf(instant - 1, test.zone), date - 1);
  }
}

TEST(CalendarTest, ExtremeInstantsStandStill) {
  for (const char* zone : {"", "Europe/Stockholm"}) {
    EXPECT_LE(DateOf(std::numeric_limits<int64_t>::min(), zone), -719'161);
    EXPECT_GE(DateOf(std::numeric_limits<int64_t>::max(), zone), 2'932'896);
    ToInstant(std::numeric_limits<int64_t>::max(), zone);
    ToInstant(std::numeric_limits<int64_t>::min(), zone);
  }
  FormatDate(std::numeric_limits<int64_t>::min());
  FormatInstant(std::numeric_limits<int64_t>::max());
  FormatInstant(std::numeric_limits<int64_t>::min());
}

TEST(CalendarTest, DurationsAreWholeUnits) {
  EXPECT_EQ(ParseDuration("30 days"), 30 * kMicrosecondsPerDay);
  EXPECT_EQ(ParseDuration("1 day"), kMicrosecondsPerDay);
  EXPECT_EQ(ParseDuration("2 weeks"), 14 * kMicrosecondsPerDay);
  EXPECT_EQ(ParseDuration("90 minutes"), 3 * kHour_us / 2);
  EXPECT_EQ(ParseDuration("0 seconds"), 0);
  for (const char* text : {"", "30", "days", "30days", "30  days", "-1 days", "1.5 days",
                           "30 months", "30 Days", "9223372036854775807 days"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
  for (const char* text : {"30 days", "1 day", "36 hours", "90 minutes", "1 second", "0 seconds"}) {
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  }
}

}  // namespace
}  // namespace portvakt::engine
