// A connection is one coroutine: wait for a byte, read the head, check it, read the body, answer,
// again.
//
// The compiler destroys twice what an operand of co_await holds of capturing lambdas and aggregate
// temporaries, so these operands name locals and plain classes only.
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <tuple>

#include "server/handlers.h"
#include "server/worker_state.h"

namespace portvakt::server {
namespace {

// Bytes asked for while waiting for a request: most fit whole.
constexpr size_t kFirstReadBytes = 4096;
// What a connection may buffer beyond a head and a body: the beginnings of pipelined requests.
constexpr size_t kBufferSlackBytes = 64u << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

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
  Answering answering{session, service, connection.peer, draining, nullptr, {}};
  Reply reply = service.answer(request, answering);
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
    Answering answering{session, service, connection.peer, draining, nullptr, {}};
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

}  // namespace portvakt::server
