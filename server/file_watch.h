// Files that are read again when they change: a thread that looks at each every kFileWatchMs and
// tells what is new. It looks at size, times and number of the file, so that writing in place and
// replacing by a rename are both seen, on any file system.
//
//   FileWatch watch({"/etc/portvakt/keys.json"});      // notes what is there now ..
//   ReadAll();                                         // .. so that no change after this is missed
//   watch.Run([&](const std::string& path) { ReadAgain(path); });
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/result.h"

namespace portvakt::server {

// How long a change may go unseen. A key that is revoked must stop within a second.
inline constexpr uint32_t kFileWatchMs = 250;

class FileWatch {
 public:
  explicit FileWatch(std::vector<std::string> paths);
  // Returns when `changed` is not running and will not run again.
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // `changed` is called on the thread of the watch, with one path at a time, also when that file
  // has gone. Once.
  void Run(std::function<void(const std::string& path)> changed);

 private:
  // Size, times in nanoseconds, file number; zeros for a file that is not there.
  using Stamp = std::array<int64_t, 4>;
  static Stamp StampOf(const std::string& path);
  void Loop();

  struct Watched {
    std::string path;
    Stamp stamp;
  };
  std::vector<Watched> files_;
  std::function<void(const std::string& path)> changed_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::thread thread_;
};

// The whole file, of at most `max_bytes`: kIo or kInvalid with "PATH: what is wrong".
engine::Result<std::string> ReadSmallFile(const std::string& path, size_t max_bytes);

}  // namespace portvakt::server
