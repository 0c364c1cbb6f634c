// Files are replaced whole or not at all, and temporary folders go away.
#include "cli/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

namespace fs = std::filesystem;

mode_t ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(Files, ReplacingKeepsModeAndLeavesNothingBeside) {
  const TestFolder folder;
  const std::string path = folder.Write("a.txt", "old");
  fs::permissions(path, fs::perms(0640));
  std::string error;
  ASSERT_TRUE(ReplaceFile(path, "new", error)) << error;
  EXPECT_EQ(ReadText(path), "new");
  EXPECT_EQ(ModeOf(path), 0640u);
  EXPECT_THAT(folder.Names(), testing::ElementsAre("a.txt"));
}

TEST(Files, ALinkStaysALink) {
  const TestFolder folder;
  const std::string target = folder.Write("target.txt", "old");
  fs::create_symlink("target.txt", folder.Path("link.txt"));
  std::string error;
  ASSERT_TRUE(ReplaceFile(folder.Path("link.txt"), "new", error)) << error;
  EXPECT_TRUE(fs::is_symlink(folder.Path("link.txt")));
  EXPECT_EQ(ReadText(target), "new");
}

// Whoever has the old file open goes on reading the old text: it was not written over.
TEST(Files, ReadersSeeTheOldTextOrTheNew) {
  const TestFolder folder;
  const std::string path = folder.Write("a.txt", "old");
  fs::create_hard_link(path, folder.Path("same_file"));
  std::string error;
  ASSERT_TRUE(ReplaceFile(path, "new", error)) << error;
  EXPECT_EQ(ReadText(folder.Path("same_file")), "old");
}

// Nobody, root included, can make a file in /proc.
TEST(Files, AFolderThatTakesNoFilesLeavesTheFileAlone) {
  const std::string before = ReadText("/proc/version");
  std::string error;
  EXPECT_FALSE(ReplaceFile("/proc/version", "new", error));
  EXPECT_NE(error, "");
  EXPECT_EQ(ReadText("/proc/version"), before);
}

TEST(Files, WhatIsNotThereIsAnErrorInWords) {
  const TestFolder folder;
  std::string error;
  EXPECT_FALSE(ReplaceFile(folder.Path("none"), "new", error));
  EXPECT_EQ(error, "No such file or directory");
  EXPECT_FALSE(ReadWholeFile(folder.Path("none"), 10, error));
  EXPECT_EQ(error, "No such file or directory");
  EXPECT_FALSE(ReadWholeFile(folder.path(), 10, error));
  EXPECT_EQ(error, "Is a directory");
  EXPECT_FALSE(FilesBelow(folder.Path("none"), {".vakt"}, error));
}

TEST(Files, ReadingStopsOneByteBeyondTheLimit) {
  const TestFolder folder;
  const std::string path = folder.Write("a.txt", "0123456789");
  std::string error;
  EXPECT_EQ(ReadWholeFile(path, 10, error), "0123456789");
  EXPECT_EQ(ReadWholeFile(path, 5, error), "012345");
  const auto endless = ReadWholeFile("/dev/zero", 100'000, error);
  ASSERT_TRUE(endless);
  EXPECT_EQ(endless->size(), 100'001u);
}

TEST(Files, BelowIsAtAnyDepthAndInOrder) {
  const TestFolder folder;
  folder.Write("b.vakt", "");
  folder.Write("a/deep/er.vakt", "");
  folder.Write("a/other.txt", "");
  fs::create_directory_symlink(folder.path(), folder.Path("a/circle"));
  fs::create_symlink("nowhere", folder.Path("lost.vakt"));
  std::string error;
  const auto files = FilesBelow(folder.path(), {".vakt"}, error);
  ASSERT_TRUE(files) << error;
  EXPECT_THAT(*files, testing::ElementsAre(folder.Path("a/deep/er.vakt"), folder.Path("b.vakt")));
}

TEST(Files, ATemporaryFolderIsPrivateAndGoesAway) {
  std::string error;
  std::string path;
  {
    auto folder = TemporaryFolder::Create(error);
    ASSERT_TRUE(folder) << error;
    path = folder->path();
    EXPECT_EQ(ModeOf(path), 0700u);
    const TemporaryFolder moved = std::move(*folder);
    EXPECT_EQ(moved.path(), path);
    EXPECT_TRUE(Exists(path));
  }
  EXPECT_FALSE(Exists(path));
}

}  // namespace
}  // namespace portvakt::cli
