// The only file of the command that knows the HTTP library. Each step is an asynchronous operation
// that is run to its end, because only those heed a deadline.
#include "cli/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>

#include "server/listener.h"

namespace portvakt::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

struct HttpClient::State {
  std::string host;
  uint16_t port = 0;
  asio::io_context context{1};
  std::optional<beast::tcp_stream> stream;
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

  error_code Connect() {
    buffer.clear();
    stream.emplace(context);
    stream->expires_after(std::chrono::seconds(kExchangeSeconds));
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return error;
    return Run([&](auto done) {
      stream->async_connect(asio::ip::tcp::endpoint(address, port), std::move(done));
    });
  }

  error_code Ask(const HttpExchange& exchange, HttpAnswer& answer) {
    http::request<http::string_body> request;
    request.method_string(exchange.method);
    request.target(exchange.target);
    request.version(11);
    request.set(http::field::host, host + ":" + std::to_string(port));
    for (const auto& [name, value] : exchange.fields) request.set(name, value);
    if (!exchange.body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = exchange.body;
    request.prepare_payload();
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerBytes);
    stream->expires_after(std::chrono::seconds(kExchangeSeconds));
    error_code error =
        Run([&](auto done) { http::async_write(*stream, request, std::move(done)); });
    if (error) return error;
    error = Run([&](auto done) { http::async_read(*stream, buffer, parser, std::move(done)); });
    if (error) return error;
    answer.status = parser.get().result_int();
    answer.body = std::move(parser.get().body());
    if (!parser.keep_alive()) stream.reset();
    return {};
  }
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;

engine::Result<std::unique_ptr<HttpClient>> HttpClient::Open(std::string_view url) {
  const engine::Error wrong{
      engine::Error::Code::kInvalid,
      "`" + std::string(url) + "` is no server; write http://127.0.0.1:8080, a loopback address"};
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return wrong;
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const auto address = server::ParseListenAddress(url);
  if (!address || address.value().port == 0) return wrong;
  auto state = std::make_unique<State>();
  state->host = address.value().host;
  state->port = address.value().port;
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

engine::Result<HttpAnswer> HttpClient::Exchange(const HttpExchange& exchange) {
  HttpAnswer answer;
  error_code error;
  if (!state_->stream) error = state_->Connect();
  if (!error) error = state_->Ask(exchange, answer);
  if (!error) return answer;
  state_->stream.reset();
  return engine::Error{engine::Error::Code::kIo, "the server at " + state_->host + ":" +
                                                     std::to_string(state_->port) +
                                                     " does not answer: " + error.message()};
}

}  // namespace portvakt::cli
