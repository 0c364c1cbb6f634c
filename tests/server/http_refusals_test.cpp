// What proxies and attackers send, one request a connection: framing, heads and targets, what comes
// back, and that nothing hides behind a refusal and the next request is served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/server/http_fixture.h"

namespace portvakt::server {
namespace {

using std::string_literals::operator""s;

struct Row {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;  // any of these; 0: closed without an answer
  std::string code;           // "": not looked at
};

std::vector<Row> FramingRows(const std::string& body) {
  const std::string length = Length(body);
  const std::string chunked = "5\r\nhello\r\n0\r\n\r\n";
  return {
      {"a good one", Post(length, body), {200}, ""},
      {"chunked", Post("Transfer-Encoding: chunked\r\n", chunked), {411}, "length_required"},
      {"chunked, oddly written", Post("transfer-ENCODING:  Chunked \r\n", chunked), {411}, ""},
      {"gzip coding", Post("Transfer-Encoding: gzip\r\n", body), {411}, "length_required"},
      {"identity coding", Post("Transfer-Encoding: identity\r\n", body), {411}, ""},
      {"chunked, identity", Post("Transfer-Encoding: chunked, identity\r\n", chunked), {411}, ""},
      {"gzip, chunked", Post("Transfer-Encoding: gzip, chunked\r\n", chunked), {411}, ""},
      {"empty coding", Post("Transfer-Encoding:\r\n" + length, body), {400, 411}, ""},
      {"unknown coding and length",
       Post("Transfer-Encoding: xchunked\r\n" + length, body),
       {411},
       ""},
      {"length, then chunked",
       Post(length + "Transfer-Encoding: chunked\r\n", chunked),
       {400, 411},
       ""},
      {"chunked, then length",
       Post("Transfer-Encoding: chunked\r\n" + length, chunked),
       {400, 411},
       ""},
      {"chunked twice",
       Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked),
       {400, 411},
       ""},
      {"a space before the colon",
       Post("Transfer-Encoding : chunked\r\n" + length, body),
       {400},
       ""},
      {"two different lengths", Post(length + "Content-Length: 1\r\n", body), {400}, ""},
      {"the same length twice", Post(length + length, body), {400}, ""},
      {"a list of lengths", Post("Content-Length: 5, 5\r\n", "hello"), {400}, ""},
      {"a negative length", Post("Content-Length: -1\r\n", body), {400}, ""},
      {"a signed length", Post("Content-Length: +5\r\n", "hello"), {400}, ""},
      {"a hexadecimal length", Post("Content-Length: 0x5\r\n", "hello"), {400}, ""},
      {"an empty length", Post("Content-Length:\r\n", body), {400}, ""},
      {"a length beyond 64 bits",
       Post("Content-Length: 99999999999999999999\r\n", body),
       {400, 413},
       ""},
      {"a length over the limit",
       Post("Content-Length: 1048577\r\n", body),
       {413},
       "body_too_large"},
      {"no length", Post("", ""), {400}, "malformed_json"},
      {"length zero", Post("Content-Length: 0\r\n", ""), {400}, "malformed_json"},
  };
}

std::vector<Row> HeadRows(const std::string& body) {
  const std::string length = Length(body);
  return {
      {"no Host", Get("/healthz", ""), {400}, "bad_host"},
      {"two Hosts", Get("/healthz", "Host: a\r\nHost: a\r\n"), {400}, "bad_host"},
      {"an empty Host", Get("/healthz", "Host:\r\n"), {400}, "bad_host"},
      {"a Host with a space", Get("/healthz", "Host: a b\r\n"), {400}, "bad_host"},
      {"a Host with a path", Get("/healthz", "Host: a/b\r\n"), {400}, "bad_host"},
      {"a Host with a user", Get("/healthz", "Host: b@a\r\n"), {400}, "bad_host"},
      {"a Host with a port", Get("/healthz", "Host: [::1]:80\r\n"), {200}, ""},
      {"HTTP/1.0 without Host", "GET /healthz HTTP/1.0\r\n\r\n", {200}, ""},
      {"HTTP/1.0 with two Hosts",
       "GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
       {400},
       "bad_host"},
      {"HTTP/1.0 with a body",
       "POST /access/v1/evaluation HTTP/1.0\r\n" + length +
           "Content-Type: application/json\r\n\r\n" + body,
       {200},
       ""},
      {"HTTP/1.0 chunked",
       "POST /access/v1/evaluation HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400, 411},
       ""},
      {"HTTP/1.2", "GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n", {505}, "http_version"},
      {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}, "http_version"},
      {"HTTP/0.9", "GET /healthz\r\n\r\n", {400, 505}, ""},
      {"no version", "GET /healthz \r\nHost: a\r\n\r\n", {400, 505}, ""},
      {"lower-case version", "GET /healthz http/1.1\r\nHost: a\r\n\r\n", {400, 505}, ""},
      {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, {400}, ""},
      {"nonsense", "\r\n\x01\x02\x03\r\n\r\n", {400}, ""},
      {"line feeds alone", "GET /healthz HTTP/1.1\nHost: a\n\n", {400, 505}, ""},
      {"NUL in the target", "GET /heal\0thz HTTP/1.1\r\nHost: a\r\n\r\n"s, {400}, ""},
      {"NUL in a field", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, {400}, ""},
      {"a control character in a field", Get("/healthz", "Host: a\r\nX: a\x01\r\n"), {400}, ""},
      {"a carriage return in a field", Get("/healthz", "Host: a\r\nX: a\rb\r\n"), {400}, ""},
      {"a field without a name", Get("/healthz", "Host: a\r\n: x\r\n"), {400}, ""},
      {"a field without a colon", Get("/healthz", "Host: a\r\nnothing\r\n"), {400}, ""},
      {"a space in a field's name", Get("/healthz", "Host: a\r\nX Y: z\r\n"), {400}, ""},
      {"a tab in the request line", "GET\t/healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}, ""},
      {"two spaces in the request line", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}, ""},
      {"a target without a slash", Get("healthz"), {400}, "bad_target"},
      {"an absolute target", Get("http://a/healthz"), {400}, "bad_target"},
      {"a star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {400}, "bad_target"},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", {400}, "bad_target"},
      {"a head over the limit",
       Get("/healthz", "Host: a\r\nX: " + std::string(20'000, 'x') + "\r\n"),
       {431},
       "header_too_large"},
      {"a target over the limit", Get("/" + std::string(9'000, 'x')), {414}, "target_too_long"},
      {"a target over all limits", Get("/" + std::string(20'000, 'x')), {414}, "target_too_long"},
      {"fields over the limit",
       Get("/healthz",
           [] {
             std::string fields = "Host: a\r\n";
             for (int number = 0; number < 2000; ++number) fields += "X: y12345678\r\n";
             return fields;
           }()),
       {431},
       "header_too_large"},
      {"an expectation we do not know",
       Post("Expect: 200-ok\r\n" + length, body),
       {417},
       "bad_expectation"},
  };
}

std::vector<Row> RoutingRows(const std::string& body) {
  const std::string length = Length(body);
  const auto with = [&](const char* method, const char* target) {
    return std::string(method) + " " + target + " HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + body;
  };
  return {
      {"the root", Get("/"), {404}, "no_such_endpoint"},
      {"a trailing slash", Get("/healthz/"), {404}, ""},
      {"a doubled slash", Get("//healthz"), {404}, ""},
      {"dots", Get("/x/../healthz"), {404}, ""},
      {"percent signs", Get("/%68ealthz"), {404}, ""},
      {"other letter case", Get("/Healthz"), {404}, ""},
      {"a query", Get("/healthz?x=1"), {200}, ""},
      {"a fragment", Get("/healthz#x"), {400, 404}, ""},
      {"GET where POST is", Get("/access/v1/evaluation"), {405}, "method_not_allowed"},
      {"PUT where POST is", with("PUT", "/access/v1/evaluations"), {405}, "method_not_allowed"},
      {"DELETE where POST is", with("DELETE", "/access/v1/evaluation"), {405}, ""},
      {"a method of one's own", with("EVALUATE", "/access/v1/evaluation"), {405}, ""},
      {"a lower-case method", with("post", "/access/v1/evaluation"), {405}, ""},
      {"POST where GET is", with("POST", "/healthz"), {405}, "method_not_allowed"},
      {"GET with a body", with("GET", "/healthz"), {200}, ""},
      {"no content type", with("POST", "/access/v1/evaluation"), {400}, "wrong_content_type"},
      {"a batch",
       "POST /access/v1/evaluations HTTP/1.1\r\nHost: a\r\nContent-Type: "
       "application/json\r\n" +
           length + "\r\n" + body,
       {200},
       ""},
  };
}

TEST_F(HttpTest, TakesAnythingAndServesTheNext) {
  Start();
  const std::string body = EvaluationBody("read");
  for (const auto& rows : {FramingRows(body), HeadRows(body), RoutingRows(body)}) {
    for (const Row& row : rows) {
      TestConnection connection(port());
      connection.Send(row.bytes);
      const auto response = connection.Read();
      ASSERT_TRUE(response) << row.name << ": " << connection.received();
      EXPECT_THAT(row.statuses, testing::Contains(response->status))
          << row.name << ": " << response->body;
      if (!row.code.empty()) {
        EXPECT_EQ(CodeOf(*response), row.code) << row.name;
      }
      if (response->status >= 400) {
        EXPECT_EQ(response->Field("Content-Type"), "application/problem+json") << row.name;
      }
      if (response->status == 405) {
        EXPECT_TRUE(response->Field("Allow")) << row.name;
      }
      // After a refusal of the framing nothing that follows may be read as a request.
      const bool is_framing = response->status == 411 || response->status == 413 ||
                              response->status == 414 || response->status == 431 ||
                              response->status == 505;
      if (is_framing || response->Field("Connection")) {
        EXPECT_EQ(response->Field("Connection"), "close") << row.name;
        EXPECT_TRUE(connection.AtEnd()) << row.name << ": " << connection.received();
      }
      ExpectServed(row.name);
    }
  }
}

// A request hidden behind another must not be answered, unless the first is done with for sure.
TEST_F(HttpTest, AnswersNoRequestThatIsHiddenInABody) {
  Start();
  const std::string hidden = Get("/healthz");
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"gzip hides", Post("Transfer-Encoding: gzip\r\n", hidden)},
      {"identity hides", Post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + hidden)},
      {"chunked hides", Post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)},
      {"length and chunked",
       Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)},
      {"two lengths", Post("Content-Length: 0\r\nContent-Length: 44\r\n", hidden)},
      {"a list of lengths", Post("Content-Length: 0, 44\r\n", hidden)},
      {"no Host", "POST /access/v1/evaluation HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + hidden},
      {"too long", Post("Content-Length: 9999999\r\n", hidden)},
      {"too long a head",
       Get("/healthz", "Host: a\r\nX: " + std::string(20'000, 'x') + "\r\n") + hidden},
      {"HTTP/1.0", "POST /access/v1/evaluation HTTP/1.0\r\nContent-Length: 0\r\n\r\n" + hidden},
  };
  for (const auto& [name, bytes] : rows) {
    TestConnection connection(port());
    connection.Send(bytes);
    const auto response = connection.Read();
    ASSERT_TRUE(response) << name;
    EXPECT_EQ(response->Field("Connection"), "close") << name;
    EXPECT_TRUE(connection.AtEnd()) << name << ": " << connection.received();
  }
}

}  // namespace
}  // namespace portvakt::server
