// Segments: bounded in size and number, whole lines only, one writer.
#include "server/segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/scratch_folder.h"

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SegmentsTest : public testing::Test {
 protected:
  std::unique_ptr<Segments> Open(uint64_t bytes = 1000, uint32_t count = 3) {
    auto opened = Segments::Open({folder_.Path("log"), bytes, count});
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    return opened.ok() ? std::move(*opened) : nullptr;
  }
  std::vector<std::string> Files() {
    std::vector<std::string> names;
    for (const std::string& path : ListSegments(folder_.Path("log"))) {
      names.push_back(std::filesystem::path(path).filename());
    }
    return names;
  }
  std::string Text(const std::string& name) { return TextOf(folder_.Path("log/" + name)); }

  ScratchFolder folder_;
};

TEST_F(SegmentsTest, AreFilledWithWholeLinesAndTheOldestGoes) {
  const auto segments = Open(10, 3);
  // Twelve lines of four bytes: two a segment.
  std::string batch;
  for (char letter = 'a'; letter <= 'l'; ++letter) batch += std::string(3, letter) + "\n";
  ASSERT_TRUE(segments->Append(batch).ok());
  EXPECT_THAT(Files(), ElementsAre("decisions-000000000004.jsonl", "decisions-000000000005.jsonl",
                                   "decisions-000000000006.jsonl"));
  EXPECT_EQ(Text("decisions-000000000004.jsonl"), "ggg\nhhh\n");
  EXPECT_EQ(Text("decisions-000000000006.jsonl"), "kkk\nlll\n");
}

TEST_F(SegmentsTest, TakeALineThatIsLongerThanASegment) {
  const auto segments = Open(10, 3);
  const std::string line = std::string(30, 'x') + "\n";
  ASSERT_TRUE(segments->Append("a\n" + line + "b\n").ok());
  EXPECT_EQ(Text("decisions-000000000001.jsonl"), "a\n");
  EXPECT_EQ(Text("decisions-000000000002.jsonl"), line);
  EXPECT_EQ(Text("decisions-000000000003.jsonl"), "b\n");
}

TEST_F(SegmentsTest, GoOnInTheNewestAfterItsLastWholeLine) {
  ASSERT_TRUE(Open()->Append("one\ntwo\n").ok());
  const std::string path = folder_.Path("log/decisions-000000000001.jsonl");
  // A crash in the middle of a line, longer than one read.
  std::ofstream(path, std::ios::app) << std::string(100'000, 'x');
  ASSERT_TRUE(Open()->Append("three\n").ok());
  EXPECT_EQ(TextOf(path), "one\ntwo\nthree\n");
  std::ofstream(path) << "nothing whole";
  ASSERT_TRUE(Open()->Append("four\n").ok());
  EXPECT_EQ(TextOf(path), "four\n");
}

TEST_F(SegmentsTest, RemoveWhatIsTooManyWhenOpened) {
  std::filesystem::create_directories(folder_.Path("log"));
  for (int i = 1; i <= 5; ++i) {
    std::ofstream(folder_.Path("log/decisions-00000000000" + std::to_string(i) + ".jsonl")) << "\n";
  }
  std::ofstream(folder_.Path("log/notes.txt")) << "not ours";
  Open();
  EXPECT_THAT(Files(), ElementsAre("decisions-000000000003.jsonl", "decisions-000000000004.jsonl",
                                   "decisions-000000000005.jsonl"));
  EXPECT_EQ(Text("notes.txt"), "not ours");
}

TEST_F(SegmentsTest, HaveOneWriter) {
  const auto first = Open();
  const auto second = Segments::Open({folder_.Path("log"), 1000, 3});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, engine::Error::Code::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr(folder_.Path("log")));
}

TEST_F(SegmentsTest, TellWhereTheyCannotBe) {
  const auto none = Segments::Open({folder_.Path("no/such"), 1000, 3});
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr(folder_.Path("no/such")));
}

}  // namespace
}  // namespace portvakt::server
