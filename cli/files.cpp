// POSIX where the standard library has no way to keep a mode, sync or make a temporary name.
#include "cli/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace portvakt::cli {

namespace fs = std::filesystem;

namespace {

std::string LastError() { return std::strerror(errno); }

// A descriptor that closes itself and, until kept, the file that goes with it.
class PendingFile {
 public:
  PendingFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PendingFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  bool Write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      text.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }
  bool Close() { return ::close(std::exchange(descriptor_, -1)) == 0; }
  void Keep() { path_.clear(); }
  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

struct Access {
  mode_t mode = 0;
  std::optional<std::pair<uid_t, gid_t>> owner;  // where it must be kept
};

// Writes a file beside it and renames it over `target`; durable when it returns true.
bool PutInPlace(const fs::path& target, std::string_view text, const Access& access,
                std::string& error) {
  std::string name =
      (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) {
    error = LastError();
    return false;
  }
  PendingFile pending(descriptor, name);
  const bool owned =
      !access.owner || ::fchown(descriptor, access.owner->first, access.owner->second) == 0;
  const bool done = owned && ::fchmod(descriptor, access.mode) == 0 && pending.Write(text) &&
                    ::fsync(descriptor) == 0 && pending.Close() &&
                    ::rename(name.c_str(), target.c_str()) == 0;
  if (!done) {
    error = LastError();
    return false;
  }
  pending.Keep();
  const int folder = ::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return true;
}

bool EndsWithAny(const std::string& name, const std::vector<std::string>& extensions) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const std::string& extension) { return name.ends_with(extension); });
}

}  // namespace

std::string ReadWholeStream(std::istream& stream, size_t max_bytes) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() <= max_bytes) {
    const size_t wanted = std::min(buffer.size(), max_bytes + 1 - text.size());
    stream.read(buffer.data(), static_cast<std::streamsize>(wanted));
    if (stream.gcount() == 0) break;
    text.append(buffer.data(), static_cast<size_t>(stream.gcount()));
  }
  return text;
}

std::optional<std::string> ReadWholeFile(const std::string& path, size_t max_bytes,
                                         std::string& error) {
  if (IsFolder(path)) {
    error = std::strerror(EISDIR);
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (stream) {
    std::string text = ReadWholeStream(stream, max_bytes);
    if (!stream.bad()) return text;
  }
  error = errno != 0 ? LastError() : "cannot be read";
  return std::nullopt;
}

bool ReplaceFile(const std::string& path, std::string_view text, std::string& error) {
  std::error_code code;
  const fs::path target = fs::canonical(path, code);
  if (code) {
    error = code.message();
    return false;
  }
  struct stat status {};
  if (::stat(target.c_str(), &status) != 0) {
    error = LastError();
    return false;
  }
  return PutInPlace(target, text, {status.st_mode & 07777, std::nullopt}, error);
}

bool WriteSecretFile(const std::string& path, std::string_view text, std::string& error) {
  std::error_code code;
  const fs::path target = fs::weakly_canonical(fs::absolute(path, code), code);
  struct stat status {};
  const bool is_there = !code && ::stat(target.c_str(), &status) == 0;
  if (code || (!is_there && errno != ENOENT)) {
    error = code ? code.message() : LastError();
    return false;
  }
  if (!is_there) return PutInPlace(target, text, {S_IRUSR | S_IWUSR, {}}, error);
  constexpr mode_t kOwnerAndGroup = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP;
  return PutInPlace(target, text,
                    {status.st_mode & kOwnerAndGroup, std::pair(status.st_uid, status.st_gid)},
                    error);
}

std::optional<FolderLock> FolderLock::Of(const std::string& file, std::string& error) {
  const fs::path folder = fs::path(file).parent_path();
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int locked = -1;
  do {
    locked = descriptor < 0 ? -1 : ::flock(descriptor, LOCK_EX);
  } while (locked != 0 && descriptor >= 0 && errno == EINTR);
  if (locked == 0) return FolderLock(descriptor);
  error = LastError();
  if (descriptor >= 0) ::close(descriptor);
  return std::nullopt;
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool IsFolder(const std::string& path) {
  std::error_code code;
  return fs::is_directory(path, code);
}

bool Exists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

std::optional<std::vector<std::string>> FilesBelow(const std::string& folder,
                                                   const std::vector<std::string>& extensions,
                                                   std::string& error) {
  std::vector<std::string> found;
  std::error_code code;
  fs::recursive_directory_iterator entry(folder, code);
  const fs::recursive_directory_iterator end;
  for (; !code && entry != end; entry.increment(code)) {
    const std::string path = entry->path().string();
    std::error_code ignored;  // a link to nowhere is no regular file
    if (EndsWithAny(path, extensions) && entry->is_regular_file(ignored)) found.push_back(path);
  }
  if (code) {
    error = code.message();
    return std::nullopt;
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<TemporaryFolder> TemporaryFolder::Create(std::string& error) {
  const char* base = std::getenv("TMPDIR");
  std::string name =
      (fs::path(base != nullptr && *base != '\0' ? base : "/tmp") / "portvakt-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    error = "no temporary folder " + name + ": " + LastError();
    return std::nullopt;
  }
  return TemporaryFolder(std::move(name));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace portvakt::cli
