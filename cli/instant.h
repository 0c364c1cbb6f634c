// Instants as people give them on a command line and in test files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portvakt::cli {

// 2026-11-02T09:00:00Z, with an offset too, or 2026-11-02 for its midnight in UTC. Microseconds
// since 1970-01-01T00:00:00Z.
std::optional<int64_t> ReadInstant(std::string_view text);

// What to say of a text that is none; and of one that is no revision either.
std::string WhatIsNoInstant(std::string_view text);
std::string WhatIsNoMoment(std::string_view text);

}  // namespace portvakt::cli
