// The agency in a store of its own, made once for all benchmarks that ask about it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/agency.h"
#include "engine/engine.h"

namespace portvakt::benchmarks {

inline constexpr uint64_t kSeed = 20260101;
inline constexpr size_t kRequests = 1 << 16;
// The medium agency: 20 consultants with 100 clients each of 1,000, 40 ticks a pair.
inline constexpr uint64_t kMediumTicks = 80'000;

struct World {
  std::string directory;
  std::unique_ptr<engine::Engine> engine;
  Agency agency;
  std::vector<engine::Request> requests;
  World() = default;
  World(World&&) = default;
  ~World();
};

enum class Sync { kOff, kOn };

// With policies/byra as it is, 108 permissions. Null when it cannot be made.
std::unique_ptr<World> MakeWorld(uint64_t ticks, Sync sync);
// The same, kept for the life of the process and not synced.
World* WorldOf(uint64_t ticks);
// With one more program, so that there are 223 permissions as in the reference domain. Kept.
World* MediumWorld();

// Of a sorted list.
double Quantile(const std::vector<double>& sorted, double share);

}  // namespace portvakt::benchmarks
