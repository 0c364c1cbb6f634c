// Plain polling: a look costs one call to the system, and needs no support of the file system.
#include "server/file_watch.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <utility>

namespace portvakt::server {
namespace {

constexpr int64_t kNanoseconds = 1'000'000'000;

}  // namespace

FileWatch::Stamp FileWatch::StampOf(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  return {status.st_size, status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec * kNanoseconds + status.st_ctim.tv_nsec,
          static_cast<int64_t>(status.st_ino)};
}

FileWatch::FileWatch(std::vector<std::string> paths) {
  for (std::string& path : paths) {
    const Stamp stamp = StampOf(path);
    files_.push_back({std::move(path), stamp});
  }
}

FileWatch::~FileWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FileWatch::Run(std::function<void(const std::string&)> changed) {
  changed_ = std::move(changed);
  if (!files_.empty()) thread_ = std::thread([this] { Loop(); });
}

void FileWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, std::chrono::milliseconds(kFileWatchMs),
                             [this] { return stop_; })) {
    lock.unlock();
    for (Watched& file : files_) {
      const Stamp stamp = StampOf(file.path);
      if (stamp == file.stamp) continue;
      file.stamp = stamp;
      changed_(file.path);
    }
    lock.lock();
  }
}

engine::Result<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  using engine::Error;
  struct stat status {};
  errno = 0;
  if (stat(path.c_str(), &status) != 0) {
    return Error{Error::Code::kIo, path + ": " + std::strerror(errno)};
  }
  // A pipe would keep us waiting, a device never ends.
  if (!S_ISREG(status.st_mode)) return Error{Error::Code::kInvalid, path + ": not a file"};
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Error{Error::Code::kIo,
                 path + ": " + (errno != 0 ? std::strerror(errno) : "cannot be read")};
  }
  std::string text(max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{Error::Code::kIo, path + ": cannot be read"};
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > max_bytes) {
    return Error{Error::Code::kInvalid,
                 path + ": the file is longer than " + std::to_string(max_bytes) + " bytes"};
  }
  return text;
}

}  // namespace portvakt::server
