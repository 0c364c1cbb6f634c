// Segments with plain POSIX calls, since what counts here are their promises about crashes.
#include "server/segments.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace portvakt::server {
namespace {

using engine::Done;
using engine::Error;
using engine::Status;

constexpr std::string_view kPrefix = "decisions-";
constexpr std::string_view kSuffix = ".jsonl";
constexpr size_t kDigits = 12;  // a segment a second for thirty thousand years
constexpr size_t kTailBytes = size_t{64} << 10;

Error Failed(const std::string& what, const std::string& path) {
  return {Error::Code::kIo, "cannot " + what + " " + path + ": " + std::strerror(errno)};
}

std::string NameOf(uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return std::string(kPrefix) + digits + std::string(kSuffix);
}

// Bytes up to the last line break of a file; -1 when it cannot be read.
off_t EndOfLastLine(int file, off_t size) {
  char tail[kTailBytes];
  while (size > 0) {
    const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(kTailBytes));
    const ssize_t got = ::pread(file, tail, static_cast<size_t>(size - begin), begin);
    if (got <= 0) return -1;
    const std::string_view text(tail, static_cast<size_t>(got));
    const size_t at = text.rfind('\n');
    if (at != std::string_view::npos) return begin + static_cast<off_t>(at) + 1;
    size = begin;
  }
  return 0;
}

}  // namespace

uint64_t SegmentNumber(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (!path.starts_with(kPrefix) || !path.ends_with(kSuffix)) return 0;
  path.remove_prefix(kPrefix.size());
  path.remove_suffix(kSuffix.size());
  if (path.size() != kDigits) return 0;
  uint64_t number = 0;
  const auto read = std::from_chars(path.data(), path.data() + path.size(), number);
  return read.ec == std::errc() && read.ptr == path.data() + path.size() ? number : 0;
}

std::vector<std::string> ListSegments(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  const std::filesystem::directory_iterator end;
  for (; !error && entry != end; entry.increment(error)) {
    std::string path = entry->path().string();
    if (SegmentNumber(path) > 0) paths.push_back(std::move(path));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

engine::Result<std::unique_ptr<Segments>> Segments::Open(const Options& options) {
  std::unique_ptr<Segments> segments(new Segments(options));
  if (::mkdir(options.directory.c_str(), 0750) != 0 && errno != EEXIST) {
    return Failed("make the folder", options.directory);
  }
  if (Status locked = segments->Lock(); !locked) return locked.error();
  const std::vector<std::string> paths = ListSegments(options.directory);
  const Status opened = paths.empty() ? segments->Begin(1) : segments->Reopen(paths.back());
  if (!opened) return opened.error();
  segments->RemoveOldest();
  return segments;
}

Segments::~Segments() {
  Close();
  if (directory_ >= 0) ::close(directory_);
}

Status Segments::Lock() {
  directory_ = ::open(options_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) return Failed("open the folder", options_.directory);
  if (::flock(directory_, LOCK_EX | LOCK_NB) == 0) return Done{};
  if (errno != EWOULDBLOCK) return Failed("lock the folder", options_.directory);
  return Error{Error::Code::kConflict, "another process writes the folder " + options_.directory +
                                           "; give each server a folder of its own"};
}

Status Segments::Reopen(const std::string& path) {
  number_ = SegmentNumber(path);
  file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (file_ < 0) return Failed("open", path);
  struct stat status {};
  if (::fstat(file_, &status) != 0) return Failed("read", path);
  const off_t end = EndOfLastLine(file_, status.st_size);
  if (end < 0) return Failed("read", path);
  if (end < status.st_size && ::ftruncate(file_, end) != 0) return Failed("cut", path);
  size_ = static_cast<uint64_t>(end);
  return Done{};
}

Status Segments::Begin(uint64_t number) {
  const std::string name = NameOf(number);
  const int file =
      ::openat(directory_, name.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file < 0) return Failed("make", options_.directory + "/" + name);
  Close();
  file_ = file;
  number_ = number;
  size_ = 0;
  // The name must outlast a crash as the lines do.
  if (::fsync(directory_) != 0) return Failed("sync the folder", options_.directory);
  return Done{};
}

void Segments::Close() {
  if (file_ < 0) return;
  ::fdatasync(file_);
  ::close(file_);
  file_ = -1;
}

void Segments::RemoveOldest() {
  std::vector<std::string> paths = ListSegments(options_.directory);
  const size_t most = std::max<uint32_t>(options_.segments, 2);
  for (size_t i = 0; i + most < paths.size(); ++i) ::unlink(paths[i].c_str());
}

Status Segments::Append(std::string_view lines) {
  while (!lines.empty()) {
    if (file_ < 0 || size_ >= options_.segment_bytes) {
      // What leaves the newest segment is on the disk, whether or not somebody waits for it.
      if (file_ >= 0) {
        if (Status synced = Sync(); !synced) return synced;
      }
      if (Status begun = Begin(number_ + 1); !begun) return begun;
      RemoveOldest();
    }
    // As many lines as still fit, and at least one.
    size_t end = lines.size();
    const uint64_t room = options_.segment_bytes - size_;
    if (end > room) {
      end = lines.rfind('\n', room) + 1;
      if (end == 0 && size_ > 0) {
        size_ = options_.segment_bytes;
        continue;
      }
      if (end == 0) end = lines.find('\n') + 1;
    }
    if (Status written = Write(lines.substr(0, end)); !written) return written;
    lines.remove_prefix(end);
  }
  return Done{};
}

Status Segments::Write(std::string_view lines) {
  const std::string path = options_.directory + "/" + NameOf(number_);
  for (size_t done = 0; done < lines.size();) {
    const ssize_t put = ::write(file_, lines.data() + done, lines.size() - done);
    if (put > 0) {
      done += static_cast<size_t>(put);
      continue;
    }
    if (put < 0 && errno == EINTR) continue;
    const Error error = Failed("write", path);
    // No half line stays; where even that fails, the next segment begins after it.
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) Close();
    return error;
  }
  size_ += lines.size();
  return Done{};
}

Status Segments::Sync() {
  if (file_ < 0) return Error{Error::Code::kIo, "no segment of " + options_.directory + " is open"};
  if (::fdatasync(file_) == 0) return Done{};
  const Error error = Failed("sync", options_.directory + "/" + NameOf(number_));
  // The system may have forgotten what it could not write: nothing more goes into this file.
  ::close(file_);
  file_ = -1;
  return error;
}

}  // namespace portvakt::server
