// The front door of the server: decisions over HTTP.
//
//   Server::Options options;
//   options.listen = "127.0.0.1:8080";
//   auto server = Server::Start(engine, options);
//   if (!server.ok()) return Fail(server.error().message);
//   std::cout << "listening on " << server.value()->address() << '\n';
//   server.value()->Wait();                 // until Stop(), from another thread
//
// Start returns when the server accepts connections. N workers, each a thread with its own
// connections and its own session of the engine; they share nothing. The engine outlives the
// server. All functions may be called from any thread (not from a signal handler).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/result.h"
#include "server/access_log.h"
#include "server/authentication.h"
#include "server/decision_log.h"
#include "server/gateway.h"
#include "server/handlers.h"
#include "server/limits.h"
#include "server/setting_fault.h"
#include "server/tls.h"

namespace portvakt::server {

class Server {
 public:
  struct Options {
    // ADDRESS:PORT, [IPV6]:PORT or localhost:PORT. Port 0 lets the system choose one. Others than
    // loopback addresses only with TLS and callers (server/exposure.h).
    std::string listen = "127.0.0.1:8080";
    uint32_t workers = 0;  // 0: as many as the machine has cores
    Limits limits;
    TlsOptions tls;
    // How clients reach the server (server/discovery.h); "" where they use the address of `listen`.
    std::string base_url;
    std::optional<GatewayOptions> gateway;
    // Changes are taken over HTTP, each by the actor that its request names. Without it there are
    // none: the server does not know who calls.
    bool trust_callers = false;
    // Who may call; nothing: everybody who reaches the server.
    AuthenticationOptions callers;
    DecisionLogOptions decision_log;
    AccessLogOptions access_log;
    // What answers. Another one than the table of endpoints is for measuring all that is around it.
    AnswerFunction answer = Answer;
  };
  static engine::Result<std::unique_ptr<Server>> Start(engine::Engine& engine,
                                                       const Options& options);
  // What Start and Reload would refuse, as far as it shows without doing it: a port that is taken
  // does not. Reads the files that the options name; writes nothing.
  static SettingFaults Check(const Options& options);

  // Stops and waits.
  ~Server();

  uint16_t port() const;
  // As clients write it: "127.0.0.1:8080".
  std::string address() const;

  // Takes over what may change while running; what has begun goes on as it was, and when it returns
  // everything new goes by `options`. Returns the keys of what differs and waits for the next
  // start. On an error nothing has changed: `options` do not check, or would with what waits for
  // the next start leave the server open to others.
  engine::Result<std::vector<std::string>> Reload(const Options& options);

  // Begins to stop and returns: no new connections, /readyz says 503, idle connections are closed,
  // requests that have begun to arrive are answered, until the drain deadline. Twice is once.
  void Stop();
  // The access log's file is opened anew by its name: it has been moved away.
  void ReopenLogs();
  // Until it has stopped.
  void Wait();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::server
