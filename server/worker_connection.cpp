// A connection is one coroutine: wait for a byte, read the head, check it, read the body, answer,
// again; over the plain socket or over TLS.
//
// The compiler destroys twice what an operand of co_await holds of capturing lambdas and aggregate
// temporaries, so these operands name locals and plain classes only.
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <tuple>
#include <type_traits>

#include "server/handlers.h"
#include "server/observe.h"
#include "server/worker_state.h"

namespace portvakt::server {
namespace {

// Bytes asked for while waiting for a request: most fit whole.
constexpr size_t kFirstReadBytes = 4096;
// Bytes asked for at once of a body.
constexpr size_t kBodyReadBytes = 64u << 10;
// What a connection may buffer beyond a head and a body: the beginnings of pipelined requests.
constexpr size_t kBufferSlackBytes = 64u << 10;
// What an idle connection keeps of its buffers' memory.
constexpr size_t kKeptBytes = 16u << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

HttpResponse TooLate() { return Problem(408, "too_slow", "the request did not arrive in time"); }

HttpResponse CutShort() {
  return Problem(400, "malformed_request", "the request ends before its head does");
}

HttpResponse Busy() {
  HttpResponse response =
      Problem(503, "too_busy", "the server has as many requests in flight as it may have");
  response.fields.emplace_back("Retry-After", "1");
  return response;
}

HttpResponse Crowded(Occupancy::Welcome welcome) {
  if (welcome == Occupancy::Welcome::kTooMany) {
    return Problem(503, "too_many_connections",
                   "the server has as many connections as it may have");
  }
  return Problem(503, "too_many_connections_from_address",
                 "this address has as many connections as one address may have");
}

std::string_view Unread(const Connection& connection) {
  const auto bytes = connection.buffer.data();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

void ReleaseSpare(Connection& connection) {
  if (connection.buffer.capacity() > kKeptBytes) connection.buffer.shrink_to_fit();
  if (connection.out.capacity() > kKeptBytes) std::string().swap(connection.out);
}

}  // namespace

Awaitable<void> Worker::State::Serve(Socket accepted, Peer peer, Occupancy::Place place) {
  Connection connection(std::move(accepted), std::move(peer), limits,
                        size_t{limits.header_bytes} + limits.body_bytes + kBufferSlackBytes);
  const Listed listed(*this, connection);
  if (tls != nullptr) {
    co_await ServeTls(connection, place.welcome());
  } else {
    co_await Converse(connection, connection.socket, place.welcome());
  }
}

Awaitable<void> Worker::State::ServeTls(Connection& connection, Occupancy::Welcome welcome) {
  ssl_st* const own_end = tls->NewConnection();
  if (own_end == nullptr) co_return;
  TlsStream stream(connection.socket, own_end);
  connection.Enter(Phase::kIdle, draining ? kDrainIdleMs : limits.handshake_ms);
  const auto shaken = co_await stream.async_handshake(TlsStream::server, kToken);
  if (std::get<0>(shaken)) co_return;
  connection.peer.over_tls = true;
  connection.peer.certificate_subject = CertificateSubject(own_end);
  co_await Converse(connection, stream, welcome);
}

template <class Stream>
Awaitable<void> Worker::State::Converse(Connection& connection, Stream& stream,
                                        Occupancy::Welcome welcome) {
  if (welcome != Occupancy::Welcome::kServe) {
    connection.closing = true;
    const HttpResponse response = Crowded(welcome);
    co_await Respond(connection, stream, response);
  } else {
    while (co_await AwaitRequest(connection, stream)) {
      if (!co_await ServeOne(connection, stream)) break;
    }
  }
  if (connection.closing) co_await Linger(connection, stream);
}

// Until at least a byte of a request is in the buffer. False when none will come.
template <class Stream>
Awaitable<bool> Worker::State::AwaitRequest(Connection& connection, Stream& stream) {
  if (connection.buffer.size() > 0) co_return true;
  ReleaseSpare(connection);
  connection.Enter(Phase::kIdle, draining ? kDrainIdleMs : limits.idle_ms);
  const auto space = connection.buffer.prepare(kFirstReadBytes);
  const auto result = co_await stream.async_read_some(space, kToken);
  if (std::get<0>(result)) {
    // A peer that speaks TLS is told that nothing was cut off.
    if (std::is_same_v<Stream, TlsStream> && connection.expired) connection.closing = true;
    co_return false;
  }
  connection.buffer.commit(std::get<1>(result));
  co_return true;
}

template <class Stream>
Awaitable<error_code> Worker::State::Receive(Connection& connection, Stream& stream, size_t bytes) {
  const auto space = connection.buffer.prepare(bytes);
  const auto result = co_await stream.async_read_some(space, kToken);
  connection.buffer.commit(std::get<1>(result));
  co_return std::get<0>(result);
}

// Reads and answers one request. False when it was the last of the connection.
template <class Stream>
Awaitable<bool> Worker::State::ServeOne(Connection& connection, Stream& stream) {
  connection.Enter(Phase::kBusy, limits.header_ms);
  connection.exchange = Exchange{Clock::now(), {}, nullptr};
  connection.buffer.max_size(size_t{limits.header_bytes} + limits.body_bytes + kBufferSlackBytes);
  HttpRequest& request = connection.request;
  HeadReader::Head head;
  while (true) {
    head = connection.reader.Read(Unread(connection), request);
    connection.buffer.consume(head.used_bytes);
    if (head.is_whole) break;
    const error_code error = co_await Receive(connection, stream, kFirstReadBytes);
    if (!error) continue;
    if (!connection.expired && error != asio::error::eof) co_return false;
    head.refusal = connection.expired ? TooLate() : CutShort();
    break;
  }
  HeadCheck check;
  if (!head.refusal) {
    check = CheckHead(request, head.minor_version, limits);
    head.refusal = std::move(check.refusal);
  }
  Occupancy::Flight flight(occupancy);
  if (!head.refusal && !flight) head.refusal = Busy();
  connection.closing = head.refusal || head.minor_version == 0 || !head.keep_alive;
  if (head.refusal) co_return co_await Respond(connection, stream, *head.refusal);

  const size_t length = check.framing.content_length;
  BodyRead read = BodyRead::kWhole;
  if (connection.buffer.size() < length) {
    read = co_await ReadBody(connection, stream, check.framing);
  }
  if (read == BodyRead::kLost) co_return false;
  std::optional<HttpResponse> response;
  if (read == BodyRead::kLate) {
    connection.closing = true;
    response = TooLate();
  } else {
    if (read == BodyRead::kWhole) request.body = Unread(connection).substr(0, length);
    if (draining || ++connection.served >= limits.requests_per_connection) {
      connection.closing = true;
    }
    Answering answering{session, service, connection.peer, draining, nullptr, {}};
    Reply reply = service.answer(request, answering);
    connection.exchange.endpoint = answering.endpoint;
    connection.exchange.caller = std::move(answering.caller);
    if (HttpResponse* made = std::get_if<HttpResponse>(&reply)) {
      response = std::move(*made);
    } else {
      // Those that wait have a limit of their own.
      flight.Leave();
      co_await AwaitReply(connection, reply, response);
      if (draining) connection.closing = true;
    }
  }
  if (!response) co_return false;
  const bool goes_on = co_await Respond(connection, stream, *response);
  connection.buffer.consume(length);
  co_return goes_on;
}

template <class Stream>
Awaitable<BodyRead> Worker::State::ReadBody(Connection& connection, Stream& stream,
                                            const Framing& framing) {
  if (framing.expects_continue && connection.buffer.size() == 0) {
    if (!HasEndpoint(connection.request.method, connection.request.target)) {
      // The refusal needs no body, and after it the caller may or may not send one.
      connection.closing = true;
      co_return BodyRead::kNotWanted;
    }
    connection.Enter(Phase::kBusy, limits.write_ms);
    const auto go_on = asio::buffer(kContinue);
    const auto written = co_await asio::async_write(stream, go_on, kToken);
    if (std::get<0>(written)) co_return BodyRead::kLost;
  }
  connection.Enter(Phase::kBusy, limits.body_ms);
  while (connection.buffer.size() < framing.content_length) {
    const size_t missing = framing.content_length - connection.buffer.size();
    const error_code error =
        co_await Receive(connection, stream, std::min(missing, kBodyReadBytes));
    if (error) co_return connection.expired ? BodyRead::kLate : BodyRead::kLost;
  }
  co_return BodyRead::kWhole;
}

// Writes the answer in one piece. False when the connection is to be closed.
template <class Stream>
Awaitable<bool> Worker::State::Respond(Connection& connection, Stream& stream,
                                       const HttpResponse& response) {
  Envelope envelope;
  envelope.request_id = EchoedRequestId(connection.request);
  envelope.date = date;
  envelope.close = connection.closing;
  envelope.without_body = connection.request.method == "HEAD";
  connection.out.clear();
  AppendResponse(response, envelope, connection.out);
  Observe(service, connection.request, connection.peer, connection.exchange, response.status,
          connection.out.size());
  connection.Enter(Phase::kBusy, limits.write_ms);
  const auto bytes = asio::buffer(connection.out);
  const auto written = co_await asio::async_write(stream, bytes, kToken);
  co_return !std::get<0>(written) && !connection.closing;
}

// After a last answer: a socket that is closed with unread bytes resets the connection, and the
// answer with it. So the peer's bytes are read and thrown away until it has read ours.
template <class Stream>
Awaitable<void> Worker::State::Linger(Connection& connection, Stream& stream) {
  error_code ignored;
  connection.Enter(Phase::kClosing, draining ? kDrainIdleMs : kLingerMs);
  if constexpr (std::is_same_v<Stream, TlsStream>) {
    // Says that no more follows, and waits for the other side to say so. One that goes away without
    // has lost nothing: the answer was whole.
    co_await stream.async_shutdown(kToken);
    if (connection.expired) co_return;
  }
  connection.socket.shutdown(Socket::shutdown_send, ignored);
  for (size_t total = 0; total < kLingerBytes;) {
    connection.buffer.clear();
    const auto space = connection.buffer.prepare(kFirstReadBytes);
    const auto read = co_await connection.socket.async_read_some(space, kToken);
    if (std::get<0>(read)) break;
    total += std::get<1>(read);
  }
}

}  // namespace portvakt::server
