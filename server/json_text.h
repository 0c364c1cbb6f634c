// Pieces of JSON appended to text, for lines that are written at every request: nothing is
// allocated but what `out` needs. Answers go through server/json.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/decision.h"

namespace portvakt::server {

// With its quotes; bytes that are not UTF-8 become U+FFFD.
void AppendJsonText(std::string_view text, std::string& out);
void AppendJsonNumber(int64_t number, std::string& out);
void AppendJsonNumber(uint64_t number, std::string& out);
// Finite.
void AppendJsonNumber(double number, std::string& out);
// An object's text is its JSON, as ToInput made it (server/request_json.h).
void AppendJsonValue(const engine::InputValue& value, std::string& out);
// "2026-11-23T16:40:00.123456Z", with its quotes, of microseconds since 1970; years 0 to 9999.
void AppendJsonInstant(int64_t instant_us, std::string& out);
// 12.345 of 12345 nanoseconds.
void AppendJsonMicroseconds(uint64_t nanoseconds, std::string& out);

}  // namespace portvakt::server
