// The access log: one line of JSON a request, with nothing that a request's path parameters, query,
// fields or body say but its id and its trace. Written in batches by a thread of its own; what does
// not fit is lost and counted.
//
//   {"time":"2026-11-23T16:40:00.123456Z","method":"POST","endpoint":"/access/v1/evaluation",
//    "status":200,"bytes":187,"duration_us":41.208,"caller":"ledger","peer":"192.0.2.7","tls":true,
//    "request_id":"7f3a","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "server/line_queue.h"
#include "server/setting_fault.h"

namespace portvakt::server {

struct AccessLogOptions {
  enum class To : uint8_t { kOff, kStandardError, kFile };
  To to = To::kOff;
  std::string file;                      // kFile: appended to
  size_t queue_bytes = size_t{4} << 20;  // of lines that wait to be written

  friend bool operator==(const AccessLogOptions&, const AccessLogOptions&) = default;
};

// Views, valid for the call.
struct AccessRecord {
  int64_t instant_us = 0;     // when the answer was ready, since 1970
  std::string_view method;    // as sent; those that are not well known are told as "other"
  std::string_view endpoint;  // of the table of paths; "" for none
  int status = 0;
  uint64_t bytes = 0;        // of the answer, head and body
  uint64_t duration_ns = 0;  // from the request's first byte
  std::string_view caller;   // "" for nobody
  std::string_view peer;     // address without port
  bool over_tls = false;
  std::string_view request_id;  // "" for none, as is the trace
  std::string_view trace_id;
};

// Safe to share between threads.
class AccessLog {
 public:
  // `options.to` is not kOff; `writers`: threads that answer.
  static engine::Result<std::unique_ptr<AccessLog>> Open(const AccessLogOptions& options,
                                                         uint32_t writers);
  // What Open would refuse; nothing is written.
  static SettingFaults Check(const AccessLogOptions& options);
  // Writes what waits.
  ~AccessLog();

  void Take(const AccessRecord& record);
  // The file is opened anew by its name before the next line: it has been moved away.
  void Reopen();
  uint64_t lost_lines() const;

 private:
  struct Target;
  AccessLog(std::unique_ptr<Target> target, const AccessLogOptions& options, uint32_t writers);

  std::unique_ptr<Target> target_;
  LineQueue queue_;  // last: its thread uses the target
};

}  // namespace portvakt::server
