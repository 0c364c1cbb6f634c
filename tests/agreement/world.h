// A data set in the words of a checked module: what the reference evaluator walks, and what is
// written out as sentences for the engine to load.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/module.h"

namespace portvakt::agreement {

template <class T, class U>
bool Has(const std::vector<T>& list, U element) {
  return std::find(list.begin(), list.end(), static_cast<T>(element)) != list.end();
}

struct Value {
  int64_t number = 0;  // bool, int, decimal (millionths); entity: index into World::entities
  std::string text;    // string; enum: label
  friend bool operator==(const Value&, const Value&) = default;
};

// What is known of a value: nothing, that there is none, or which it is.
enum class State { kUnknown, kAbsent, kValue };
struct Found {
  State state = State::kUnknown;
  Value value;
};

Found Look(const std::map<std::string, Value>& values, const dsl::Step& step,
           State otherwise = State::kUnknown);
bool Compares(int64_t left, dsl::Comparison comparison, int64_t right);

struct Entity {
  dsl::TypeId type = 0;
  std::string id;
  std::map<std::string, Value> attributes;
  bool stored = true;  // false: an open entity that only a request names
};

struct StoredFact {
  enum class Kind { kFact, kRole, kHolds };
  Kind kind = Kind::kFact;
  uint32_t which = 0;  // FactId, RoleId or LicenceId
  size_t subject = 0;  // index into World::entities
  std::optional<size_t> object;
  uint32_t symbol =
      dsl::kNone;  // of a fact with a symbol slot; of a role for a program: the program
  std::optional<int64_t> from_us;
  std::optional<int64_t> until_us;

  bool ValidAt(int64_t now_us) const {
    return from_us.value_or(INT64_MIN) <= now_us && now_us < until_us.value_or(INT64_MAX);
  }
};

struct World {
  std::vector<Entity> entities;
  std::vector<StoredFact> facts;
  std::map<std::pair<size_t, dsl::LicenceId>, int64_t> seats;

  // Is there such a row, valid then?
  bool Has(StoredFact::Kind kind, uint32_t which, size_t subject, std::optional<size_t> object,
           uint32_t symbol, bool any_symbol, int64_t now_us) const;
  // In one or more steps.
  bool Reaches(dsl::FactId fact, size_t from, size_t to, int64_t now_us) const;
  int64_t FreeSeats(size_t tenant, dsl::LicenceId licence, int64_t now_us) const;
};

// One question, as indexes; absent values are unknown.
struct Question {
  size_t subject = 0;
  dsl::PermissionId permission = 0;
  size_t object = 0;
  std::map<std::string, Value> context;
  std::map<std::string, Value> subject_properties;
  std::map<std::string, Value> object_properties;
  std::map<std::string, Value> action_properties;
  std::optional<size_t> second;  // of a change: who confirms it
  int64_t now_us = 0;
};

// The world as lines of the bulk text format.
std::string Sentences(const dsl::Module& module, const World& world);

}  // namespace portvakt::agreement
