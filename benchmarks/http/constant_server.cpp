// The server room without its answers: the same workers, framing and writer, and one constant of
// the length of a decision. What a decision costs beyond it is Portvakt's own.
//
//   bench_constant [CERTIFICATE KEY]   on 127.0.0.1, any free port, until SIGTERM
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <iostream>
#include <string>

#include "engine/engine.h"
#include "server/server.h"

namespace {

using namespace portvakt;

// With the fields of a decision.
server::Reply AnswerConstant(const server::HttpRequest&, server::Answering&) {
  server::HttpResponse response;
  response.body = R"({"decision":true})";
  response.fields = {{"Portvakt-Revision", "1"}, {"Portvakt-Policy", "1"}};
  return response;
}

int Fail(const std::string& what) {
  std::cerr << "bench_constant: " << what << '\n';
  return 2;
}

}  // namespace

int main(int count, char** words) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::string folder = (std::filesystem::temp_directory_path() / "portvakt-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return Fail("no folder for an empty store");
  {
    auto engine = engine::Engine::Open(folder, {});
    if (!engine.ok()) return Fail(engine.error().message);
    server::Server::Options options;
    options.listen = "127.0.0.1:0";
    options.workers = 1;
    options.answer = AnswerConstant;
    if (count == 3) {
      options.tls.certificate_path = words[1];
      options.tls.key_path = words[2];
    }
    auto server = server::Server::Start(**engine, options);
    if (!server.ok()) return Fail(server.error().message);
    std::cout << "listening on http://" << (*server)->address() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
