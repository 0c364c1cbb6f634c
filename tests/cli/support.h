// What the tests of the command share: folders to write in, subcommands run as functions, and the
// real binary run as a child process.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace portvakt::cli {

// A folder of one test, removed at its end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string Path(const std::string& name) const { return (path_ / name).string(); }
  // Makes the folders above it, too. Returns the file's path.
  std::string Write(const std::string& name, const std::string& text) const;
  std::vector<std::string> Names() const;

 private:
  std::filesystem::path path_;
};

std::string ReadText(const std::string& path);
// The library policy of tests/cli/data.
std::string LibraryPath(const std::string& name = "");

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

template <class C>
Ran RunHere(const C& command, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Console console{in, out, err};
  const int exit_code = Run(command, console);
  return {exit_code, out.str(), err.str()};
}

// The binary, started with its output in files below `folder`, in the working directory `folder`.
class Child {
 public:
  Child(const TestFolder& folder, const std::vector<std::string>& arguments,
        const std::string& input = "", const std::vector<std::string>& environment = {});
  // Kills what is still running.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  std::string out() const;
  std::string err() const;
  // Waits until standard output has a line that begins so, and returns the rest of it; "" when the
  // child ends without, or after a deadline far beyond what it needs.
  std::string WaitForLine(const std::string& beginning);
  // Waits in the same way until standard error, from byte `from` on, holds the text.
  bool WaitForErr(const std::string& text, size_t from = 0);
  // Waits for its end; -signal when it was killed.
  int Wait();

 private:
  const TestFolder& folder_;
  std::string out_path_;
  std::string err_path_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int exit_code_ = 0;
};

// Starts the binary and waits for its end.
Ran RunBinary(const TestFolder& folder, const std::vector<std::string>& arguments,
              const std::string& input = "", const std::vector<std::string>& environment = {});

// Compares with tests/cli/golden/`name`; writes it instead when PORTVAKT_UPDATE is 1.
void ExpectGolden(const std::string& name, const std::string& text);

}  // namespace portvakt::cli
