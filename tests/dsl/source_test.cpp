// Places as people count them: lines from 1, columns in characters.
#include "dsl/source.h"

#include <gtest/gtest.h>

#include <string>

namespace portvakt::dsl {
namespace {

TEST(SourceSet, CountsColumnsInCharactersNotBytes) {
  SourceSet sources;
  const std::string text = "ett\nåäö lön\n";
  const uint32_t file = sources.Add("byra.vakt", text);
  const auto offset = static_cast<uint32_t>(text.find("lön"));
  const Position position = sources.Locate(file, offset);
  EXPECT_EQ(position.line, 2u);
  EXPECT_EQ(position.column, 5u);
  EXPECT_EQ(sources.Place({file, offset, offset + 4}), "byra.vakt:2:5");
}

TEST(SourceSet, GivesWholeLinesWithoutTheirBreaks) {
  struct Case {
    std::string text;
    uint32_t offset;
    std::string line;
    uint32_t number;
  };
  const Case cases[] = {
      {"one\ntwo", 0, "one", 1},
      {"one\ntwo", 3, "one", 1},  // the line break belongs to the line that it ends
      {"one\ntwo", 4, "two", 2},
      {"one\r\ntwo\r\n", 1, "one", 1},
      {"one\r\ntwo\r\n", 7, "two", 2},
      {"one\n", 4, "", 2},  // the end of the text stands after the last line break
      {"", 0, "", 1},
      {"one", 99, "one", 1},  // beyond the end is the end
  };
  for (const Case& test : cases) {
    SourceSet sources;
    const uint32_t file = sources.Add("a.vakt", test.text);
    EXPECT_EQ(sources.Line(file, test.offset), test.line) << test.text << " at " << test.offset;
    EXPECT_EQ(sources.Locate(file, test.offset).line, test.number) << test.text;
  }
}

TEST(SourceSet, KeepsFilesApart) {
  SourceSet sources;
  EXPECT_EQ(sources.Add("a.vakt", "first"), 0u);
  EXPECT_EQ(sources.Add("b.vakt", "second\nfile"), 1u);
  EXPECT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources.Text({1, 7, 11}), "file");
  EXPECT_EQ(sources.Text({0, 3, 99}), "st");
  EXPECT_EQ(sources.Place({1, 7, 11}), "b.vakt:2:1");
}

TEST(Span, CoversBoth) {
  EXPECT_EQ(Cover({3, 5, 9}, {3, 1, 2}), (Span{3, 1, 9}));
  EXPECT_EQ(Cover({3, 1, 9}, {3, 4, 5}), (Span{3, 1, 9}));
}

}  // namespace
}  // namespace portvakt::dsl
