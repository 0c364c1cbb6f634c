// The examples of docs/data.md: its policy checks, and its data loads for that policy.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/load_into.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::engine {
namespace {

// The fenced blocks of a page, by what stands behind their first fence.
std::map<std::string, std::vector<std::string>> Blocks(const std::string& path) {
  std::ifstream file(path);
  std::map<std::string, std::vector<std::string>> blocks;
  std::string* open = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("```")) {
      if (open != nullptr) *open += line + "\n";
    } else if (open != nullptr) {
      open = nullptr;
    } else {
      open = &blocks[line.substr(3)].emplace_back();
    }
  }
  return blocks;
}

TEST(DataDocTest, ExamplesLoad) {
  auto blocks = Blocks(std::string(PORTVAKT_SOURCE_DIR) + "/docs/data.md");
  ASSERT_EQ(blocks["vakt"].size(), 1u);
  ASSERT_FALSE(blocks["yaml"].empty());
  ASSERT_FALSE(blocks["text"].empty());
  dsl::SourceSet sources;
  sources.Add("office.vakt", blocks["vakt"].front());
  dsl::Diagnostics findings;
  const auto module = dsl::Compile(sources, findings);
  for (const auto& finding : findings.all()) std::cout << dsl::Render(finding, sources);
  ASSERT_TRUE(module.has_value());

  const ScratchDirectory directory;
  const auto store = OpenScratch(directory.path());
  const LoadOptions options;
  const LoadTarget target{*store, *module, 1'782'864'000'000'000, options};
  const auto expect_loaded = [&](const LoadReport& report) {
    for (const DataFinding& finding : report.findings) {
      ADD_FAILURE() << finding.line << ": " << finding.message << " (" << finding.help << ")";
    }
    EXPECT_GT(report.changed, 0u);
  };
  for (const std::string& text : blocks["yaml"]) {
    expect_loaded(LoadYamlInto(target, "data.yaml", text));
  }
  for (const std::string& text : blocks["text"]) {
    std::istringstream stream(text);
    expect_loaded(LoadTextInto(target, "data.txt", stream));
  }
}

}  // namespace
}  // namespace portvakt::engine
