// `portvakt test`: runs scenarios and tells of each that fails what was asked, what was expected
// and why the answer is another one.
#include <algorithm>
#include <utility>

#include "cli/commands.h"
#include "cli/data_json.h"
#include "cli/policy.h"
#include "cli/scenario.h"
#include "cli/world.h"
#include "server/json.h"

namespace portvakt::cli {

namespace {

using server::JsonValue;

std::string Indented(const std::string& text) {
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    result += "    " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return result;
}

void PrintPretty(const ScenarioReport& report, Console& console) {
  PrintDataFindings(report.findings, console.out);
  for (const CaseResult& result : report.cases) {
    if (result.passed) continue;
    console.out << result.file << ':' << result.line << ':' << result.column
                << ": failed: " << result.name << "\n  asked     " << result.question
                << "\n  expected  " << result.expected << "\n  actual    " << result.actual << '\n'
                << Indented(result.explanation);
  }
}

JsonValue CaseJson(const CaseResult& result) {
  JsonValue value = JsonValue::Object();
  value.Set("file", result.file);
  value.Set("line", result.line);
  value.Set("column", result.column);
  value.Set("name", result.name);
  value.Set("passed", result.passed);
  value.Set("question", result.question);
  value.Set("expected", result.expected);
  value.Set("actual", result.actual);
  value.Set("explanation", result.explanation);
  return value;
}

void PrintJson(const ScenarioReport& report, Console& console) {
  JsonValue cases = JsonValue::Array();
  for (const CaseResult& result : report.cases) cases.Append(CaseJson(result));
  JsonValue value = JsonValue::Object();
  value.Set("passed", report.cases.size() - report.failed());
  value.Set("failed", report.failed());
  value.Set("cases", std::move(cases));
  value.Set("findings", DataFindingsJson(report.findings));
  console.out << server::WriteJson(value, server::JsonStyle::kPretty) << '\n';
}

std::string Summary(const ScenarioReport& report) {
  const std::string in_files = " in " + Counted(report.files, "file");
  if (report.ok()) return "ok: " + Counted(report.cases.size(), "case") + in_files;
  std::string text = std::to_string(report.failed()) + " of " +
                     Counted(report.cases.size(), "case") + in_files + " failed";
  if (!report.findings.empty()) text += "; " + Counted(report.findings.size(), "finding");
  return text;
}

void Append(ScenarioReport&& more, ScenarioReport& report) {
  report.files += more.files;
  report.cases.insert(report.cases.end(), more.cases.begin(), more.cases.end());
  report.findings.insert(report.findings.end(), more.findings.begin(), more.findings.end());
}

}  // namespace

int Run(const TestCommand& command, Console& console) {
  ScenarioReport report;
  const auto paths = command.paths.empty() ? std::vector<std::string>{"policies"} : command.paths;
  for (const std::string& path : paths) {
    ScenarioReport more = RunScenarios(path, command.filter);
    if (!more.error.empty()) return Complain(console, more.error);
    Append(std::move(more), report);
  }
  if (report.cases.empty() && report.findings.empty()) {
    return Complain(console, "no case's name holds `" + command.filter + "`");
  }
  if (command.format == Format::kJson) {
    PrintJson(report, console);
  } else {
    PrintPretty(report, console);
    console.out << Summary(report) << '\n';
  }
  return report.ok() ? kExitOk : kExitFindings;
}

}  // namespace portvakt::cli
