// Programs that a test starts, free ports, and an application that tells what reached it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace portvakt::gateways {

// Nobody listens on it at the moment.
uint16_t FreePort();
// Somebody accepts connections there within half a minute.
bool WaitForPort(uint16_t port);
std::string ReadText(const std::filesystem::path& path);
void WriteText(const std::filesystem::path& path, const std::string& text);
// Every `from` replaced.
std::string Replaced(std::string text, const std::string& from, const std::string& to);

// A folder of one test, removed at its end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A child process, its output in `output`; ended with the object. The program is a whole path.
class Process {
 public:
  Process(std::vector<std::string> arguments, const std::filesystem::path& output);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

 private:
  pid_t pid_ = -1;
};

// Answers every request with 200 and the head of the request as its body.
class Application {
 public:
  Application();
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  uint16_t port() const { return port_; }
  // Requests that reached it.
  uint32_t requests() const { return requests_; }

 private:
  void Serve();

  int listening_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopped_ = false;
  std::atomic<uint32_t> requests_ = 0;
  std::thread thread_;
};

}  // namespace portvakt::gateways
