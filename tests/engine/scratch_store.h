// A store in a directory of its own that goes away with the test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/store.h"

namespace portvakt::engine {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "portvakt-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline constexpr Store::Options kScratchOptions{
    .map_bytes = uint64_t{1} << 30, .max_readers = 32, .sync = false};

inline std::unique_ptr<Store> OpenScratch(const std::string& directory,
                                          const Store::Options& options = kScratchOptions) {
  auto store = Store::Open(directory, options);
  EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().message);
  return store.ok() ? std::move(*store) : nullptr;
}

}  // namespace portvakt::engine
