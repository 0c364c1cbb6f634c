// `portvakt check`: everything that is wrong in one or more policies.
#include <utility>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "server/diagnostics_json.h"

namespace portvakt::cli {

namespace {

struct Target {
  std::string title;
  std::vector<std::string> paths;
};

// Each folder by itself; the files, wherever they stand among the arguments, as one.
std::vector<Target> TargetsOf(const std::vector<std::string>& paths) {
  std::vector<Target> targets;
  Target files;
  for (const std::string& path : paths) {
    if (IsFolder(path)) {
      std::string title = path;
      while (title.size() > 1 && title.ends_with('/')) title.pop_back();
      targets.push_back({title, {path}});
    } else {
      files.title += (files.title.empty() ? "" : " ") + path;
      files.paths.push_back(path);
    }
  }
  if (!files.paths.empty()) targets.push_back(std::move(files));
  return targets;
}

std::string Summary(const std::string& title, const Policy& policy) {
  const std::string count = DescribeCount(CountFindings(policy.findings));
  if (!policy.module) return title + ": " + count;
  const dsl::Module& module = *policy.module;
  const size_t rules = module.acts.size() + module.changes.size();
  return title + ": ok: " + Counted(module.permissions.size(), "permission") + ", " +
         Counted(rules, "rule") + (count.empty() ? "" : ", " + count);
}

}  // namespace

int Run(const CheckCommand& command, Console& console) {
  int exit_code = kExitOk;
  server::JsonValue findings = server::JsonValue::Array();
  for (const Target& target : TargetsOf(command.paths)) {
    const Policy policy = ReadPolicy(target.paths);
    if (!policy.error.empty()) return Complain(console, policy.error);
    if (!policy.module) exit_code = kExitFindings;
    if (command.format == Format::kPretty) {
      PrintFindings(policy.findings, policy.shown, console.out, console.color);
      console.out << Summary(target.title, policy) << '\n';
      continue;
    }
    for (const dsl::Diagnostic& finding : policy.findings.Sorted()) {
      findings.Append(server::DiagnosticJson(finding, policy.shown));
    }
  }
  if (command.format == Format::kJson) {
    console.out << server::WriteJson(findings, server::JsonStyle::kPretty) << '\n';
  }
  return exit_code;
}

}  // namespace portvakt::cli
