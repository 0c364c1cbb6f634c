// Where the impact of policies is reckoned: one comparison at a time, on a thread of its own, since
// it takes seconds to minutes. What came of the last one is kept, and how far the running one is
// can be asked meanwhile.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/engine.h"

namespace portvakt::server {

class ImpactDesk {
 public:
  using Outcome = engine::Result<engine::Impact>;
  // Called once on the desk's thread, or where the desk is stopped: hand over.
  using Done = std::function<void(const Outcome&)>;

  explicit ImpactDesk(engine::Engine& engine);
  ~ImpactDesk();
  ImpactDesk(const ImpactDesk&) = delete;
  ImpactDesk& operator=(const ImpactDesk&) = delete;

  // Any thread. False when another comparison runs. `done` may be empty.
  bool Begin(const engine::ImpactQuery& query, Done done);

  struct Progress {
    bool running = false;
    uint64_t subjects_done = 0;
    uint64_t subjects = 0;                   // 0: not known yet
    std::shared_ptr<const Outcome> outcome;  // when it does not run
  };
  // Of the last comparison with this version as the one after; absent when there was none.
  std::optional<Progress> Look(uint32_t after) const;

  // Gives up what runs, and takes nothing more. Returns at once.
  void Stop();

 private:
  void Run();

  engine::Engine& engine_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<engine::ImpactQuery> query_;  // the last
  Done done_;
  Progress progress_;
  bool stopping_ = false;
  std::thread thread_;  // started by the first comparison
};

}  // namespace portvakt::server
