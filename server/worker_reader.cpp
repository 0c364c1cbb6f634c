// What the parser found, in our words.
#include "server/worker_reader.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <string>
#include <utility>

namespace portvakt::server {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

HttpResponse Refusal(const error_code& error, bool has_target, const Limits& limits) {
  const std::string most = std::to_string(limits.header_bytes) + " bytes";
  if (error == http::error::header_limit) {
    if (has_target) {
      return Problem(431, "header_too_large", "the request line and fields have more than " + most);
    }
    return Problem(414, "target_too_long", "the request line has more than " + most);
  }
  if (error == http::error::bad_version) {
    return Problem(505, "http_version", "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  return Problem(400, "malformed_request", "not a request of HTTP/1.1: " + error.message());
}

}  // namespace

struct HeadReader::Parser {
  std::optional<http::request_parser<http::empty_body>> of_request;
  bool is_whole = true;
};

HeadReader::HeadReader(const Limits& limits)
    : limits_(limits), parser_(std::make_unique<Parser>()) {}

HeadReader::~HeadReader() = default;

HeadReader::Head HeadReader::Read(std::string_view bytes, HttpRequest& request) {
  auto& parser = parser_->of_request;
  if (std::exchange(parser_->is_whole, false)) {
    request = HttpRequest{{}, {}, std::move(request.fields), {}};
    request.fields.clear();
    parser.emplace();
    parser->header_limit(limits_.header_bytes);
    parser->body_limit(boost::none);  // CheckHead looks at the length
  }
  Head head;
  error_code error;
  head.used_bytes = parser->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::need_more) return head;
  head.is_whole = parser_->is_whole = true;
  const auto& message = parser->get();
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) request.fields.emplace_back(field.name_string(), field.value());
  if (error) {
    head.refusal = Refusal(error, !message.target().empty(), limits_);
  } else {
    head.minor_version = static_cast<int>(message.version()) - 10;
    head.keep_alive = message.keep_alive();
  }
  return head;
}

}  // namespace portvakt::server
