// What the worker's two halves share: connections, and the state of one thread. Internal to
// worker.cpp (the loop, deadlines, start and stop), worker_waiting.cpp (answers that come later)
// and worker_connection.cpp (requests and answers), the only units that know the event loop.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "server/mailbox.h"
#include "server/observe.h"
#include "server/wire.h"
#include "server/worker.h"
#include "server/worker_reader.h"

namespace portvakt::server {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket&>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;

// Errors of the network are values.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kToken{
    asio::use_awaitable_t<Executor>{}};
// Idle connections, and those just accepted, get this long when the server stops: a request that
// is on its way is still answered.
inline constexpr uint32_t kDrainIdleMs = 200;

enum class Phase : uint8_t { kIdle, kBusy, kClosing };
enum class BodyRead : uint8_t { kWhole, kNotWanted, kLate, kLost };

struct Connection : boost::intrusive::list_base_hook<> {
  Connection(Socket accepted, Peer other_end, const Limits& limits, size_t buffer_bytes)
      : socket(std::move(accepted)),
        buffer(buffer_bytes),
        reader(limits),
        peer(std::move(other_end)) {}

  void Enter(Phase next, uint32_t limit_ms) {
    phase = next;
    expired = false;
    deadline = Clock::now() + std::chrono::milliseconds(limit_ms);
  }

  Socket socket;
  boost::beast::flat_buffer buffer;  // what has come and is not done with
  Phase phase = Phase::kIdle;
  Clock::time_point deadline;
  bool expired = false;      // the operation was cancelled because the deadline passed
  bool closing = false;      // the answer being made is the last
  bool cut = false;          // the time to stop is over: nobody waits for the answer any more
  Timer* waiting = nullptr;  // of an answer that comes later
  uint32_t served = 0;
  HeadReader reader;
  HttpRequest request;  // views into the reader and the buffer
  Peer peer;
  Exchange exchange{Clock::now(), {}, nullptr};
  std::string out;
};

struct Worker::State {
  class Listed;

  State(engine::Session own_session, Service& shared, const Limits& own_limits,
        Occupancy& all_occupancy, Tls* shared_tls)
      : limits(own_limits),
        occupancy(all_occupancy),
        tls(shared_tls),
        session(std::move(own_session)),
        service(shared),
        mailbox(std::make_shared<Mailbox>(
            [this](Mailbox::Task task) { asio::post(context, std::move(task)); })) {}
  ~State() { mailbox->Close(); }

  Awaitable<void> Serve(Socket accepted, Peer peer, Occupancy::Place place);
  Awaitable<void> Sweep();

  // Over the plain socket or TLS on it; both are instantiated in worker_connection.cpp.
  Awaitable<void> ServeTls(Connection& connection, Occupancy::Welcome welcome);
  template <class Stream>
  Awaitable<void> Converse(Connection& connection, Stream& stream, Occupancy::Welcome welcome);
  template <class Stream>
  Awaitable<bool> AwaitRequest(Connection& connection, Stream& stream);
  template <class Stream>
  Awaitable<bool> ServeOne(Connection& connection, Stream& stream);
  template <class Stream>
  Awaitable<error_code> Receive(Connection& connection, Stream& stream, size_t bytes);
  template <class Stream>
  Awaitable<BodyRead> ReadBody(Connection& connection, Stream& stream, const Framing& framing);
  template <class Stream>
  Awaitable<bool> Respond(Connection& connection, Stream& stream, const HttpResponse& response);
  template <class Stream>
  Awaitable<void> Linger(Connection& connection, Stream& stream);

  // Nothing in `response` only when the connection was cut.
  Awaitable<void> AwaitReply(Connection& connection, Reply& reply,
                             std::optional<HttpResponse>& response);
  Awaitable<void> AwaitAnswer(Connection& connection, const Later& later,
                              std::optional<HttpResponse>& response);
  Awaitable<void> AwaitEvent(Connection& connection, const Watch& watch,
                             std::optional<HttpResponse>& response);

  void Tick();

  Limits limits;  // changed on the worker's thread
  Occupancy& occupancy;
  Tls* const tls;  // null: the plain socket
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

// A connection's place in the list, for as long as its coroutine runs.
class Worker::State::Listed {
 public:
  Listed(State& state, Connection& connection) : state_(state), connection_(connection) {
    state_.connections.push_back(connection_);
  }
  ~Listed() {
    state_.connections.erase(state_.connections.iterator_to(connection_));
    --state_.live;
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

 private:
  State& state_;
  Connection& connection_;
};

}  // namespace portvakt::server
