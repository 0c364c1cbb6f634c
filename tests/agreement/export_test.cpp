// What is exported loads back: a random store, exported and loaded into an empty one beside the
// same policy, exports the same lines and answers every question alike.
#include "engine/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"

namespace portvakt::agreement {
namespace {

// Numbers, and with them the order, may differ.
std::vector<std::string> SortedLines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

struct Loaded {
  std::unique_ptr<engine::Engine> engine;
  std::optional<engine::Session> session;
};

void Load(const std::string& directory, const dsl::SourceSet& sources, const dsl::Module& module,
          const std::string& data, Loaded& loaded) {
  loaded.engine = TemporaryEngine(directory);
  ASSERT_TRUE(loaded.engine);
  ASSERT_TRUE(loaded.engine->InstallPolicy(sources, module, {}));
  std::istringstream stream(data);
  const auto report = engine::LoadText(*loaded.engine, module, "data", stream);
  ASSERT_TRUE(report.ok()) << report.findings[0].message << " at line " << report.findings[0].line
                           << "\n"
                           << data;
  auto session = loaded.engine->NewSession();
  ASSERT_TRUE(session);
  loaded.session.emplace(std::move(*session));
  ASSERT_TRUE(loaded.session->Refresh());
}

std::string ExportOf(Loaded& loaded, const dsl::Module& module) {
  std::ostringstream out;
  const engine::ExportReport report = engine::Export(*loaded.session, module, out);
  EXPECT_EQ(report.error, "");
  EXPECT_EQ(report.unknown_facts, 0u);
  return out.str();
}

void RunWorld(const std::string& directory, Random& random, size_t questions, size_t& worlds) {
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("random.vakt", RandomPolicy(random));
  const auto module = dsl::Compile(sources, findings);
  if (!module) return;
  ++worlds;
  World world = RandomWorld(*module, random);
  Loaded first;
  ASSERT_NO_FATAL_FAILURE(
      Load(directory + "-1", sources, *module, Sentences(*module, world), first));
  const std::string text = ExportOf(first, *module);
  Loaded second;
  ASSERT_NO_FATAL_FAILURE(Load(directory + "-2", sources, *module, text, second));
  ASSERT_EQ(SortedLines(ExportOf(second, *module)), SortedLines(text));
  for (size_t i = 0; i < questions; ++i) {
    const Question question = RandomQuestion(*module, world, random);
    const engine::Request request = ToRequest(*module, world, question);
    ASSERT_EQ(first.session->Decide(request).verdict, second.session->Decide(request).verdict)
        << request.subject.id << " " << request.action << " " << request.resource.id << "\n"
        << text;
  }
}

TEST(Export, LoadsBackToTheSameDecisions) {
  const size_t wanted = IsLongRun() ? 2'000 : 100;
  const uint64_t seed = SeedOfRun();
  const std::string directory = TemporaryDirectory("export");
  size_t worlds = 0;
  for (uint64_t i = 0; worlds < wanted && i < 2 * wanted; ++i) {
    Random random(seed + i);
    RunWorld(directory, random, 50, worlds);
    if (HasFatalFailure()) {
      std::cout << "seed of the failure: " << seed + i << std::endl;
      break;
    }
  }
  EXPECT_GE(worlds, wanted / 2);
  std::filesystem::remove_all(directory + "-1");
  std::filesystem::remove_all(directory + "-2");
}

}  // namespace
}  // namespace portvakt::agreement
