// Reading goes through dsl::ReadPolicy, one file or folder at a time; files that are named together
// are merged, since one may import another.
#include "cli/policy.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "cli/files.h"

namespace portvakt::cli {

namespace {

std::optional<uint32_t> FindFile(const dsl::SourceSet& sources, const std::string& name) {
  for (uint32_t number = 0; number < sources.size(); ++number) {
    if (sources.file(number).name == name) return number;
  }
  return std::nullopt;
}

// Adds what `more` has and `policy` lacks, findings included.
void Merge(const dsl::SourceSet& more, const dsl::Diagnostics& findings, Policy& policy) {
  std::vector<uint32_t> numbers;
  for (uint32_t number = 0; number < more.size(); ++number) {
    const dsl::SourceFile& file = more.file(number);
    const std::optional<uint32_t> known = FindFile(policy.shown, file.name);
    numbers.push_back(known ? *known : policy.shown.Add(file.name, file.text));
  }
  for (dsl::Diagnostic finding : findings.all()) {
    finding.span.file = numbers.at(finding.span.file);
    for (dsl::Label& label : finding.related) label.span.file = numbers.at(label.span.file);
    policy.findings.Add(std::move(finding));
  }
}

bool ReadSources(const std::vector<std::string>& paths, Policy& policy) {
  for (const std::string& path : paths) {
    const std::string name = std::filesystem::path(path).lexically_normal().string();
    if (FindFile(policy.shown, name)) continue;
    dsl::SourceSet sources;
    dsl::Diagnostics findings;
    if (!dsl::ReadPolicy(path, sources, findings, policy.error)) return false;
    Merge(sources, findings, policy);
  }
  return true;
}

}  // namespace

Policy ReadPolicy(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  Policy policy;
  if (!ReadSources(paths, policy)) return policy;
  const fs::path first = fs::path(paths.front()).lexically_normal();
  const fs::path root = IsFolder(first.string()) ? first : first.parent_path();
  policy.root = root == "." ? "" : root.string();
  while (policy.root.size() > 1 && policy.root.ends_with('/')) policy.root.pop_back();
  for (uint32_t number = 0; number < policy.shown.size(); ++number) {
    const dsl::SourceFile& file = policy.shown.file(number);
    const fs::path name(file.name);
    policy.sources.Add(
        policy.root.empty() ? file.name : name.lexically_relative(policy.root).string(), file.text);
  }
  policy.trees = dsl::Parse(policy.shown, policy.findings);
  std::optional<dsl::Module> module = dsl::Check(policy.trees, policy.shown, policy.findings);
  if (module && !policy.findings.has_errors()) {
    policy.module = std::make_shared<const dsl::Module>(std::move(*module));
  }
  return policy;
}

FindingCount CountFindings(const dsl::Diagnostics& findings) {
  FindingCount count;
  for (const dsl::Diagnostic& finding : findings.all()) {
    ++(finding.severity() == dsl::Severity::kError ? count.errors : count.warnings);
  }
  return count;
}

std::string Counted(size_t number, std::string_view singular) {
  std::string text = std::to_string(number) + " " + std::string(singular);
  return number == 1 ? text : text + "s";
}

std::string DescribeCount(const FindingCount& count) {
  std::string text;
  if (count.errors > 0) text = Counted(count.errors, "error");
  if (count.warnings > 0) {
    text += (text.empty() ? "" : ", ") + Counted(count.warnings, "warning");
  }
  return text;
}

void PrintFindings(const dsl::Diagnostics& findings, const dsl::SourceSet& sources,
                   std::ostream& stream, bool color) {
  for (const dsl::Diagnostic& finding : findings.Sorted()) {
    std::string text = dsl::Render(finding, sources, {.color = color});
    while (text.ends_with('\n')) text.pop_back();
    stream << text << "\n\n";
  }
}

int RequirePolicy(const Policy& policy, Console& console) {
  if (!policy.error.empty()) return Complain(console, policy.error);
  if (policy.module) return kExitOk;
  PrintFindings(policy.findings, policy.shown, console.err, console.color);
  console.err << DescribeCount(CountFindings(policy.findings))
              << "; a policy that does not check is not used\n";
  return kExitFindings;
}

}  // namespace portvakt::cli
