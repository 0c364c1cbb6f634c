// Bytes of a connection, on the whole way of a request: a worker as it serves sockets reads them
// from one end of a pair, through the parser, the checks of framing and the handlers. Whatever
// comes, it answers in whole messages of HTTP, never with a 500, and closes when the bytes end.
//
// The first byte says where the rest is cut into two writes.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "server/log.h"
#include "server/worker.h"
#include "tests/fuzz/fuzz_world.h"

namespace {

using namespace portvakt;

constexpr char kPolicy[] = R"(policy fuzz "An open shelf"

open entity user
entity doc { owner : user }

permission read, write on doc

permit everyone
    user may read on doc

permit owner
    user may write on doc
    if  doc.owner is user  else not_owner
)";

// Beyond what fits the buffers of a pair of sockets there would be nobody who reads.
constexpr size_t kMostBytes = 32u << 10;
constexpr int kPatienceMs = 20'000;

class ServingWorld {
 public:
  ServingWorld() : world_(kPolicy), service_(world_.engine()), occupancy_(limits_) {
    server::SetLogLevel(server::LogLevel::kOff);
    service_.answer = server::Answer;
    auto session = world_.engine().NewSession();
    Require(session.ok());
    worker_ = std::make_unique<server::Worker>(std::move(session.value()), service_, limits_,
                                               occupancy_, nullptr);
    worker_->Run();
  }
  ~ServingWorld() {
    worker_->BeginDrain();
    worker_->Join();
  }

  // All that is answered to these bytes.
  std::string Send(std::string_view first, std::string_view rest) {
    int ends[2];
    Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    worker_->Adopt({ends[1], "127.0.0.1", "127.0.0.1"}, occupancy_.Enter("127.0.0.1"));
    Write(ends[0], first);
    Write(ends[0], rest);
    shutdown(ends[0], SHUT_WR);
    std::string answers;
    char bytes[4096];
    while (true) {
      pollfd watched{ends[0], POLLIN, 0};
      const int ready = poll(&watched, 1, kPatienceMs);
      if (ready < 0 && errno == EINTR) continue;  // the fuzzer's own alarm
      Require(ready == 1);
      const ssize_t count = read(ends[0], bytes, sizeof bytes);
      if (count <= 0) break;
      answers.append(bytes, static_cast<size_t>(count));
    }
    close(ends[0]);
    return answers;
  }

 private:
  // The other end may have gone.
  static void Write(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  World world_;
  const server::Limits limits_;
  server::Service service_;
  server::Occupancy occupancy_;
  std::unique_ptr<server::Worker> worker_;
};

size_t LengthOf(std::string_view head) {
  constexpr std::string_view kField = "\r\nContent-Length: ";
  const size_t at = head.find(kField);
  Require(at != std::string_view::npos && head.find(kField, at + 1) == std::string_view::npos);
  size_t length = 0;
  const std::string_view digits = head.substr(at + kField.size());
  Require(std::from_chars(digits.data(), digits.data() + digits.size(), length).ec == std::errc());
  return length;
}

// Answers one after the other, whole, and nothing else. The answer to HEAD has no body, so where
// one was asked for an answer may end after its head.
void RequireAnswers(std::string_view answers, bool has_head_request) {
  while (!answers.empty()) {
    Require(answers.starts_with("HTTP/1.1 "));
    const std::string_view status = answers.substr(9, 3);
    Require(status >= "100" && status < "600" && status != "500");
    const size_t end = answers.find("\r\n\r\n");
    Require(end != std::string_view::npos);
    const std::string_view head = answers.substr(0, end + 2);
    answers.remove_prefix(end + 4);
    if (status == "100") continue;
    const size_t length = LengthOf(head);
    if (has_head_request && (answers.empty() || answers.starts_with("HTTP/1.1 "))) continue;
    Require(answers.size() >= length);
    answers.remove_prefix(length);
    const bool closes = head.find("\r\nConnection: close\r\n") != std::string_view::npos;
    Require(!closes || answers.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static ServingWorld world;
  if (size == 0 || size > kMostBytes) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = bytes.size() * data[0] / 256;
  const std::string answers = world.Send(bytes.substr(0, cut), bytes.substr(cut));
  RequireAnswers(answers, bytes.find("HEAD ") != std::string_view::npos);
  return 0;
}
