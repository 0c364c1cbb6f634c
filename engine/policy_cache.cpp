#include "engine/policy_cache.h"

#include <algorithm>

#include "dsl/dsl.h"

namespace portvakt::engine {
namespace {

// Versions kept: the active one, and a few that people go back and forth between.
constexpr size_t kMaxKept = 4;

}  // namespace

Result<std::shared_ptr<const CheckedPolicy>> PolicyCache::Get(const Snapshot& snapshot,
                                                              uint32_t version) {
  // Held while compiling: who waits wants the same version.
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [&](const auto& kept) { return kept->version == version; });
  if (found != kept_.end()) {
    std::rotate(found, found + 1, kept_.end());
    return kept_.back();
  }
  Result<dsl::Module> module = CheckAgain(SourcesOf(snapshot.PolicySources(version)), version);
  if (!module) return module.error();
  if (kept_.size() == kMaxKept) kept_.erase(kept_.begin());
  kept_.push_back(std::make_shared<const CheckedPolicy>(version, std::move(*module)));
  return kept_.back();
}

Result<std::shared_ptr<const CheckedPolicy>> PolicyCache::GetActive(const Snapshot& snapshot) {
  const std::optional<PolicyInfo> active = snapshot.ActivePolicy();
  if (!active) return Error{Error::Code::kNotFound, "there is no active policy"};
  return Get(snapshot, active->version);
}

dsl::SourceSet SourcesOf(const std::vector<PolicyFile>& files) {
  dsl::SourceSet sources;
  for (const PolicyFile& file : files) sources.Add(file.name, file.text);
  return sources;
}

Result<dsl::Module> CheckAgain(const dsl::SourceSet& sources, uint32_t version) {
  dsl::Diagnostics findings;
  std::optional<dsl::Module> module = dsl::Compile(sources, findings);
  if (module) return std::move(*module);
  return Error{Error::Code::kInvalid, "policy version " + std::to_string(version) +
                                          " does not check any more; install it anew"};
}

}  // namespace portvakt::engine
