// `portvakt explain-code`: what a finding's code means and what to do about it.
#include "cli/explain_code.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "cli/commands.h"
#include "dsl/dsl.h"

namespace portvakt::cli {

namespace {

// 0 for a line that is no heading.
size_t HeadingLevel(std::string_view line) {
  const size_t level = std::min(line.find_first_not_of('#'), line.size());
  return level < line.size() && line[level] == ' ' ? level : 0;
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

const dsl::DiagnosticInfo* FindKind(std::string_view code) {
  for (const dsl::DiagnosticInfo& info : dsl::AllDiagnosticKinds()) {
    if (info.code == code) return &info;
  }
  return nullptr;
}

int ListAll(Console& console) {
  for (const dsl::DiagnosticInfo& info : dsl::AllDiagnosticKinds()) {
    console.out << info.code
                << (info.severity == dsl::Severity::kError ? "  error    " : "  warning  ")
                << info.summary << '\n';
  }
  return kExitOk;
}

}  // namespace

std::string SectionOf(std::string_view page, std::string_view code) {
  std::string section;
  size_t level = 0;  // of the section's own heading, once it was found
  bool in_example = false;
  while (!page.empty()) {
    const std::string_view line = TakeLine(page);
    if (line.starts_with("```")) in_example = !in_example;
    const size_t heading = in_example ? 0 : HeadingLevel(line);
    if (level == 0 && heading > 0 && line.find(code) != std::string_view::npos) {
      level = heading;
    } else if (level > 0 && heading > 0 && heading <= level) {
      break;
    }
    if (level > 0) section.append(line).push_back('\n');
  }
  while (section.ends_with("\n\n")) section.pop_back();
  return section;
}

int Run(const ExplainCodeCommand& command, Console& console) {
  if (command.code.empty()) return ListAll(console);
  const std::string code = Upper(command.code);
  const dsl::DiagnosticInfo* info = FindKind(code);
  if (info == nullptr) {
    std::vector<std::string> codes;
    for (const dsl::DiagnosticInfo& known : dsl::AllDiagnosticKinds()) {
      codes.emplace_back(known.code);
    }
    std::string message = "no finding has the code `" + command.code + "`";
    const std::vector<std::string> meant = dsl::Suggest(code, codes);
    if (!meant.empty()) message += "; did you mean `" + meant.front() + "`?";
    return Complain(console, message + "\n`portvakt explain-code` lists all codes");
  }
  const std::string section = SectionOf(kDiagnosticsPage, code);
  if (section.empty()) {
    console.out << code << ": " << info->summary << '\n';
  } else {
    console.out << section;
  }
  return kExitOk;
}

}  // namespace portvakt::cli
