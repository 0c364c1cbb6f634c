// Asks the operating system what this process may do.
#include "server/writable.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace portvakt::server {
namespace {

namespace fs = std::filesystem;
using engine::Error;

engine::Status MayUse(const std::string& path, int mode) {
  if (::access(path.c_str(), mode) == 0) return engine::Done{};
  return Error{Error::Code::kIo, path + ": " + std::strerror(errno)};
}

engine::Status MayMake(const std::string& path) {
  std::error_code ignored;
  fs::path whole = fs::absolute(path, ignored).lexically_normal();
  // A slash at the end is an empty name.
  if (!whole.has_filename()) whole = whole.parent_path();
  const engine::Status folder = MayUse(whole.parent_path().string(), W_OK | X_OK);
  if (folder) return folder;
  return Error{Error::Code::kIo, path + ": cannot be made: " + folder.error().message};
}

}  // namespace

engine::Status LookAtWrittenFolder(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return MayMake(path);
  if (fs::is_directory(path, ignored)) return MayUse(path, R_OK | W_OK | X_OK);
  return Error{Error::Code::kInvalid, path + ": a file, where a folder is needed"};
}

engine::Status LookAtWrittenFile(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return MayMake(path);
  if (!fs::is_directory(path, ignored)) return MayUse(path, W_OK);
  return Error{Error::Code::kInvalid, path + ": a folder, where a file is needed"};
}

}  // namespace portvakt::server
