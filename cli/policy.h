// A policy read from files and checked, with its findings ready to be shown.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "dsl/dsl.h"

namespace portvakt::cli {

struct Policy {
  dsl::SourceSet shown;    // named as seen from the working directory: what is printed
  dsl::SourceSet sources;  // the same, named from `root`: what is stored, wherever the policy lay
  std::vector<dsl::Tree> trees;
  dsl::Diagnostics findings;
  std::shared_ptr<const dsl::Module> module;  // null when there are errors
  std::string root;                           // the policy's folder; "" for the working directory
  std::string error;                          // why nothing could be read; the rest is then empty
};

// `paths`: one folder, or the files of one policy.
Policy ReadPolicy(const std::vector<std::string>& paths);

struct FindingCount {
  size_t errors = 0;
  size_t warnings = 0;
};
FindingCount CountFindings(const dsl::Diagnostics& findings);
// "2 errors, 1 warning"; "" when there are none.
std::string DescribeCount(const FindingCount& count);

// Every finding as people read it, in the order of the text.
void PrintFindings(const dsl::Diagnostics& findings, const dsl::SourceSet& sources,
                   std::ostream& stream, bool color);

// For commands that need the policy to be right: tells `err` what is wrong with it, if anything.
// The exit code, kExitOk when it can be used.
int RequirePolicy(const Policy& policy, Console& console);

// "1 rule", "2 rules".
std::string Counted(size_t number, std::string_view singular);

}  // namespace portvakt::cli
