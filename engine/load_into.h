// Loading into a store: what engine/load.h offers, below the engine. Internal to the room and its
// tests.
#pragma once

#include "engine/load.h"
#include "engine/store.h"

namespace portvakt::engine {

struct LoadTarget {
  Store& store;
  const dsl::Module& module;
  int64_t now_us = 0;
  const LoadOptions& options;
  bool obeys_limits = false;  // those of the store's active policy
};

LoadReport LoadYamlInto(const LoadTarget& target, const std::string& file_name,
                        std::string_view text);
LoadReport LoadTextInto(const LoadTarget& target, const std::string& file_name, std::istream& text);
LoadReport RemoveSentencesFrom(const LoadTarget& target, const std::vector<std::string>& sentences);

}  // namespace portvakt::engine
