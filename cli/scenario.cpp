// Finding the test files and adding up what they say.
#include "cli/scenario.h"

#include <algorithm>
#include <filesystem>

#include "cli/files.h"
#include "cli/scenario_run.h"

namespace portvakt::cli {

namespace {

const std::vector<std::string> kExtensions = {".yaml", ".yml"};

}  // namespace

size_t ScenarioReport::failed() const {
  return static_cast<size_t>(std::count_if(
      cases.begin(), cases.end(), [](const CaseResult& result) { return !result.passed; }));
}

bool ScenarioReport::ok() const {
  return error.empty() && findings.empty() && failed() == 0 && !cases.empty();
}

std::vector<std::string> FindTestFiles(const std::string& path, std::string& error) {
  if (!Exists(path)) {
    error = path + ": there is no such file or folder";
    return {};
  }
  if (!IsFolder(path)) return {path};
  auto below = FilesBelow(path, kExtensions, error);
  if (!below) {
    error = path + ": " + error;
    return {};
  }
  std::erase_if(*below, [](const std::string& file) {
    const auto folder = std::filesystem::absolute(file).lexically_normal().parent_path();
    return folder.filename() != "tests";
  });
  if (below->empty()) error = path + ": no test files (tests/*.yaml) in it or below it";
  return *std::move(below);
}

ScenarioReport RunScenarios(const std::string& path, std::string_view filter) {
  ScenarioReport report;
  PolicyCache policies;
  const std::vector<std::string> files = FindTestFiles(path, report.error);
  for (const std::string& file : files) {
    RunScenarioFile(file, filter, policies, report);
    ++report.files;
    if (!report.error.empty()) break;
  }
  return report;
}

}  // namespace portvakt::cli
