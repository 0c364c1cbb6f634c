// Which decisions are logged, and their way to the files.
#include "server/decision_log.h"

#include <system_error>
#include <utility>

#include "server/log.h"
#include "server/segments.h"
#include "server/writable.h"

namespace portvakt::server {
namespace {

// What is wrong with the options whatever the folder is.
SettingFaults CheckNumbers(const DecisionLogOptions& options) {
  SettingFaults faults;
  const auto add = [&](const char* key, std::string message) {
    faults.push_back({key, {engine::Error::Code::kInvalid, std::move(message)}});
  };
  for (const DecisionLogRule& rule : options.rules) {
    if (rule.share >= 0 && rule.share <= 1) continue;
    add("decision_log.rules", "the decision log's `share` must be from 0 to 1");
  }
  if (options.segments < 2) {
    add("decision_log.segments", "the decision log needs at least 2 segments");
  }
  if (options.segment_bytes < kMaxDecisionLineBytes ||
      options.queue_bytes < kMaxDecisionLineBytes) {
    add("decision_log", "segments and queue of the decision log must have room for one line of " +
                            std::to_string(kMaxDecisionLineBytes) + " bytes");
  }
  return faults;
}

bool IsAbout(const DecisionLogRule& rule, std::string_view permission, bool permit) {
  if (rule.permit && *rule.permit != permit) return false;
  if (rule.permissions.empty()) return true;
  for (const std::string& pattern : rule.permissions) {
    if (MatchesPattern(pattern, permission)) return true;
  }
  return false;
}

// Whether the next after `before` others makes the whole number of shares go up.
bool IsOfShare(double share, uint64_t before) {
  const auto shares = [share](uint64_t count) {
    return static_cast<uint64_t>(share * static_cast<double>(count));
  };
  return shares(before + 1) > shares(before);
}

}  // namespace

// Goes back to the last `*` when a letter does not fit: no recursion, at most both lengths
// multiplied.
bool MatchesPattern(std::string_view pattern, std::string_view name) {
  size_t at = 0, star = std::string_view::npos, resume = 0, i = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

// The files, and the queue of what goes there.
struct DecisionLog::Files {
  bool Write(std::string_view lines, bool is_awaited) {
    engine::Status written = segments->Append(lines);
    if (written && is_awaited) written = segments->Sync();
    if (written.ok() == is_failing) {
      // Once when it begins and once when it ends, not at every batch; the metrics count.
      is_failing = !written.ok();
      if (is_failing) {
        Log(LogLevel::kError, "decision_log_failed", {{"fault", written.error().message}});
      } else {
        Log(LogLevel::kInfo, "decision_log_recovered");
      }
    }
    return written.ok();
  }

  std::unique_ptr<Segments> segments;  // of the queue's thread
  bool is_failing = false;             // of the queue's thread
  std::unique_ptr<LineQueue> queue;    // last: its thread uses the others
};

engine::Result<std::unique_ptr<DecisionLog>> DecisionLog::Open(const DecisionLogOptions& options,
                                                               uint32_t writers) {
  const SettingFaults faults = CheckNumbers(options);
  if (!faults.empty()) return Joined(faults);
  auto masks = Masks::Of(options.mask);
  if (!masks) return masks.error();
  auto segments = Segments::Open({options.directory, options.segment_bytes, options.segments});
  if (!segments) return segments.error();
  auto files = std::make_shared<Files>();
  files->segments = std::move(*segments);
  LineQueue::Options queue;
  queue.bytes = options.queue_bytes;
  queue.lanes = writers;
  try {
    files->queue = std::make_unique<LineQueue>(
        [raw = files.get()](std::string_view lines, bool is_awaited) {
          return raw->Write(lines, is_awaited);
        },
        queue);
  } catch (const std::system_error& fault) {
    return engine::Error{engine::Error::Code::kIo,
                         std::string("cannot start a thread: ") + fault.what()};
  }
  return std::unique_ptr<DecisionLog>(
      new DecisionLog(options, std::move(*masks), std::move(files)));
}

SettingFaults DecisionLog::Check(const DecisionLogOptions& options) {
  if (options.directory.empty()) return {};
  SettingFaults faults = CheckNumbers(options);
  if (const auto masks = Masks::Of(options.mask); !masks) {
    faults.push_back({"decision_log.mask", masks.error()});
  }
  if (const auto looked = LookAtWrittenFolder(options.directory); !looked) {
    faults.push_back({"decision_log.directory", looked.error()});
  }
  return faults;
}

engine::Result<std::unique_ptr<DecisionLog>> DecisionLog::With(
    const DecisionLogOptions& options) const {
  auto masks = Masks::Of(options.mask);
  if (!masks) return masks.error();
  return std::unique_ptr<DecisionLog>(new DecisionLog(options, std::move(*masks), files_));
}

DecisionLog::DecisionLog(const DecisionLogOptions& options, Masks masks,
                         std::shared_ptr<Files> files)
    : must_log_(options.mode == DecisionLogOptions::Mode::kMustLog),
      masks_(std::move(masks)),
      files_(std::move(files)) {
  for (const DecisionLogRule& rule : options.rules) rules_.push_back(std::make_unique<Rule>(rule));
}

DecisionLog::~DecisionLog() = default;

uint64_t DecisionLog::written_lines() const { return files_->queue->written_lines(); }
uint64_t DecisionLog::lost_lines() const { return files_->queue->lost_lines(); }
size_t DecisionLog::waiting_bytes() const { return files_->queue->waiting_bytes(); }
size_t DecisionLog::capacity_bytes() const { return files_->queue->capacity_bytes(); }

bool DecisionLog::Wants(std::string_view permission, bool permit) {
  for (const auto& rule : rules_) {
    if (!IsAbout(rule->is_about, permission, permit)) continue;
    const double share = rule->is_about.share;
    if (share <= 0 || share >= 1) return share >= 1;
    return IsOfShare(share, rule->seen.fetch_add(1, std::memory_order_relaxed));
  }
  return true;
}

void DecisionLog::Take(const LoggedDecision& decision, HeldDecisions& held) {
  const bool permit = decision.verdict == engine::Tri::kTrue;
  if (!Wants(decision.request.action, permit)) return;
  if (!must_log_) {
    files_->queue->Append([&](std::string& out) { AppendDecisionLine(decision, masks_, out); });
    return;
  }
  AppendDecisionLine(decision, masks_, held.lines);
  ++held.count;
}

void DecisionLog::Commit(const HeldDecisions& held, LineQueue::Done done) {
  files_->queue->Commit(held.lines, held.count, std::move(done));
}

}  // namespace portvakt::server
