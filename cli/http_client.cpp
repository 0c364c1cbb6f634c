// The only file of the command that knows the HTTP library. Each step is an asynchronous operation
// that is run to its end, because only those heed a deadline.
#include "cli/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <chrono>
#include <optional>

#include "server/listener.h"

namespace portvakt::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

// The servers of one URL.
struct Place {
  bool over_tls = false;
  std::string host;  // without brackets
  std::string port;
};

bool IsPort(const std::string& text) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && port > 0 &&
         port <= 65535;
}

// Letters of names and addresses: nothing that could steer a header or hide a user.
bool IsHost(std::string_view text) {
  constexpr std::string_view kTaken =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";
  return !text.empty() && text.find_first_not_of(kTaken) == std::string_view::npos;
}

std::optional<Place> SecurePlace(std::string_view rest) {
  Place place{true, "", "443"};
  const bool bracketed = rest.starts_with('[');
  const size_t end = bracketed ? rest.find(']') : rest.find(':');
  place.host = std::string(rest.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0)));
  std::string_view after = end == std::string_view::npos ? "" : rest.substr(end + bracketed);
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  if (after.starts_with(':')) {
    place.port = std::string(after.substr(1));
  } else if (!after.empty()) {
    return std::nullopt;
  }
  return IsHost(place.host) && IsPort(place.port) ? std::optional(place) : std::nullopt;
}

std::optional<Place> PlaceOf(std::string_view url) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kSecure = "https://";
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.starts_with(kSecure)) return SecurePlace(url.substr(kSecure.size()));
  if (!url.starts_with(kPlain)) return std::nullopt;
  const auto address = server::ParseListenAddress(url.substr(kPlain.size()));
  if (!address || address.value().port == 0 || !address.value().is_loopback) return std::nullopt;
  return Place{false, address.value().host, std::to_string(address.value().port)};
}

}  // namespace

struct HttpClient::State {
  using Secure = ssl::stream<beast::tcp_stream>;

  Place place;
  std::string credential;
  asio::io_context context{1};
  std::optional<ssl::context> trust;
  std::optional<beast::tcp_stream> plain;  // one of the two, while connected
  std::optional<Secure> secure;
  beast::flat_buffer buffer;

  // Starts an operation with a handler of its result, and waits for it.
  template <class Start>
  error_code Run(const Start& start) {
    error_code result;
    start([&result](const error_code& error, auto&&...) { result = error; });
    context.restart();
    context.run();
    return result;
  }

  bool connected() const { return plain || secure; }
  beast::tcp_stream& lowest() { return secure ? secure->next_layer() : *plain; }
  void Disconnect() {
    plain.reset();
    secure.reset();
  }
  void StartClock() { lowest().expires_after(std::chrono::seconds(kExchangeSeconds)); }

  error_code Connect() {
    buffer.clear();
    error_code error;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(place.host, place.port, error);
    if (error) return error;
    if (!place.over_tls) {
      plain.emplace(context);
      StartClock();
      return Run([&](auto done) { plain->async_connect(found, std::move(done)); });
    }
    secure.emplace(context, *trust);
    secure->set_verify_callback(ssl::host_name_verification(place.host));
    asio::ip::make_address(place.host, error);
    // Only names are told before the handshake, never addresses (RFC 6066).
    if (error && SSL_set_tlsext_host_name(secure->native_handle(), place.host.c_str()) != 1) {
      return error_code(asio::error::no_memory);
    }
    StartClock();
    error = Run([&](auto done) { lowest().async_connect(found, std::move(done)); });
    if (error) return error;
    return Run([&](auto done) { secure->async_handshake(Secure::client, std::move(done)); });
  }

  error_code Ask(const HttpExchange& exchange, HttpAnswer& answer) {
    return secure ? AskOver(*secure, exchange, answer) : AskOver(*plain, exchange, answer);
  }

  template <class Stream>
  error_code AskOver(Stream& stream, const HttpExchange& exchange, HttpAnswer& answer) {
    http::request<http::string_body> request;
    request.method_string(exchange.method);
    request.target(exchange.target);
    request.version(11);
    request.set(http::field::host, Written());
    if (!credential.empty()) request.set(http::field::authorization, "Bearer " + credential);
    for (const auto& [name, value] : exchange.fields) request.set(name, value);
    if (!exchange.body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = exchange.body;
    request.prepare_payload();
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerBytes);
    StartClock();
    error_code error = Run([&](auto done) { http::async_write(stream, request, std::move(done)); });
    if (error) return error;
    error = Run([&](auto done) { http::async_read(stream, buffer, parser, std::move(done)); });
    if (error) return error;
    answer.status = parser.get().result_int();
    answer.body = std::move(parser.get().body());
    if (!parser.keep_alive()) Disconnect();
    return {};
  }

  // The place as a URL has it.
  std::string Written() const {
    const bool is_v6 = place.host.find(':') != std::string::npos;
    return (is_v6 ? "[" + place.host + "]" : place.host) + ":" + place.port;
  }
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;

engine::Result<std::unique_ptr<HttpClient>> HttpClient::Open(std::string_view url,
                                                             const HttpAccess& access) {
  const auto invalid = [](std::string message) {
    return engine::Error{engine::Error::Code::kInvalid, std::move(message)};
  };
  const auto place = PlaceOf(url);
  if (!place) {
    return invalid("`" + std::string(url) +
                   "` is no server; write http://127.0.0.1:8080, a loopback address, or "
                   "https://pdp.example.com");
  }
  auto state = std::make_unique<State>();
  state->place = *place;
  state->credential = access.credential;
  if (place->over_tls) {
    error_code error;
    ssl::context& trust = state->trust.emplace(ssl::context::tls_client);
    trust.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, error);
    trust.set_verify_mode(ssl::verify_peer, error);
    if (access.authorities.empty()) {
      trust.set_default_verify_paths(error);
    } else {
      trust.load_verify_file(access.authorities, error);
    }
    if (error) return invalid(access.authorities + ": no certificates there: " + error.message());
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

engine::Result<HttpAnswer> HttpClient::Exchange(const HttpExchange& exchange) {
  HttpAnswer answer;
  error_code error;
  if (!state_->connected()) error = state_->Connect();
  if (!error) error = state_->Ask(exchange, answer);
  if (!error) return answer;
  state_->Disconnect();
  return engine::Error{engine::Error::Code::kIo, "the server at " + state_->Written() +
                                                     " does not answer: " + error.message()};
}

}  // namespace portvakt::cli
