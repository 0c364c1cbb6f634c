// What needs no socket: addresses to listen on, dates, the head's checks and answers as bytes.
#include "server/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/listener.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, TakesLoopbackAddresses) {
  struct Row {
    std::string text;
    std::string host;
    uint16_t port;
    bool is_v6;
  };
  const Row rows[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080, false},
      {"127.9.8.7:0", "127.9.8.7", 0, false},
      {"localhost:1", "127.0.0.1", 1, false},
      {"[::1]:65535", "::1", 65535, true},
  };
  for (const Row& row : rows) {
    const auto address = ParseListenAddress(row.text);
    ASSERT_TRUE(address.ok()) << address.error().message;
    EXPECT_EQ(address.value().host, row.host);
    EXPECT_EQ(address.value().port, row.port);
    EXPECT_EQ(address.value().is_v6, row.is_v6);
  }
}

TEST(ListenAddress, RefusesWhatIsNoAddressAndSaysWhy) {
  const std::pair<std::string, std::string> rows[] = {
      {"", "ADDRESS:PORT"},
      {"8080", "ADDRESS:PORT"},
      {"127.0.0.1", "ADDRESS:PORT"},
      {":8080", "in numbers"},
      {"127.0.0.1:", "port"},
      {"127.0.0.1:65536", "port"},
      {"127.0.0.1:-1", "port"},
      {"127.0.0.1:80x", "port"},
      {"127.0.0.1: 80", "port"},
      {"127.0.0.01:80", "in numbers"},
      {"example.com:80", "in numbers"},
      {"::1:80", "in numbers"},
      {"[127.0.0.1]:80", "in numbers"},
  };
  for (const auto& [text, reason] : rows) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.error().code, engine::Error::Code::kInvalid);
    EXPECT_THAT(address.error().message, HasSubstr(reason)) << text;
  }
}

TEST(HttpDate, IsWrittenAsTheStandardWants) {
  EXPECT_EQ(HttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(HttpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(1709164799), "Wed, 28 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(HttpDate(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(AppendResponse, WritesOneMessage) {
  HttpResponse response;
  response.body = "{}";
  response.fields.emplace_back("Portvakt-Revision", "7");
  Envelope envelope;
  envelope.date = "now";
  envelope.request_id = "id";
  envelope.close = true;
  std::string out = "before|";
  AppendResponse(response, envelope, out);
  EXPECT_EQ(out,
            "before|HTTP/1.1 200 OK\r\n"
            "Date: now\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 2\r\n"
            "Portvakt-Revision: 7\r\n"
            "X-Request-ID: id\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n"
            "\r\n"
            "{}");
}

TEST(CheckHead, ReadsTheLengthAsTextOnlyOnce) {
  Limits limits;
  HttpRequest head;
  head.fields = {{"hOST", "a"}, {"content-length", "00012"}};
  const HeadCheck check = CheckHead(head, 1, limits);
  EXPECT_FALSE(check.refusal);
  EXPECT_EQ(check.framing.content_length, 12u);
  for (const std::string_view length :
       {"1,1", "1 1", "0x1", "1.0", "", "-1", "+1", "1;", "\xD9\xA1"}) {
    head.fields[1].second = length;
    ASSERT_TRUE(CheckHead(head, 1, limits).refusal) << length;
    EXPECT_EQ(CheckHead(head, 1, limits).refusal->status, 400) << length;
  }
  head.fields[1].second = "18446744073709551616";
  EXPECT_EQ(CheckHead(head, 1, limits).refusal->status, 413);
}

}  // namespace
}  // namespace portvakt::server
