// Texts of plain ASCII, which nearly all are, are copied as they stand; others go the long way.
#include "server/json_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "server/json.h"

namespace portvakt::server {
namespace {

bool IsPlain(char letter) {
  return letter >= 0x20 && letter < 0x7f && letter != '"' && letter != '\\';
}

template <class T>
void AppendChars(T number, std::string& out) {
  char digits[32];  // the longest double has 24 characters
  const auto written = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, written.ptr);
}

// With zeros in front.
void AppendDigits(uint32_t number, size_t count, std::string& out) {
  char digits[10];
  for (size_t i = count; i > 0; --i, number /= 10)
    digits[i - 1] = static_cast<char>('0' + number % 10);
  out.append(digits, count);
}

}  // namespace

void AppendJsonText(std::string_view text, std::string& out) {
  if (!std::all_of(text.begin(), text.end(), IsPlain)) {
    out.append(WriteJson(text));
    return;
  }
  out.push_back('"');
  out.append(text);
  out.push_back('"');
}

void AppendJsonNumber(int64_t number, std::string& out) { AppendChars(number, out); }
void AppendJsonNumber(uint64_t number, std::string& out) { AppendChars(number, out); }
void AppendJsonNumber(double number, std::string& out) { AppendChars(number, out); }

void AppendJsonValue(const engine::InputValue& value, std::string& out) {
  using Kind = engine::InputValue::Kind;
  switch (value.kind) {
    case Kind::kNull: out.append("null"); return;
    case Kind::kBool: out.append(value.boolean ? "true" : "false"); return;
    case Kind::kInteger: AppendChars(value.integer, out); return;
    case Kind::kDouble: AppendChars(value.number, out); return;
    case Kind::kString: AppendJsonText(value.text, out); return;
    case Kind::kObject: out.append(value.text.empty() ? "{}" : value.text); return;
    case Kind::kList: break;
  }
  out.push_back('[');
  for (size_t i = 0; i < value.list.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJsonValue(value.list[i], out);
  }
  out.push_back(']');
}

void AppendJsonInstant(int64_t instant_us, std::string& out) {
  using namespace std::chrono;
  const sys_time<microseconds> instant{microseconds(instant_us)};
  const sys_days day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss time{instant - day};
  out.push_back('"');
  AppendDigits(static_cast<uint32_t>(static_cast<int>(date.year())), 4, out);
  out.push_back('-');
  AppendDigits(static_cast<unsigned>(date.month()), 2, out);
  out.push_back('-');
  AppendDigits(static_cast<unsigned>(date.day()), 2, out);
  out.push_back('T');
  AppendDigits(static_cast<uint32_t>(time.hours().count()), 2, out);
  out.push_back(':');
  AppendDigits(static_cast<uint32_t>(time.minutes().count()), 2, out);
  out.push_back(':');
  AppendDigits(static_cast<uint32_t>(time.seconds().count()), 2, out);
  out.push_back('.');
  AppendDigits(static_cast<uint32_t>(time.subseconds().count()), 6, out);
  out.append("Z\"");
}

void AppendJsonMicroseconds(uint64_t nanoseconds, std::string& out) {
  AppendChars(nanoseconds / 1000, out);
  out.push_back('.');
  AppendDigits(static_cast<uint32_t>(nanoseconds % 1000), 3, out);
}

}  // namespace portvakt::server
