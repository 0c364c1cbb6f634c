// Checked policies by their versions: each is compiled from its sources once. Safe to share between
// threads.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "dsl/module.h"
#include "engine/data_names.h"
#include "engine/result.h"
#include "engine/store.h"

namespace portvakt::engine {

struct CheckedPolicy {
  CheckedPolicy(uint32_t number, dsl::Module checked)
      : version(number), module(std::move(checked)), names(module) {}
  CheckedPolicy(const CheckedPolicy&) = delete;
  CheckedPolicy& operator=(const CheckedPolicy&) = delete;

  uint32_t version;
  dsl::Module module;
  DataNames names;
};

class PolicyCache {
 public:
  // kInvalid when the sources do not check any more.
  Result<std::shared_ptr<const CheckedPolicy>> Get(const Snapshot& snapshot, uint32_t version);
  // Of the active policy; kNotFound when there is none.
  Result<std::shared_ptr<const CheckedPolicy>> GetActive(const Snapshot& snapshot);

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<const CheckedPolicy>> kept_;  // the one asked for last comes last
};

// From a store's sources.
dsl::SourceSet SourcesOf(const std::vector<PolicyFile>& files);
Result<dsl::Module> CheckAgain(const dsl::SourceSet& sources, uint32_t version);

}  // namespace portvakt::engine
