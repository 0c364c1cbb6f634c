// Plain POSIX, so that nothing of the server under test is used to test it.
#include "tests/gateways/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>

namespace portvakt::gateways {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A listening socket on a port that the system picks.
int Listen(uint16_t& port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), length), 0);
  EXPECT_EQ(::listen(descriptor, 16), 0);
  EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length), 0);
  port = ntohs(address.sin_port);
  return descriptor;
}

bool CanConnect(uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const int connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(descriptor);
  return connected == 0;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool IsReadable(int descriptor, int patience_ms) {
  pollfd wanted{descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, patience_ms) == 1;
}

}  // namespace

uint16_t FreePort() {
  uint16_t port = 0;
  ::close(Listen(port));
  return port;
}

bool WaitForPort(uint16_t port) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!CanConnect(port)) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 20);
  }
  return true;
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

Folder::Folder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "portvakt-gateway-").string() + std::string(6, 'X');
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  path_ = pattern;
  // For programs that change to another user when the test runs as root.
  std::filesystem::permissions(path_, std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// Everything is made before the fork: threads of the server may hold locks then.
Process::Process(std::vector<std::string> arguments, const std::filesystem::path& output) {
  const std::string folder = output.parent_path().string();
  std::vector<std::string> variables = {"XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder,
                                        "HOME=" + folder};
  std::vector<char*> words = Pointers(arguments);
  std::vector<char*> environment = Pointers(variables);
  const int log = ::open(output.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ != 0) {
    ::close(log);
    return;
  }
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execve(words[0], words.data(), environment.data());
  ::_exit(127);
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) ::kill(pid_, SIGKILL);
    ::poll(nullptr, 0, 10);
  }
}

Application::Application() {
  listening_ = Listen(port_);
  thread_ = std::thread([this] { Serve(); });
}

Application::~Application() {
  stopped_ = true;
  thread_.join();
  ::close(listening_);
}

void Application::Serve() {
  while (!stopped_) {
    if (!IsReadable(listening_, 20)) continue;
    const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos && IsReadable(connection, 5000)) {
      const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      head.append(buffer, static_cast<size_t>(count));
    }
    if (!head.empty()) {
      ++requests_;
      const std::string answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(head.size()) +
          "\r\n\r\n" + head;
      (void)::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::close(connection);
  }
}

}  // namespace portvakt::gateways
