// What is missing as sets of keys: each fact, order of a seat or input under one name, so that
// plans and brute force can be compared; and a tally of what was asked.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "engine/engine.h"
#include "tests/agreement/world.h"

namespace portvakt::agreement {

using Facts = std::set<std::string>;

// `user:anna`.
std::string NameOf(const dsl::Module& module, const World& world, size_t entity);
// `user:anna granted pay.run in org:o`, without the words between.
std::string KeyOf(const dsl::Module& module, const World& world, const StoredFact& row);
std::string KeyOf(const engine::MissingStep& step);

// Whether something of it must come with the request.
bool OfRequest(const engine::MissingPlan& plan);

// Sets as lines of a message.
std::string Told(const std::set<Facts>& sets);

// All that is missing, with time enough to find it.
engine::MissingAnswer AskMissing(engine::Session& session, const engine::Request& request);

struct MissingTally {
  uint64_t asked = 0;
  uint64_t hopeless = 0;
  std::map<size_t, uint64_t> by_smallest;  // steps of the smallest set
  uint64_t plans = 0;
  uint64_t incomplete = 0;
};

std::string Report(const MissingTally& tally);
void Count(const engine::MissingAnswer& answer, MissingTally& tally);

}  // namespace portvakt::agreement
