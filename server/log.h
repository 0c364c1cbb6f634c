// The server's log: one JSON object a line on standard error, for start, stop and trouble.
// Requests are in the access log; no body, id or credential ever gets here.
//
//   {"time":"2026-11-23T16:40:00.123456Z","level":"info","event":"listening","address":".."}
//
// Safe to call from any thread.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "server/json.h"

namespace portvakt::server {

enum class LogLevel : uint8_t { kInfo, kWarning, kError, kOff };

using LogField = std::pair<std::string_view, JsonValue>;

// `event` is a stable word for programs to look for.
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// Lines below `level` are not written. The first is kInfo.
void SetLogLevel(LogLevel level);

}  // namespace portvakt::server
