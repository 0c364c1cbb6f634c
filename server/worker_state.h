// What the worker's two halves share: connections, and the state of one thread. Internal to
// worker.cpp (the loop, deadlines, start and stop) and worker_connection.cpp (requests and
// answers), the only units that know the event loop and the HTTP parser.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "server/mailbox.h"
#include "server/wire.h"
#include "server/worker.h"

namespace portvakt::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;
using Parser = http::request_parser<http::string_body>;

// Errors of the network are values.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kToken{
    asio::use_awaitable_t<Executor>{}};
// Idle connections, and those just accepted, get this long when the server stops: a request that
// is on its way is still answered.
inline constexpr uint32_t kDrainIdleMs = 200;

enum class Phase : uint8_t { kIdle, kBusy, kClosing };
enum class BodyRead : uint8_t { kWhole, kNotWanted, kLate, kLost };

struct Connection : boost::intrusive::list_base_hook<> {
  Connection(Socket accepted, size_t buffer_bytes)
      : socket(std::move(accepted)), buffer(buffer_bytes) {}

  void Enter(Phase next, uint32_t limit_ms) {
    phase = next;
    expired = false;
    deadline = Clock::now() + std::chrono::milliseconds(limit_ms);
  }

  Socket socket;
  boost::beast::flat_buffer buffer;
  Phase phase = Phase::kIdle;
  Clock::time_point deadline;
  bool expired = false;      // the operation was cancelled because the deadline passed
  bool closing = false;      // the answer being made is the last
  bool cut = false;          // the time to stop is over: nobody waits for the answer any more
  Timer* waiting = nullptr;  // of an answer that comes later
  uint32_t served = 0;
  HttpRequest request;  // views into the parser of the moment
  Peer peer;
  std::string out;
};

struct Worker::State {
  class Listed;

  State(engine::Session own_session, Service& shared, const Limits& own_limits,
        std::atomic<uint32_t>& open)
      : limits(own_limits),
        open_connections(open),
        session(std::move(own_session)),
        service(shared),
        mailbox(std::make_shared<Mailbox>(
            [this](Mailbox::Task task) { asio::post(context, std::move(task)); })) {}
  ~State() { mailbox->Close(); }

  Awaitable<void> Serve(Socket accepted);
  Awaitable<void> Refuse(Socket accepted);
  Awaitable<void> Sweep();

  Awaitable<bool> AwaitRequest(Connection& connection);
  Awaitable<bool> ServeOne(Connection& connection);
  Awaitable<BodyRead> ReadBody(Connection& connection, Parser& parser, const Framing& framing);
  Awaitable<bool> RespondLater(Connection& connection, Reply& reply);
  Awaitable<void> AwaitAnswer(Connection& connection, const Later& later,
                              std::optional<HttpResponse>& response);
  Awaitable<void> AwaitEvent(Connection& connection, const Watch& watch,
                             std::optional<HttpResponse>& response);
  Awaitable<bool> Respond(Connection& connection, const HttpResponse& response);
  Awaitable<void> Linger(Connection& connection);

  void Tick();

  const Limits limits;
  std::atomic<uint32_t>& open_connections;
  engine::Session session;
  Service& service;
  const std::shared_ptr<Mailbox> mailbox;
  uint32_t waiting = 0;  // requests whose answer comes later
  bool draining = false;
  Clock::time_point drain_end;
  size_t live = 0;  // connections, from the moment that they are adopted
  int64_t date_seconds = -1;
  std::string date;
  // Before the context: its end destroys the coroutines that wait, and with them list members.
  boost::intrusive::list<Connection> connections;
  asio::io_context context{1};
  std::thread thread;
};

// A connection's place in the list and in the counts, for as long as its coroutine runs.
class Worker::State::Listed {
 public:
  Listed(State& state, Connection& connection) : state_(state), connection_(connection) {
    state_.connections.push_back(connection_);
  }
  ~Listed() {
    state_.connections.erase(state_.connections.iterator_to(connection_));
    --state_.live;
    state_.open_connections.fetch_sub(1, std::memory_order_relaxed);
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

 private:
  State& state_;
  Connection& connection_;
};

}  // namespace portvakt::server
