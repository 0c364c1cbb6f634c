// The one file that knows the event loop and the HTTP parser. A connection is one coroutine:
// wait for a byte, read the head, check it, read the body, answer, again. Deadlines are a time in
// each connection, looked at by one timer a worker: an operation that is too late is cancelled.
//
// The compiler destroys twice what an operand of co_await holds of capturing lambdas and aggregate
// temporaries, so these operands name locals and plain classes only.
#include "server/worker.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "server/handlers.h"
#include "server/log.h"
#include "server/mailbox.h"
#include "server/wire.h"

namespace portvakt::server {
namespace {

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
constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kToken{
    asio::use_awaitable_t<Executor>{}};
// Bytes asked for while waiting for a request: most fit whole.
constexpr size_t kFirstReadBytes = 4096;
// What a connection may buffer beyond a head and a body: the beginnings of pipelined requests.
constexpr size_t kBufferSlackBytes = 64u << 10;
// Idle connections, and those just accepted, get this long when the server stops: a request that
// is on its way is still answered.
constexpr uint32_t kDrainIdleMs = 200;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

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
  std::string out;
};

// An answer that another thread makes. Of the worker's thread.
struct Pending {
  std::optional<HttpResponse> response;
  Timer* timer = nullptr;  // null when nobody waits any more
};

void Fill(HttpRequest& request, const Parser& parser) {
  const auto& message = parser.get();
  request.method = message.method_string();
  request.target = message.target();
  request.body = message.body();
  request.fields.clear();
  for (const auto& field : message) request.fields.emplace_back(field.name_string(), field.value());
}

HttpResponse TooLate() { return Problem(408, "too_slow", "the request did not arrive in time"); }

// What to answer to a head that could not be read; nothing when there is nobody to answer.
std::optional<HttpResponse> RefuseUnread(const error_code& error, bool expired,
                                         const Limits& limits) {
  if (error == asio::error::operation_aborted && expired) return TooLate();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Problem(431, "header_too_large",
                   "the request line and fields have more than " +
                       std::to_string(limits.header_bytes) + " bytes");
  }
  if (error == http::error::body_limit) {
    return Problem(413, "body_too_large",
                   "the body has more than " + std::to_string(limits.body_bytes) + " bytes");
  }
  if (error == http::error::bad_version) {
    return Problem(505, "http_version", "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  const auto& of_http = http::make_error_code(http::error::end_of_stream).category();
  if (error.category() != of_http || error == http::error::end_of_stream) return std::nullopt;
  return Problem(400, "malformed_request", "not a request of HTTP/1.1: " + error.message());
}

}  // namespace

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

Awaitable<void> Worker::State::Serve(Socket accepted) {
  Connection connection(std::move(accepted),
                        size_t{limits.header_bytes} + limits.body_bytes + kBufferSlackBytes);
  const Listed listed(*this, connection);
  while (co_await AwaitRequest(connection)) {
    if (co_await ServeOne(connection)) continue;
    if (connection.closing) co_await Linger(connection);
    break;
  }
}

Awaitable<void> Worker::State::Refuse(Socket accepted) {
  Connection connection(std::move(accepted), kFirstReadBytes);
  const Listed listed(*this, connection);
  connection.closing = true;
  const HttpResponse response =
      Problem(503, "too_many_connections", "the server has as many connections as it may have");
  co_await Respond(connection, response);
  co_await Linger(connection);
}

// Until at least a byte of a request is in the buffer. False when none will come.
Awaitable<bool> Worker::State::AwaitRequest(Connection& connection) {
  if (connection.buffer.size() > 0) co_return true;
  connection.Enter(Phase::kIdle, draining ? kDrainIdleMs : limits.idle_ms);
  const auto space = connection.buffer.prepare(kFirstReadBytes);
  const auto result = co_await connection.socket.async_read_some(space, kToken);
  if (std::get<0>(result)) co_return false;
  connection.buffer.commit(std::get<1>(result));
  co_return true;
}

// Reads and answers one request. False when it was the last of the connection.
Awaitable<bool> Worker::State::ServeOne(Connection& connection) {
  connection.Enter(Phase::kBusy, limits.header_ms);
  Parser parser;
  parser.header_limit(limits.header_bytes);
  parser.body_limit(limits.body_bytes);
  const auto head =
      co_await http::async_read_header(connection.socket, connection.buffer, parser, kToken);
  HttpRequest& request = connection.request;
  Fill(request, parser);
  if (const error_code error = std::get<0>(head); error) {
    const auto refusal = RefuseUnread(error, connection.expired, limits);
    if (!refusal) co_return false;
    connection.closing = true;
    co_return co_await Respond(connection, *refusal);
  }
  const int minor_version = static_cast<int>(parser.get().version()) - 10;
  const HeadCheck check = CheckHead(request, minor_version, limits);
  connection.closing = minor_version == 0 || !parser.get().keep_alive() || check.refusal;
  if (check.refusal) co_return co_await Respond(connection, *check.refusal);

  if (!parser.is_done()) {
    const auto read = co_await ReadBody(connection, parser, check.framing);
    if (read == BodyRead::kLost) co_return false;
    if (read == BodyRead::kLate) {
      connection.closing = true;
      co_return co_await Respond(connection, TooLate());
    }
    request.body = parser.get().body();
  }
  if (draining || ++connection.served >= limits.requests_per_connection) connection.closing = true;
  Answering answering{session, service, draining};
  Reply reply = Answer(request, answering);
  if (const HttpResponse* response = std::get_if<HttpResponse>(&reply)) {
    co_return co_await Respond(connection, *response);
  }
  co_return co_await RespondLater(connection, reply);
}

// ---- answers that come later --------------------------------------------------------------------

Awaitable<bool> Worker::State::RespondLater(Connection& connection, Reply& reply) {
  std::optional<HttpResponse> response;
  if (waiting >= kMaxWaiting) {
    response = Problem(503, "too_many_waiting", "too many requests wait already; ask again later");
  } else {
    ++waiting;
    connection.deadline = Clock::time_point::max();
    if (const Later* later = std::get_if<Later>(&reply)) {
      co_await AwaitAnswer(connection, *later, response);
    } else {
      const Watch& watch = std::get<Watch>(reply);
      co_await AwaitEvent(connection, watch, response);
    }
    --waiting;
  }
  if (!response) co_return false;
  if (draining) connection.closing = true;
  co_return co_await Respond(connection, *response);
}

// Nothing in `response` only when the connection was cut.
Awaitable<void> Worker::State::AwaitAnswer(Connection& connection, const Later& later,
                                           std::optional<HttpResponse>& response) {
  Timer timer(context);
  timer.expires_at(Clock::time_point::max());
  const auto pending = std::make_shared<Pending>();
  pending->timer = connection.waiting = &timer;
  // Through the mailbox even from this thread, so that the timer is being waited for by then.
  later.start([box = mailbox, pending](HttpResponse made) {
    box->Post([pending, made = std::move(made)] {
      pending->response = made;
      if (pending->timer != nullptr) pending->timer->cancel();
    });
  });
  while (!pending->response && !connection.cut) co_await timer.async_wait(kToken);
  pending->timer = connection.waiting = nullptr;
  response = std::move(pending->response);
}

Awaitable<void> Worker::State::AwaitEvent(Connection& connection, const Watch& watch,
                                          std::optional<HttpResponse>& response) {
  Timer timer(context);
  connection.waiting = &timer;
  const auto end = Clock::now() + std::chrono::milliseconds(watch.wait_ms);
  while (true) {
    Answering answering{session, service, draining};
    response = watch.look(answering, draining || Clock::now() >= end);
    if (response || connection.cut) break;
    timer.expires_after(std::chrono::milliseconds(kSweepMs));
    co_await timer.async_wait(kToken);
  }
  connection.waiting = nullptr;
}

Awaitable<BodyRead> Worker::State::ReadBody(Connection& connection, Parser& parser,
                                            const Framing& framing) {
  if (framing.expects_continue && connection.buffer.size() == 0) {
    if (!HasEndpoint(connection.request.method, connection.request.target)) {
      // The refusal needs no body, and after it the caller may or may not send one.
      connection.closing = true;
      co_return BodyRead::kNotWanted;
    }
    connection.Enter(Phase::kBusy, limits.write_ms);
    const auto go_on = asio::buffer(kContinue);
    const auto written = co_await asio::async_write(connection.socket, go_on, kToken);
    if (std::get<0>(written)) co_return BodyRead::kLost;
  }
  connection.Enter(Phase::kBusy, limits.body_ms);
  const auto read = co_await http::async_read(connection.socket, connection.buffer, parser, kToken);
  if (!std::get<0>(read)) co_return BodyRead::kWhole;
  co_return connection.expired ? BodyRead::kLate : BodyRead::kLost;
}

// Writes the answer in one piece. False when the connection is to be closed.
Awaitable<bool> Worker::State::Respond(Connection& connection, const HttpResponse& response) {
  Envelope envelope;
  envelope.request_id = EchoedRequestId(connection.request);
  envelope.date = date;
  envelope.close = connection.closing;
  envelope.without_body = connection.request.method == "HEAD";
  connection.out.clear();
  AppendResponse(response, envelope, connection.out);
  connection.Enter(Phase::kBusy, limits.write_ms);
  const auto bytes = asio::buffer(connection.out);
  const auto written = co_await asio::async_write(connection.socket, bytes, kToken);
  co_return !std::get<0>(written) && !connection.closing;
}

// After a last answer: a socket that is closed with unread bytes resets the connection, and the
// answer with it. So the peer's bytes are read and thrown away until it has read ours.
Awaitable<void> Worker::State::Linger(Connection& connection) {
  error_code ignored;
  connection.socket.shutdown(Socket::shutdown_send, ignored);
  connection.Enter(Phase::kClosing, draining ? kDrainIdleMs : kLingerMs);
  for (size_t total = 0; total < kLingerBytes;) {
    connection.buffer.clear();
    const auto space = connection.buffer.prepare(kFirstReadBytes);
    const auto read = co_await connection.socket.async_read_some(space, kToken);
    if (std::get<0>(read)) break;
    total += std::get<1>(read);
  }
}

// ---- deadlines ----------------------------------------------------------------------------------

Awaitable<void> Worker::State::Sweep() {
  Timer timer(context);
  while (!draining || live > 0) {
    Tick();
    timer.expires_after(std::chrono::milliseconds(kSweepMs));
    co_await timer.async_wait(kToken);
  }
}

void Worker::State::Tick() {
  const Clock::time_point now = Clock::now();
  const bool is_over = draining && now >= drain_end;
  for (Connection& connection : connections) {
    error_code ignored;
    if (is_over) {
      connection.socket.close(ignored);
      connection.cut = true;
      if (connection.waiting != nullptr) connection.waiting->cancel();
    } else if (connection.deadline <= now) {
      // Again at each tick: an operation that had just ended was not cancelled by the last one.
      connection.expired = true;
      connection.socket.cancel(ignored);
    }
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  if (seconds == date_seconds) return;
  date_seconds = seconds;
  date = HttpDate(seconds);
  // Once a second an idle worker goes to the newest revision, so that it pins no old pages of the
  // store. What goes wrong here goes wrong for the next request too, and is told there.
  static_cast<void>(session.Refresh());
}

// ---- the worker from outside --------------------------------------------------------------------

Worker::Worker(engine::Session session, Service& service, const Limits& limits,
               std::atomic<uint32_t>& open_connections)
    : state_(std::make_unique<State>(std::move(session), service, limits, open_connections)) {}

Worker::~Worker() = default;

void Worker::Run() {
  State& state = *state_;
  asio::co_spawn(state.context, state.Sweep(), asio::detached);
  state.thread = std::thread([&state] {
    while (true) {
      try {
        state.context.run();
        return;
      } catch (const std::exception& fault) {
        // Memory for a connection could not be had; the others go on.
        Log(LogLevel::kError, "connection_failed", {{"fault", fault.what()}});
      }
    }
  });
}

void Worker::Adopt(int descriptor, Welcome welcome) {
  State& state = *state_;
  asio::post(state.context, [&state, descriptor, welcome] {
    Socket socket(state.context);
    error_code error;
    // The family matters to no call that is made on it here.
    socket.assign(asio::ip::tcp::v4(), descriptor, error);
    if (error) {
      ::close(descriptor);
      state.open_connections.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
    ++state.live;
    asio::co_spawn(state.context,
                   welcome == Welcome::kServe ? state.Serve(std::move(socket))
                                              : state.Refuse(std::move(socket)),
                   asio::detached);
  });
}

void Worker::BeginDrain() {
  State& state = *state_;
  asio::post(state.context, [&state] {
    const Clock::time_point now = Clock::now();
    state.draining = true;
    state.drain_end = now + std::chrono::milliseconds(state.limits.drain_ms);
    for (Connection& connection : state.connections) {
      if (connection.phase == Phase::kBusy) continue;
      connection.deadline =
          std::min(connection.deadline, now + std::chrono::milliseconds(kDrainIdleMs));
    }
  });
}

void Worker::Join() {
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace portvakt::server
