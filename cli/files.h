// Files as the subcommands need them: read whole, replaced at once, temporary folders that go away.
// Expected failures come back as the operating system's words in `error`.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portvakt::cli {

// At most one byte more than `max_bytes`, so that the caller sees what is too large and a device
// that never ends is no danger.
std::optional<std::string> ReadWholeFile(const std::string& path, size_t max_bytes,
                                         std::string& error);
std::string ReadWholeStream(std::istream& stream, size_t max_bytes);

// Readers see the old text or the new one, never a part: a temporary file beside it is written,
// synced and renamed. The mode is kept; a symbolic link stays one and its target is replaced.
bool ReplaceFile(const std::string& path, std::string_view text, std::string& error);

// The same, and made when it is not there: readable by its owner alone, or as much as a file that
// was there let its owner and group. Who owned that one owns the new one.
bool WriteSecretFile(const std::string& path, std::string_view text, std::string& error);

// Held by one process at a time for the folder of a file that is read, changed and replaced.
class FolderLock {
 public:
  // Waits for whoever holds it.
  static std::optional<FolderLock> Of(const std::string& file, std::string& error);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;  // -1 after a move
};

bool IsFolder(const std::string& path);
bool Exists(const std::string& path);

// Regular files below `folder`, at any depth, whose name ends with one of `extensions` (".vakt"),
// in the order of their paths. Symbolic links to folders are not followed. What cannot be read is
// an error.
std::optional<std::vector<std::string>> FilesBelow(const std::string& folder,
                                                   const std::vector<std::string>& extensions,
                                                   std::string& error);

// A folder of mode 0700 under $TMPDIR or /tmp, removed with all that is in it by the destructor.
class TemporaryFolder {
 public:
  static std::optional<TemporaryFolder> Create(std::string& error);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;  // "" after a move
};

}  // namespace portvakt::cli
