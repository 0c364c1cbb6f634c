// Judging the changes of a request one after the other, in an overlay where each is made. What the
// committer, dry runs, onboarding and loads share. Belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/judge.h"
#include "engine/overlay.h"
#include "engine/policy_cache.h"
#include "engine/reader.h"

namespace portvakt::engine {

// A policy's program in memory of its own, so that it outlives a transaction, and its judge.
class ProgramInUse {
 public:
  // `clock` outlives this.
  explicit ProgramInUse(const Reader::Clock& clock) : clock_(clock) {}

  Status Refresh(const Snapshot& snapshot, uint32_t version);
  Judge& judge() { return *judge_; }

 private:
  const Reader::Clock& clock_;
  std::vector<uint64_t> bytes_;  // aligned as a program wants
  size_t size_ = 0;
  Program program_;
  std::unique_ptr<Judge> judge_;
};

// The active policy: its names, and its program.
class PolicyInUse {
 public:
  // Both outlive this.
  PolicyInUse(PolicyCache& cache, const Reader::Clock& clock) : cache_(cache), program_(clock) {}

  // Goes to the policy that is active in the snapshot.
  Status Refresh(const Snapshot& snapshot);
  uint32_t version() const { return policy_->version; }
  const DataNames& names() const { return policy_->names; }
  Judge& judge() { return program_.judge(); }

 private:
  PolicyCache& cache_;
  ProgramInUse program_;
  std::shared_ptr<const CheckedPolicy> policy_;
};

// Who asks for changes.
struct Acting {
  bool by_operator = true;  // no rule is asked
  Asker asker;
};

struct ChangeScene {
  const DataNames& names;
  Judge& judge;
  Overlay& overlay;
  int64_t now_us = 0;
};

// kInvalid when the actor or the second is not stored.
Result<Acting> FindActing(const ChangeScene& scene, const ChangeRequest& request);

// Judges one change and makes it, refused or not; what is invalid is not made.
ChangeVerdict MakeChange(const ChangeScene& scene, const Acting& acting, const ChangeItem& item);

// All of them. Sets verdicts and the outcome: kInvalid, kRefused, kUnchanged, else kApplied.
void MakeChanges(const ChangeScene& scene, const Acting& acting,
                 const std::vector<ChangeItem>& changes, ChangeResult& result);

}  // namespace portvakt::engine
