// Which decisions are logged, and their way to the files.
#include "server/decision_log.h"

#include <system_error>
#include <utility>

#include "server/log.h"

namespace portvakt::server {
namespace {

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

engine::Status Check(const DecisionLogOptions& options) {
  for (const DecisionLogRule& rule : options.rules) {
    if (!(rule.share >= 0 && rule.share <= 1)) {
      return Wrong("the decision log's `share` must be from 0 to 1");
    }
  }
  if (options.segments < 2) return Wrong("the decision log needs at least 2 segments");
  if (options.segment_bytes < kMaxDecisionLineBytes ||
      options.queue_bytes < kMaxDecisionLineBytes) {
    return Wrong("segments and queue of the decision log must have room for one line of " +
                 std::to_string(kMaxDecisionLineBytes) + " bytes");
  }
  return engine::Done{};
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

engine::Result<std::unique_ptr<DecisionLog>> DecisionLog::Open(const DecisionLogOptions& options,
                                                               uint32_t writers) {
  if (engine::Status checked = Check(options); !checked) return checked.error();
  auto masks = Masks::Of(options.mask);
  if (!masks) return masks.error();
  auto segments = Segments::Open({options.directory, options.segment_bytes, options.segments});
  if (!segments) return segments.error();
  std::unique_ptr<DecisionLog> log(
      new DecisionLog(options, std::move(*masks), std::move(*segments)));
  LineQueue::Options queue;
  queue.bytes = options.queue_bytes;
  queue.lanes = writers;
  try {
    log->queue_ = std::make_unique<LineQueue>(
        [&log = *log](std::string_view lines, bool is_awaited) {
          return log.Write(lines, is_awaited);
        },
        queue);
  } catch (const std::system_error& fault) {
    return engine::Error{engine::Error::Code::kIo,
                         std::string("cannot start a thread: ") + fault.what()};
  }
  return log;
}

DecisionLog::DecisionLog(const DecisionLogOptions& options, Masks masks,
                         std::unique_ptr<Segments> segments)
    : must_log_(options.mode == DecisionLogOptions::Mode::kMustLog),
      masks_(std::move(masks)),
      segments_(std::move(segments)) {
  for (const DecisionLogRule& rule : options.rules) rules_.push_back(std::make_unique<Rule>(rule));
}

DecisionLog::~DecisionLog() = default;

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
    queue_->Append([&](std::string& out) { AppendDecisionLine(decision, masks_, out); });
    return;
  }
  AppendDecisionLine(decision, masks_, held.lines);
  ++held.count;
}

void DecisionLog::Commit(const HeldDecisions& held, LineQueue::Done done) {
  queue_->Commit(held.lines, held.count, std::move(done));
}

bool DecisionLog::Write(std::string_view lines, bool is_awaited) {
  engine::Status written = segments_->Append(lines);
  if (written && is_awaited) written = segments_->Sync();
  if (written.ok() == is_failing_) {
    // Once when it begins and once when it ends, not at every batch; the metrics count.
    is_failing_ = !written.ok();
    if (is_failing_) {
      Log(LogLevel::kError, "decision_log_failed", {{"fault", written.error().message}});
    } else {
      Log(LogLevel::kInfo, "decision_log_recovered");
    }
  }
  return written.ok();
}

}  // namespace portvakt::server
