// `portvakt fmt`: policy files in their canonical form. Each file stands alone here: what it
// imports is not read, and names need not be known.
#include <optional>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/policy.h"

namespace portvakt::cli {

namespace {

// The canonical text. Empty when the file has syntax errors, which are then told to `err`.
std::optional<std::string> Formatted(const std::string& name, const std::string& text,
                                     Console& console) {
  dsl::SourceSet sources;
  sources.Add(name, text);
  dsl::Diagnostics findings;
  const std::vector<dsl::Tree> trees = dsl::Parse(sources, findings);
  std::optional<std::string> result;
  if (!findings.has_errors() && trees.size() == 1) result = dsl::Format(sources, trees.front());
  if (!result) PrintFindings(findings, sources, console.err, console.color);
  return result;
}

int FormatStream(const FmtCommand& command, Console& console) {
  const std::string text = ReadWholeStream(console.in, dsl::kMaxFileBytes);
  const std::optional<std::string> result = Formatted("<stdin>", text, console);
  if (!result) return kExitFindings;
  if (command.check) return *result == text ? kExitOk : kExitFindings;
  console.out << *result;
  return kExitOk;
}

int FormatFile(const FmtCommand& command, const std::string& path, Console& console) {
  std::string error;
  const std::optional<std::string> text = ReadWholeFile(path, dsl::kMaxFileBytes, error);
  if (!text) return Complain(console, path + ": " + error);
  const std::optional<std::string> result = Formatted(path, *text, console);
  if (!result) {
    console.err << path << ": left as it is\n";
    return kExitFindings;
  }
  if (command.to_stdout) {
    console.out << *result;
    return kExitOk;
  }
  if (*result == *text) return kExitOk;
  console.out << path << '\n';
  if (command.check) return kExitFindings;
  if (!ReplaceFile(path, *result, error)) return Complain(console, path + ": " + error);
  return kExitOk;
}

}  // namespace

int Run(const FmtCommand& command, Console& console) {
  if (command.paths == std::vector<std::string>{"-"}) return FormatStream(command, console);
  std::vector<std::string> files;
  for (const std::string& path : command.paths) {
    std::string error;
    if (path == "-") return Complain(console, "`-` stands alone");
    if (!IsFolder(path)) {
      if (!path.ends_with(".vakt")) {
        return Complain(console, path + ": no policy file; their names end in .vakt");
      }
      files.push_back(path);
      continue;
    }
    const auto below = FilesBelow(path, {".vakt"}, error);
    if (!below) return Complain(console, path + ": " + error);
    files.insert(files.end(), below->begin(), below->end());
  }
  if (files.empty()) return Complain(console, "no *.vakt files there");
  int exit_code = kExitOk;
  for (const std::string& file : files) {
    const int code = FormatFile(command, file, console);
    if (code == kExitUsage) return code;
    if (code != kExitOk) exit_code = code;
  }
  return exit_code;
}

}  // namespace portvakt::cli
