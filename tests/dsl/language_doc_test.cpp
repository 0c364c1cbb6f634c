// The pages about the language do what they say: policies shown as sound are sound, and those shown
// as mistakes get the finding that is said of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string heading;  // the last one above it
  std::string fence;    // the word after ```
  size_t line = 0;
  std::string text;
};

std::vector<Block> BlocksOf(const fs::path& path) {
  std::ifstream stream(path);
  EXPECT_TRUE(stream) << path;
  std::vector<Block> blocks;
  bool inside = false;
  std::string heading;
  std::string line;
  for (size_t number = 1; std::getline(stream, line); ++number) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({heading, line.substr(3), number, ""});
      continue;
    }
    if (inside) blocks.back().text += line + "\n";
    if (!inside && line.starts_with("#")) heading = line;
  }
  EXPECT_FALSE(inside) << path << " ends inside a block";
  return blocks;
}

std::string FirstWordOfComment(const std::string& text) {
  if (!text.starts_with("// ")) return "";
  return text.substr(3, text.find_first_of(" \n", 3) - 3);
}

std::vector<std::string> CodesOf(const Block& block, std::string& rendered) {
  SourceSet sources;
  sources.Add("line " + std::to_string(block.line), block.text);
  Diagnostics findings;
  const bool has_module = Compile(sources, findings).has_value();
  EXPECT_NE(has_module, findings.has_errors());
  std::vector<std::string> codes;
  for (const Diagnostic& finding : findings.Sorted()) {
    codes.emplace_back(InfoOf(finding.kind).code);
    rendered += Render(finding, sources);
  }
  return codes;
}

TEST(LanguageReference, ExamplesAreSoundAndMistakesAreTold) {
  const fs::path path = fs::path(PORTVAKT_SOURCE_DIR) / "docs/language.md";
  size_t policies = 0;
  size_t mistakes = 0;
  for (const Block& block : BlocksOf(path)) {
    std::string rendered;
    if (block.fence == "vakt") {
      ++policies;
      EXPECT_THAT(CodesOf(block, rendered), testing::IsEmpty())
          << path.string() << ":" << block.line << "\n"
          << rendered;
    } else if (block.fence == "vakt-error") {
      ++mistakes;
      const std::string code = FirstWordOfComment(block.text);
      EXPECT_THAT(CodesOf(block, rendered), testing::ElementsAre(code))
          << path.string() << ":" << block.line << "\n"
          << rendered;
    } else {
      EXPECT_TRUE(block.fence.empty() || block.fence == "vakt-excerpt")
          << path.string() << ":" << block.line << " has the unknown fence " << block.fence;
    }
  }
  EXPECT_GE(policies, 10u);
  EXPECT_GE(mistakes, 3u);
}

TEST(DiagnosticsPage, ShowsEveryKindWithAWrongAndARightExample) {
  const fs::path path = fs::path(PORTVAKT_SOURCE_DIR) / "docs/diagnostics.md";
  // What only a huge or unprintable example could show, or what depends on files.
  const std::set<std::string> without = {"PV0102", "PV0213", "PV0901", "PV0902",
                                         "PV0903", "PV0904", "PV0905"};
  const std::vector<Block> blocks = BlocksOf(path);
  std::string frame;
  for (const Block& block : blocks) {
    if (block.fence == "vakt-frame") frame = block.text + "\n";
  }
  std::ifstream stream(path);
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  size_t previous = 0;
  for (const DiagnosticInfo& info : AllDiagnosticKinds()) {
    const std::string code(info.code);
    const std::string heading = "### " + code + ": " + std::string(info.summary);
    const size_t place = page.find(heading + "\n");
    ASSERT_NE(place, std::string::npos) << path << " has no heading " << heading;
    EXPECT_LT(previous, place) << code << " stands out of order";
    previous = place;
    size_t wrong = 0;
    size_t right = 0;
    for (Block block : blocks) {
      if (block.heading != heading) continue;
      const bool is_right = block.fence == "vakt-right";
      ++(is_right ? right : wrong);
      if (!block.text.starts_with("policy ")) block.text.insert(0, frame);
      std::string rendered;
      const std::vector<std::string> codes = CodesOf(block, rendered);
      const std::string where = path.string() + ":" + std::to_string(block.line) + "\n" + rendered;
      if (is_right) {
        EXPECT_THAT(codes, testing::IsEmpty()) << where;
      } else {
        EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()), std::set<std::string>{code})
            << where;
      }
    }
    EXPECT_EQ(wrong == 0, without.contains(code)) << code << " lacks a wrong example";
    EXPECT_EQ(right == 0, without.contains(code)) << code << " lacks a right example";
  }
}

}  // namespace
}  // namespace portvakt::dsl
