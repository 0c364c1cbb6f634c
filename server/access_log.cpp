// Lines of requests, and the library's sinks that take them.
#include "server/access_log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "server/json_text.h"
#include "server/log.h"
#include "server/writable.h"

namespace portvakt::server {
namespace {

constexpr std::string_view kMethods[] = {"GET",    "HEAD",  "POST",    "PUT",
                                         "DELETE", "PATCH", "OPTIONS", "TRACE"};

void Text(std::string_view member, std::string_view text, std::string& out) {
  out.append(member);
  AppendJsonText(text, out);
}

void AppendLine(const AccessRecord& record, std::string& out) {
  const bool is_known =
      std::find(std::begin(kMethods), std::end(kMethods), record.method) != std::end(kMethods);
  out.append("{\"time\":");
  AppendJsonInstant(record.instant_us, out);
  Text(",\"method\":", is_known ? record.method : "other", out);
  Text(",\"endpoint\":", record.endpoint, out);
  out.append(",\"status\":");
  AppendJsonNumber(int64_t{record.status}, out);
  out.append(",\"bytes\":");
  AppendJsonNumber(record.bytes, out);
  out.append(",\"duration_us\":");
  AppendJsonMicroseconds(record.duration_ns, out);
  Text(",\"caller\":", record.caller, out);
  Text(",\"peer\":", record.peer, out);
  out.append(record.over_tls ? ",\"tls\":true" : ",\"tls\":false");
  if (!record.request_id.empty()) Text(",\"request_id\":", record.request_id, out);
  if (!record.trace_id.empty()) Text(",\"trace_id\":", record.trace_id, out);
  out.append("}\n");
}

}  // namespace

struct AccessLog::Target {
  explicit Target(const AccessLogOptions& options) : file(options.file) {}

  // Throws what the library throws.
  void Open() {
    if (file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    }
    // Lines come with their ends.
    sink->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
  }

  bool Write(std::string_view lines) {
    try {
      if (must_reopen.exchange(false)) Open();
      sink->log(spdlog::details::log_msg("", spdlog::level::info, lines));
      sink->flush();
      is_failing = false;
      return true;
    } catch (const std::exception& fault) {
      // Once, not at every batch; the metrics count.
      if (!is_failing) Log(LogLevel::kError, "access_log_failed", {{"fault", fault.what()}});
      is_failing = true;
      must_reopen = true;
      return false;
    }
  }

  const std::string file;  // "" for standard error
  std::atomic<bool> must_reopen = false;
  // Of the queue's thread.
  std::shared_ptr<spdlog::sinks::sink> sink;
  bool is_failing = false;
};

engine::Result<std::unique_ptr<AccessLog>> AccessLog::Open(const AccessLogOptions& options,
                                                           uint32_t writers) {
  try {
    auto target = std::make_unique<Target>(options);
    target->Open();
    return std::unique_ptr<AccessLog>(new AccessLog(std::move(target), options, writers));
  } catch (const std::exception& fault) {
    return engine::Error{engine::Error::Code::kIo,
                         std::string("cannot open the access log: ") + fault.what()};
  }
}

SettingFaults AccessLog::Check(const AccessLogOptions& options) {
  if (options.to != AccessLogOptions::To::kFile) return {};
  const engine::Status looked = LookAtWrittenFile(options.file);
  if (looked) return {};
  return {{"access_log.file", looked.error()}};
}

AccessLog::AccessLog(std::unique_ptr<Target> target, const AccessLogOptions& options,
                     uint32_t writers)
    : target_(std::move(target)),
      queue_([to = target_.get()](std::string_view lines, bool) { return to->Write(lines); },
             {.bytes = options.queue_bytes, .interval_ms = 50, .lanes = writers}) {}

AccessLog::~AccessLog() = default;

void AccessLog::Take(const AccessRecord& record) {
  queue_.Append([&](std::string& out) { AppendLine(record, out); });
}

void AccessLog::Reopen() { target_->must_reopen = true; }

uint64_t AccessLog::lost_lines() const { return queue_.lost_lines(); }

}  // namespace portvakt::server
