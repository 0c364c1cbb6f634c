// Children are watched by waitpid, so that no test waits longer than the child lives.
#include "tests/cli/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace portvakt::cli {

namespace fs = std::filesystem;

TestFolder::TestFolder() {
  std::string name = (fs::temp_directory_path() / "portvakt-cli-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = fs::canonical(name);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TestFolder::Write(const std::string& name, const std::string& text) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

std::vector<std::string> TestFolder::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadText(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string LibraryPath(const std::string& name) {
  const std::string folder = PORTVAKT_SOURCE_DIR "/tests/cli/data/library";
  return name.empty() ? folder : folder + "/" + name;
}

Child::Child(const TestFolder& folder, const std::vector<std::string>& arguments,
             const std::string& input, const std::vector<std::string>& environment)
    : folder_(folder), out_path_(folder.Path(".out")), err_path_(folder.Path(".err")) {
  const std::string in_path = folder.Write(".in", input);
  folder.Write(".out", "");  // nobody must read what an earlier child wrote
  folder.Write(".err", "");
  const std::string binary = PORTVAKT_BINARY_DIR "/portvakt";
  std::vector<char*> argv = {const_cast<char*>(binary.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  // Only the system's own calls from here to exec.
  const int in = ::open(in_path.c_str(), O_RDONLY);
  const int out = ::open(out_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open(err_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (::chdir(folder_.path().c_str()) != 0) ::_exit(126);
  for (const std::string& setting : environment) ::putenv(const_cast<char*>(setting.c_str()));
  ::execv(binary.c_str(), argv.data());
  ::_exit(127);
}

Child::~Child() {
  if (ended_) return;
  ::kill(pid_, SIGKILL);
  Wait();
}

std::string Child::out() const { return ReadText(out_path_); }
std::string Child::err() const { return ReadText(err_path_); }

int Child::Wait() {
  if (ended_) return exit_code_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
  }
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return exit_code_;
}

std::string Child::WaitForLine(const std::string& beginning) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    siginfo_t info{};
    const bool over =
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == pid_;
    const std::string text = "\n" + out();
    const size_t line = text.find("\n" + beginning);
    const size_t end = line == std::string::npos ? line : text.find('\n', line + 1);
    if (end != std::string::npos) {
      const size_t rest = line + 1 + beginning.size();
      return text.substr(rest, end - rest);
    }
    if (over) return {};
    ::poll(nullptr, 0, 5);  // milliseconds between looks
  }
  return {};
}

bool Child::WaitForErr(const std::string& text, size_t from) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    siginfo_t info{};
    const bool over =
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == pid_;
    if (err().find(text, from) != std::string::npos) return true;
    if (over) return false;
    ::poll(nullptr, 0, 5);  // milliseconds between looks
  }
  return false;
}

Ran RunBinary(const TestFolder& folder, const std::vector<std::string>& arguments,
              const std::string& input, const std::vector<std::string>& environment) {
  Child child(folder, arguments, input, environment);
  const int exit_code = child.Wait();
  return {exit_code, child.out(), child.err()};
}

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = PORTVAKT_SOURCE_DIR "/tests/cli/golden/" + name;
  const char* update = std::getenv("PORTVAKT_UPDATE");
  if (update != nullptr && std::string(update) == "1") {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, ReadText(path)) << "golden file " << path << "; PORTVAKT_UPDATE=1 writes it anew";
}

}  // namespace portvakt::cli
