// Policy files that decide as soon as they are saved and check: for `serve --watch`.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/engine.h"

namespace portvakt::cli {

// Between two looks at the files. What stays the same for one whole turn is taken as saved: editors
// and version control write several files one after the other.
inline constexpr unsigned kWatchMs = 500;

// Reads the files again every kWatchMs and compares their texts, not their times, so that nothing
// is missed whatever the file system remembers. What checks is installed and activated; what does
// not is told in the log with all its findings, and the active policy goes on.
class PolicyWatch {
 public:
  // `path`: the file or folder that was activated last. Null when there is no thread to be had. The
  // engine outlives it.
  static std::unique_ptr<PolicyWatch> Start(engine::Engine& engine, const std::string& path);
  // Ends at once, or after the activation that has begun.
  ~PolicyWatch();
  PolicyWatch(const PolicyWatch&) = delete;
  PolicyWatch& operator=(const PolicyWatch&) = delete;

 private:
  PolicyWatch(engine::Engine& engine, std::string path);
  void Run();
  void Look();
  void Take(const std::string& text);

  engine::Engine& engine_;
  const std::string path_;
  std::string taken_;  // texts that were dealt with last, as TextsOf gives them
  std::string seen_;   // at the last look
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace portvakt::cli
