// Every limit of the language, with its unit and its reason. Beyond one there is a diagnostic of
// the 09xx family (never a crash), and each has a test in tests/dsl/limits_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portvakt::dsl {

// Bytes of one policy file: a hundred times the largest policy known, and offsets fit 32 bits.
inline constexpr size_t kMaxFileBytes = 4u << 20;
// Files of one policy, imports included.
inline constexpr size_t kMaxFiles = 256;
// Brackets, `not` and `some` inside each other. Bounds the stack of every walk over conditions.
inline constexpr size_t kMaxNesting = 64;
// Definitions that lean on definitions, and `may` on `may`: bounds the evaluator's frames.
inline constexpr size_t kMaxCallDepth = 32;
// Permissions, roles, licences or programs: each is a bit of a mask in the evaluator (64 words).
inline constexpr size_t kMaxSymbolsOfKind = 4096;
// Entity types, and facts: numbers of 16 bits with room for those of earlier policy versions.
inline constexpr size_t kMaxTypes = 1024;
inline constexpr size_t kMaxFacts = 4096;
// Names known in one rule at once, those of its head included.
inline constexpr size_t kMaxNamesInRule = 64;
// Rules, definitions, limits and promises together.
inline constexpr size_t kMaxRules = 100'000;
// Bytes of one name. Ids of the store have their own limit.
inline constexpr size_t kMaxNameBytes = 128;
// References that a path may follow.
inline constexpr size_t kMaxPathSteps = 3;

}  // namespace portvakt::dsl
