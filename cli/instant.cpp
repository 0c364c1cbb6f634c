// The engine's calendar reads both forms; which of them is meant shows by the length.
#include "cli/instant.h"

#include "engine/calendar.h"

namespace portvakt::cli {

std::optional<int64_t> ReadInstant(std::string_view text) {
  if (const auto date = engine::ParseDate(text)) return *date * engine::kMicrosecondsPerDay;
  return engine::ParseInstant(text);
}

std::string WhatIsNoInstant(std::string_view text) {
  return "`" + std::string(text) + "` is no instant; write 2026-11-02T09:00:00Z";
}

std::string WhatIsNoMoment(std::string_view text) {
  return "`" + std::string(text) +
         "` is no moment; write a revision, 2026-11-02T09:00:00Z or 2026-11-02";
}

}  // namespace portvakt::cli
