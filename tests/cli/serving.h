// A served library, asked over HTTP byte by byte, for tests of the binary.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/cli/support.h"

namespace portvakt::cli {

// One HTTP request to 127.0.0.1; all that comes back.
inline std::string Exchange(int port, const std::string& request) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t count; (count = ::recv(descriptor, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(count));
    }
  }
  ::close(descriptor);
  return answer;
}

inline std::string Ask(int port, const std::string& subject, const std::string& book) {
  const std::string body = R"({"subject":{"type":"reader","id":")" + subject +
                           R"("},"action":{"name":"reserve"},"resource":{"type":"book","id":")" +
                           book + R"("}})";
  return Exchange(port,
                  "POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost\r\n"
                  "Connection: close\r\nContent-Type: application/json\r\n"
                  "Content-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
}

inline int PortOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  return colon == std::string::npos ? 0 : std::atoi(address.c_str() + colon + 1);
}

inline std::vector<std::string> ServeLibrary() {
  return {"serve",    "--policy",   LibraryPath(), "--data", LibraryPath("data.yaml"),
          "--listen", "127.0.0.1:0"};
}

}  // namespace portvakt::cli
