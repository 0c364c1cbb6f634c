// What agreement tests share: a throw-away engine, questions as requests, seeds of random runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dsl/diagnostic.h"
#include "dsl/module.h"
#include "engine/engine.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

// An empty engine in `directory`, not synced, with the tests' clock; null when it cannot be made.
std::unique_ptr<engine::Engine> TemporaryEngine(const std::string& directory);

// A directory of this process's own.
std::string TemporaryDirectory(const std::string& purpose);

// PORTVAKT_SEED, or one of this run's own; printed.
uint64_t SeedOfRun();

// Whether PORTVAKT_LONG asks for a long run.
bool IsLongRun();

std::string Findings(const dsl::SourceSet& sources, const dsl::Diagnostics& findings);

engine::Request ToRequest(const dsl::Module& module, const World& world, const Question& question);

}  // namespace portvakt::agreement
