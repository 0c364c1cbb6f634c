// The checks of a request's head, one function each, and the writer of answers.
#include "server/wire.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace portvakt::server {
namespace {

size_t Count(const HttpRequest& head, std::string_view name) {
  return static_cast<size_t>(
      std::count_if(head.fields.begin(), head.fields.end(),
                    [&](const auto& field) { return EqualIgnoringCase(field.first, name); }));
}

bool IsVisible(char letter) { return letter > 0x20 && letter < 0x7F; }

bool IsHostLetter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view("-._~%!$&'()*+;=:[]").find(letter) != std::string_view::npos;
}

std::optional<HttpResponse> CheckHost(const HttpRequest& head, int minor_version) {
  const size_t count = Count(head, "Host");
  if (count == 0 && minor_version == 0) return std::nullopt;
  if (count != 1) {
    return Problem(400, "bad_host",
                   count == 0 ? "the request has no `Host` field"
                              : "the request has more than one `Host` field");
  }
  const std::string_view host = *head.Field("Host");
  if (!host.empty() && std::all_of(host.begin(), host.end(), IsHostLetter)) return std::nullopt;
  return Problem(400, "bad_host", "the `Host` field names no host");
}

std::optional<HttpResponse> CheckLength(const HttpRequest& head, const Limits& limits,
                                        uint64_t& length) {
  const size_t count = Count(head, "Content-Length");
  if (count == 0) return std::nullopt;
  const std::string_view text = *head.Field("Content-Length");
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  if (count > 1 || text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) {
    return Problem(400, "bad_length", "`Content-Length` must stand once and be a number");
  }
  const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
  if (read.ec == std::errc() && length <= limits.body_bytes) return std::nullopt;
  return Problem(413, "body_too_large",
                 "the body has more than " + std::to_string(limits.body_bytes) + " bytes");
}

}  // namespace

HeadCheck CheckHead(const HttpRequest& head, int minor_version, const Limits& limits) {
  HeadCheck check;
  if (head.target.size() > limits.target_bytes) {
    check.refusal = Problem(
        414, "target_too_long",
        "the request target has more than " + std::to_string(limits.target_bytes) + " bytes");
    return check;
  }
  if (Count(head, "Transfer-Encoding") > 0) {
    check.refusal = Problem(411, "length_required",
                            "send the body with `Content-Length`, not with `Transfer-Encoding`");
    return check;
  }
  check.refusal = CheckHost(head, minor_version);
  if (check.refusal) return check;
  check.refusal = CheckLength(head, limits, check.framing.content_length);
  if (check.refusal) return check;
  const std::string_view* expect = head.Field("Expect");
  if (expect == nullptr || minor_version == 0) return check;
  if (EqualIgnoringCase(*expect, "100-continue")) {
    check.framing.expects_continue = true;
  } else {
    check.refusal = Problem(417, "bad_expectation", "only `Expect: 100-continue` is understood");
  }
  return check;
}

std::string_view EchoedRequestId(const HttpRequest& head) {
  const std::string_view* id = head.Field("X-Request-ID");
  if (id == nullptr || id->size() > kMaxRequestIdBytes) return {};
  return std::all_of(id->begin(), id->end(), IsVisible) ? *id : std::string_view();
}

void AppendResponse(const HttpResponse& response, const Envelope& envelope, std::string& out) {
  const auto field = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(StatusText(response.status)).append("\r\n");
  field("Date", envelope.date);
  if (!response.body.empty()) field("Content-Type", response.content_type);
  field("Content-Length", std::to_string(response.body.size()));
  for (const auto& [name, value] : response.fields) field(name, value);
  if (!envelope.request_id.empty()) field("X-Request-ID", envelope.request_id);
  field("Cache-Control", response.cache_control);
  // Answers are data, never pages.
  field("X-Content-Type-Options", "nosniff");
  if (envelope.close) field("Connection", "close");
  out.append("\r\n");
  if (!envelope.without_body) out.append(response.body);
}

std::string HttpDate(int64_t seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  const auto two = [](int number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  return std::string(kDays[parts.tm_wday]) + ", " + two(parts.tm_mday) + " " +
         kMonths[parts.tm_mon] + " " + std::to_string(1900 + parts.tm_year) + " " +
         two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec) + " GMT";
}

}  // namespace portvakt::server
