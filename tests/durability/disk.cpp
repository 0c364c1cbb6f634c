#include "tests/durability/disk.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <string_view>
#include <vector>

namespace portvakt::durability {
namespace {

// What happened to the file, one after the other.
struct Entry {
  enum class Kind : uint32_t { kWrite, kSyncedWrite, kSync, kAcknowledged };
  Kind kind;
  uint32_t size;    // bytes that follow; kAcknowledged: 0
  uint64_t offset;  // in the file; kAcknowledged: the thread
};

struct Journal {
  std::atomic<size_t> used;
  size_t capacity;
  std::atomic<bool> overflowed;
  std::atomic<bool> stopped;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

Journal* journal = nullptr;
std::mutex append_mutex;
constexpr int kMaxDescriptors = 1024;
enum class Watched : uint8_t { kNo, kPlain, kSynced };
Watched watched[kMaxDescriptors] = {};

bool IsWatched(int descriptor) {
  return journal != nullptr && !journal->stopped && descriptor >= 0 &&
         descriptor < kMaxDescriptors && watched[descriptor] != Watched::kNo;
}

void Append(Entry::Kind kind, uint64_t offset, const char* bytes, size_t size) {
  const std::lock_guard lock(append_mutex);
  const size_t used = journal->used;
  if (used + sizeof(Entry) + size > journal->capacity) {
    journal->overflowed = true;
    return;
  }
  const Entry entry{kind, static_cast<uint32_t>(size), offset};
  std::memcpy(journal->bytes() + used, &entry, sizeof entry);
  if (size > 0) std::memcpy(journal->bytes() + used + sizeof entry, bytes, size);
  journal->used = used + sizeof entry + size;  // last: a killed process leaves whole entries
}

void AppendWrite(int descriptor, uint64_t offset, const void* bytes, size_t size) {
  const bool synced = watched[descriptor] == Watched::kSynced;
  Append(synced ? Entry::Kind::kSyncedWrite : Entry::Kind::kWrite, offset,
         static_cast<const char*>(bytes), size);
}

struct Write {
  uint64_t offset;
  std::string_view bytes;
};

void Apply(std::string& image, uint64_t offset, std::string_view bytes) {
  if (image.size() < offset + bytes.size()) image.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
}

// Disks write sectors; a write that was not synced is found whole, in part, or not at all.
constexpr size_t kSectorBytes = 512;
void ApplyInPart(std::string& image, const Write& write, std::mt19937_64& random) {
  const uint64_t fate = random() % 3;
  if (fate == 0) return;
  for (size_t at = 0; at < write.bytes.size(); at += kSectorBytes) {
    if (fate == 2 && random() % 2 == 0) continue;
    Apply(image, write.offset + at, write.bytes.substr(at, kSectorBytes));
  }
}

}  // namespace

bool StartRecording(size_t capacity_bytes) {
  void* memory = mmap(nullptr, sizeof(Journal) + capacity_bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  journal = static_cast<Journal*>(memory);
  journal->capacity = capacity_bytes;
  return true;
}

void StopRecording() { journal->stopped = true; }

void NoteAcknowledgement(uint32_t thread) {
  Append(Entry::Kind::kAcknowledged, thread, nullptr, 0);
}

size_t Recording::size() const {
  if (journal->overflowed) return 0;
  size_t count = 0;
  for (size_t at = 0; at < journal->used; ++count) {
    Entry entry;
    std::memcpy(&entry, journal->bytes() + at, sizeof entry);
    at += sizeof entry + entry.size;
  }
  return count;
}

Recording::Image Recording::LoseAt(size_t records, std::mt19937_64& random) const {
  Image image;
  std::vector<Write> since_sync;
  size_t at = 0;
  for (size_t i = 0; i < records && at < journal->used; ++i) {
    Entry entry;
    std::memcpy(&entry, journal->bytes() + at, sizeof entry);
    const std::string_view bytes(journal->bytes() + at + sizeof entry, entry.size);
    at += sizeof entry + entry.size;
    const bool last = i + 1 == records;
    switch (entry.kind) {
      case Entry::Kind::kSyncedWrite:
        // Under way when the power goes: as any other write.
        if (last)
          since_sync.push_back({entry.offset, bytes});
        else
          Apply(image.bytes, entry.offset, bytes);
        break;
      case Entry::Kind::kWrite: since_sync.push_back({entry.offset, bytes}); break;
      case Entry::Kind::kSync:
        if (last) break;
        for (const Write& write : since_sync) Apply(image.bytes, write.offset, write.bytes);
        since_sync.clear();
        break;
      case Entry::Kind::kAcknowledged: ++image.acknowledged[entry.offset]; break;
    }
  }
  std::shuffle(since_sync.begin(), since_sync.end(), random);
  for (const Write& write : since_sync) ApplyInPart(image.bytes, write, random);
  return image;
}

}  // namespace portvakt::durability

// ---- what stands before the C library's ---------------------------------------------------------

using portvakt::durability::Append;
using portvakt::durability::AppendWrite;
using portvakt::durability::Entry;
using portvakt::durability::IsWatched;
using portvakt::durability::kMaxDescriptors;
using portvakt::durability::watched;
using portvakt::durability::Watched;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const unsigned int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  const auto descriptor = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (descriptor >= 0 && descriptor < kMaxDescriptors) {
    const bool data = std::string_view(path).ends_with("/data.mdb");
    watched[descriptor] = !data                    ? Watched::kNo
                          : (flags & O_DSYNC) != 0 ? Watched::kSynced
                                                   : Watched::kPlain;
  }
  return descriptor;
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  const ssize_t done = syscall(SYS_pwrite64, descriptor, bytes, size, offset);
  if (done > 0 && IsWatched(descriptor)) {
    AppendWrite(descriptor, static_cast<uint64_t>(offset), bytes, static_cast<size_t>(done));
  }
  return done;
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  const off_t offset = IsWatched(descriptor) ? lseek(descriptor, 0, SEEK_CUR) : 0;
  const ssize_t done = syscall(SYS_write, descriptor, bytes, size);
  if (done > 0 && IsWatched(descriptor)) {
    AppendWrite(descriptor, static_cast<uint64_t>(offset), bytes, static_cast<size_t>(done));
  }
  return done;
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  off_t offset = IsWatched(descriptor) ? lseek(descriptor, 0, SEEK_CUR) : 0;
  const ssize_t done = syscall(SYS_writev, descriptor, parts, count);
  if (!IsWatched(descriptor)) return done;
  ssize_t left = done;
  for (int i = 0; i < count && left > 0; ++i) {
    const size_t size = std::min(parts[i].iov_len, static_cast<size_t>(left));
    AppendWrite(descriptor, static_cast<uint64_t>(offset), parts[i].iov_base, size);
    offset += static_cast<off_t>(size);
    left -= static_cast<ssize_t>(size);
  }
  return done;
}

int fdatasync(int descriptor) {
  const auto result = static_cast<int>(syscall(SYS_fdatasync, descriptor));
  if (result == 0 && IsWatched(descriptor)) Append(Entry::Kind::kSync, 0, nullptr, 0);
  return result;
}

int fsync(int descriptor) {
  const auto result = static_cast<int>(syscall(SYS_fsync, descriptor));
  if (result == 0 && IsWatched(descriptor)) Append(Entry::Kind::kSync, 0, nullptr, 0);
  return result;
}

}  // extern "C"
