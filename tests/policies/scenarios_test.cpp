// Every scenario file of every shipped policy.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/scenario.h"

namespace portvakt::policies {
namespace {

TEST(ShippedPolicies, PassTheirScenarios) {
  const std::filesystem::path root = std::filesystem::path(PORTVAKT_SOURCE_DIR) / "policies";
  size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (!entry.is_directory()) continue;
    ++folders;
    const cli::ScenarioReport report = cli::RunScenarios(entry.path().string());
    EXPECT_TRUE(report.ok()) << entry.path();
    EXPECT_EQ(report.error, "");
    for (const engine::DataFinding& finding : report.findings) {
      ADD_FAILURE() << finding.file << ":" << finding.line << ": " << finding.message << " "
                    << finding.help;
    }
    for (const cli::CaseResult& result : report.cases) {
      EXPECT_TRUE(result.passed) << result.file << ":" << result.line << ": " << result.name
                                 << "\n  " << result.question << "\n  expected " << result.expected
                                 << "\n  but got  " << result.actual << "\n"
                                 << result.explanation;
    }
  }
  EXPECT_GE(folders, 6u);
}

}  // namespace
}  // namespace portvakt::policies
