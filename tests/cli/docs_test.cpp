// The examples of docs/command.md and README.md are true: each `$` line is run and what it prints
// must follow it. PORTVAKT_UPDATE=1 writes the page anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

namespace fs = std::filesystem;

// Both streams, and the exit code where it is not 0.
std::string RunShell(const TestFolder& folder, const std::string& command) {
  const std::string line = "cd '" + folder.path() +
                           "' && PATH='" PORTVAKT_BINARY_DIR "':\"$PATH\" && " + command + " 2>&1";
  FILE* pipe = ::popen(line.c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer{};
  for (size_t count; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  if (WEXITSTATUS(status) != 0) {
    text += "[exit code " + std::to_string(WEXITSTATUS(status)) + "]\n";
  }
  return text;
}

void ExpectExamplesPrintWhatItSays(const std::string& file, int least_examples) {
  const std::string path = std::string(PORTVAKT_SOURCE_DIR "/") + file;
  const TestFolder folder;
  for (const char* name : {"policies", "examples"}) {
    fs::create_directory_symlink(fs::path(PORTVAKT_SOURCE_DIR) / name, folder.Path(name));
  }
  const std::string page = ReadText(path);
  ASSERT_NE(page, "");
  std::istringstream lines(page);
  std::string actual;
  int examples = 0;
  bool in_console = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) in_console = line == "```console";
    const bool is_command = in_console && line.starts_with("$ ");
    if (!in_console || is_command || line.starts_with("```")) actual += line + "\n";
    if (!is_command) continue;
    actual += RunShell(folder, line.substr(2));
    ++examples;
  }
  EXPECT_GE(examples, least_examples);
  const char* update = std::getenv("PORTVAKT_UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  std::istringstream wanted_lines(page);
  std::istringstream actual_lines(actual);
  std::string wanted;
  std::string got;
  for (int line = 1; std::getline(wanted_lines, wanted); ++line) {
    std::getline(actual_lines, got);
    ASSERT_EQ(got, wanted) << path << ":" << line << "; PORTVAKT_UPDATE=1 writes the page anew";
  }
  EXPECT_EQ(actual.size(), page.size());
}

TEST(CommandPage, ItsExamplesPrintWhatItSays) {
  ExpectExamplesPrintWhatItSays("docs/command.md", 9);
}

TEST(Readme, ItsQuestionHasTheAnswerThatItShows) { ExpectExamplesPrintWhatItSays("README.md", 1); }

}  // namespace
}  // namespace portvakt::cli
