// HTTP/1.1 on the wire, without a socket: what of a request's head decides how it is read, and
// answers as bytes. Two readers of one request must never disagree about where it ends, so anything
// that could be read in two ways is refused and the connection closed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/limits.h"
#include "server/message.h"

namespace portvakt::server {

struct Framing {
  uint64_t content_length = 0;
  // The caller waits for our word before it sends the body.
  bool expects_continue = false;
};

// Of a head that a parser took; `minor_version` of HTTP/1.x. A refusal ends the connection:
//   400 no Host, more than one, or no host in it (HTTP/1.0: none is fine); a length twice, or not
//       digits alone
//   411 any Transfer-Encoding: only bodies of a known length are read
//   413 a length over the limit
//   414 a request target over the limit
//   417 an expectation other than 100-continue
struct HeadCheck {
  Framing framing;
  std::optional<HttpResponse> refusal;
};
HeadCheck CheckHead(const HttpRequest& head, int minor_version, const Limits& limits);

// The request's id if it may be repeated: visible ASCII, not too long; "" otherwise.
std::string_view EchoedRequestId(const HttpRequest& head);

struct Envelope {
  std::string_view request_id;  // "" for none
  std::string_view date;        // of the Date field
  bool close = false;
  bool without_body = false;  // the answer to HEAD: fields as if the body followed
};
// Appends status line, fields and body.
void AppendResponse(const HttpResponse& response, const Envelope& envelope, std::string& out);

// "Mon, 23 Nov 2026 16:40:34 GMT" of seconds since 1970.
std::string HttpDate(int64_t seconds);

}  // namespace portvakt::server
