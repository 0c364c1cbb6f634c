// Files are written beside their names and renamed, so that a name always stands for a whole.
#include "engine/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lmdb_environment.h"
#include "engine/sha256.h"

namespace portvakt::engine {
namespace {

namespace fs = std::filesystem;

// The seal: these bytes, then the hash of what stands before them.
constexpr std::string_view kSeal = "portvakt backup\n";
constexpr size_t kSealBytes = kSeal.size() + sizeof(Sha256);
constexpr size_t kChunkBytes = 1u << 20;

Error IoError(const std::string& path) {
  return Error{Error::Code::kIo, path + ": " + std::strerror(errno)};
}

// A descriptor, closed at the end.
class File {
 public:
  File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  // False at an error; `bytes` is shorter at the end of the file.
  bool Read(std::vector<char>& bytes) const {
    size_t filled = 0;
    while (filled < bytes.size()) {
      const ssize_t count = ::read(descriptor_, bytes.data() + filled, bytes.size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      if (count == 0) break;
      filled += static_cast<size_t>(count);
    }
    bytes.resize(filled);
    return true;
  }
  bool Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

 private:
  int descriptor_;
};

// Removed at the end, unless it got another name.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  ~Unfinished() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  const std::string& path() const { return path_; }
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

// Names in a directory are durable when it is.
Status SyncDirectory(const std::string& directory) {
  const File folder(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder.ok() || ::fsync(folder.descriptor()) != 0) return IoError(directory);
  return Done{};
}

// Reads `length` bytes from the beginning, hands them to `take`, and returns their hash.
template <class Take>
Result<Sha256> Walk(const File& file, const std::string& path, uint64_t length, Take take) {
  Sha256Hasher hasher;
  std::vector<char> chunk;
  for (uint64_t left = length; left > 0;) {
    chunk.resize(static_cast<size_t>(std::min<uint64_t>(left, kChunkBytes)));
    if (!file.Read(chunk)) return IoError(path);
    if (chunk.empty()) return Error{Error::Code::kCorrupt, path + ": is shorter than it was"};
    const std::string_view bytes(chunk.data(), chunk.size());
    hasher.Add(bytes);
    if (Status status = take(bytes); !status) return status.error();
    left -= chunk.size();
  }
  return hasher.Finish();
}

std::string_view BytesOf(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Status Seal(const std::string& path, uint64_t& bytes) {
  const File file(path, O_RDWR | O_CLOEXEC);
  struct stat status {};
  if (!file.ok() || ::fstat(file.descriptor(), &status) != 0) return IoError(path);
  const auto hash = Walk(file, path, static_cast<uint64_t>(status.st_size),
                         [](std::string_view) { return Status(Done{}); });
  if (!hash) return hash.error();
  const bool is_written = file.Write(kSeal) && file.Write(BytesOf(hash.value()));
  if (!is_written || ::fsync(file.descriptor()) != 0) return IoError(path);
  bytes = static_cast<uint64_t>(status.st_size) + kSealBytes;
  return Done{};
}

// Bytes of the store in the backup; kCorrupt when the seal does not fit.
Result<uint64_t> CheckSeal(const File& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) return IoError(path);
  const Error broken{Error::Code::kCorrupt,
                     path + ": is no whole backup: its seal is missing or does not fit"};
  if (!S_ISREG(status.st_mode) || status.st_size < static_cast<off_t>(kSealBytes)) return broken;
  const uint64_t length = static_cast<uint64_t>(status.st_size) - kSealBytes;
  const auto hash = Walk(file, path, length, [](std::string_view) { return Status(Done{}); });
  if (!hash) return hash.error();
  std::vector<char> seal(kSealBytes);
  if (!file.Read(seal)) return IoError(path);
  const std::string_view read(seal.data(), seal.size());
  if (!read.starts_with(kSeal) || read.substr(kSeal.size()) != BytesOf(hash.value())) return broken;
  return length;
}

}  // namespace

Result<BackupInfo> WriteBackup(const std::string& directory, const std::string& file) {
  BackupInfo info;
  std::error_code ignored;
  if (!fs::exists(fs::path(directory) / kStoreFile, ignored)) {
    return Error{Error::Code::kNotFound, directory + ": there is no store"};
  }
  {
    // Also refuses what this program cannot read.
    const auto store = Store::Open(directory, {});
    if (!store) return store.error();
    const auto snapshot = store.value()->Read();
    if (!snapshot) return snapshot.error();
    info.revision = snapshot.value().revision();
  }
  const Store::Options options;
  const auto environment =
      Environment::Open(directory, {options.map_bytes, options.max_readers, options.sync});
  if (!environment) return environment.error();
  if (fs::exists(file, ignored)) {
    return Error{Error::Code::kConflict, file + ": is there already; a backup replaces nothing"};
  }
  Unfinished partial(file + ".partial");
  {
    const File copy(partial.path(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    if (!copy.ok()) return IoError(partial.path());
    if (Status status = environment.value()->CopyTo(copy.descriptor()); !status)
      return status.error();
  }
  if (Status status = Seal(partial.path(), info.bytes); !status) return status.error();
  // A link fails where the name is taken by now; a rename would replace.
  if (::link(partial.path().c_str(), file.c_str()) != 0) return IoError(file);
  if (Status status = SyncDirectory(fs::path(file).parent_path().string()); !status) {
    return status.error();
  }
  return info;
}

Status UnpackBackup(const std::string& file, const std::string& directory) {
  const File backup(file, O_RDONLY | O_CLOEXEC);
  if (!backup.ok()) return IoError(file);
  const Result<uint64_t> length = CheckSeal(backup, file);
  if (!length) return length.error();
  if (::lseek(backup.descriptor(), 0, SEEK_SET) != 0) return IoError(file);
  Unfinished map((fs::path(directory) / kStoreFile).string());
  const File copy(map.path(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  if (!copy.ok()) return IoError(map.path());
  const auto walked = Walk(backup, file, length.value(), [&](std::string_view bytes) -> Status {
    if (!copy.Write(bytes)) return IoError(map.path());
    return Done{};
  });
  if (!walked) return walked.error();
  if (::fsync(copy.descriptor()) != 0) return IoError(map.path());
  map.Keep();
  return SyncDirectory(directory);
}

}  // namespace portvakt::engine
