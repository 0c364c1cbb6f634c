// Governed changes from several threads, in a shape that tells afterwards whether anything was lost
// or half done: change (t, i) makes one box and two facts about it, or nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "engine/engine.h"

namespace portvakt::durability {

inline constexpr uint32_t kThreads = 4;

// How many changes of each thread were acknowledged. Lies in memory that parent and child share.
struct Acknowledged {
  std::atomic<uint32_t> changes[kThreads] = {};
};

// Installs the policy and lays the first administrator. False when that fails.
bool Prepare(engine::Engine& engine);

// Runs the threads until `most` changes each, or for ever; `told` is called with the thread after
// each acknowledgement. False when a change is refused.
bool Work(engine::Engine& engine, uint32_t most, Acknowledged& acknowledged,
          const std::function<void(uint32_t thread)>& told = {});

// What is wrong with the store in `directory`, or "": every acknowledged change is there, none is
// half there, and the history's chain and its sum hold.
std::string Examine(const std::string& directory, const uint32_t (&acknowledged)[kThreads]);

}  // namespace portvakt::durability
