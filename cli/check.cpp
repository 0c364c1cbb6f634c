// `portvakt check`: everything that is wrong in one or more policies.
#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

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

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// A folder with *.vakt files is one policy, folders below included; in one without, the policies
// are looked for below. False after `error` was set.
bool AddFolder(const std::string& path, std::vector<Target>& targets, std::string& error) {
  namespace fs = std::filesystem;
  const auto files = FilesBelow(path, {".vakt"}, error);
  if (!files) return false;
  std::vector<fs::path> folders;
  for (const std::string& file : *files) folders.push_back(fs::path(file).parent_path());
  std::sort(folders.begin(), folders.end());  // a folder before those in it
  fs::path last;
  for (const fs::path& folder : folders) {
    const std::string below = folder.lexically_relative(last).string();
    if (!last.empty() && !below.empty() && !below.starts_with("..")) continue;
    last = folder;
    targets.push_back({WithoutSlash(folder.string()), {folder.string()}});
  }
  if (files->empty()) error = "there is no .vakt file in " + path + " or below it";
  return !files->empty();
}

// The files, wherever they stand among the arguments, are one policy.
bool FindTargets(const std::vector<std::string>& paths, std::vector<Target>& targets,
                 std::string& error) {
  Target files;
  for (const std::string& path : paths) {
    if (IsFolder(path)) {
      if (!AddFolder(WithoutSlash(path), targets, error)) return false;
      continue;
    }
    if (!path.ends_with(".vakt")) {
      error = Exists(path) ? path + ": no policy file; their names end in .vakt"
                           : path + ": there is no such file or folder";
      return false;
    }
    files.title += (files.title.empty() ? "" : " ") + path;
    files.paths.push_back(path);
  }
  if (!files.paths.empty()) targets.push_back(std::move(files));
  return true;
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
  std::vector<Target> targets;
  std::string error;
  if (!FindTargets(command.paths, targets, error)) return Complain(console, error);
  for (const Target& target : targets) {
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
