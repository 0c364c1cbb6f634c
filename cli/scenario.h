// Scenario tests: YAML files that ask a policy questions over given data at a given instant, and
// say what the answers must be. docs/command.md describes the files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/load.h"

namespace portvakt::cli {

struct CaseResult {
  std::string file;
  uint32_t line = 0;    // of the case in its file, from 1
  uint32_t column = 0;  // from 1
  std::string name;
  bool passed = false;
  std::string question;     // "david lon.las alfa"
  std::string expected;     // "deny because not_active, no_grant"
  std::string actual;       // the same form
  std::string explanation;  // of a failure: the reasons, rules and places, several lines
};

struct ScenarioReport {
  std::vector<CaseResult> cases;
  // What kept cases from being run: a test file, policy or data that is wrong.
  std::vector<engine::DataFinding> findings;
  // Why nothing could be run at all: no such path, no test files there, no temporary store.
  std::string error;
  size_t files = 0;

  size_t failed() const;
  // At least one case was run, and nothing is wrong.
  bool ok() const;
};

// The test files of `path`: itself, or every *.yaml and *.yml of the folders called `tests` in it
// and below it. Empty and `error` set when there are none.
std::vector<std::string> FindTestFiles(const std::string& path, std::string& error);

// Runs the cases whose name holds `filter`. Writes only to temporary folders. Never throws.
ScenarioReport RunScenarios(const std::string& path, std::string_view filter = {});

}  // namespace portvakt::cli
