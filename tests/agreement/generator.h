// Random typed policies, data sets and questions. Everything is drawn from one schema that has
// each feature of the language that a decision can meet; policies are text, so that the parser and
// the checker are on the way.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "dsl/module.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

using Random = std::mt19937_64;

// Text that the checker is expected to accept.
std::string RandomPolicy(Random& random);

World RandomWorld(const dsl::Module& module, Random& random);

// May add an entity of an open type that is not stored to `world`.
Question RandomQuestion(const dsl::Module& module, World& world, Random& random);

// The instant that all questions are asked at: 2026-06-01T00:00:00Z.
inline constexpr int64_t kNowUs = 1'780'272'000'000'000;

}  // namespace portvakt::agreement
