// The decision log: durable evidence of what was decided, for whom, by which rule and on what data,
// as lines of JSON in bounded files (server/decision_line.h, server/segments.h).
//
//   auto log = DecisionLog::Open(options, workers);
//   log->Take(decision, held);                       // for each decision of a request
//   if (held.count > 0) log->Commit(held, respond);  // must_log: answer when it is on the disk
//
// Safe to share between threads. Nothing here waits.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "server/decision_line.h"
#include "server/line_queue.h"
#include "server/segments.h"

namespace portvakt::server {

// Of the decisions that it is about, a share is logged. The first rule that is about a decision
// counts; what no rule is about is logged.
struct DecisionLogRule {
  std::vector<std::string> permissions;  // names, `*` standing for any letters; none: all
  std::optional<bool> permit;            // only permits, or only what was not permitted
  double share = 1;                      // 0 to 1, evenly: 0.01 is every hundredth
};

struct DecisionLogOptions {
  enum class Mode : uint8_t {
    kBestEffort,  // answers do not wait; what cannot be kept is lost and counted
    kMustLog,     // no answer before its decisions are on the disk; 503 when they cannot be
  };
  std::string directory;  // "" for no decision log
  Mode mode = Mode::kBestEffort;
  std::vector<DecisionLogRule> rules;
  std::vector<std::string> mask;  // paths as in server/masking.h
  uint64_t segment_bytes = uint64_t{64} << 20;
  uint32_t segments = 16;
  // Of lines that wait to be written: a quarter of a second at full load.
  size_t queue_bytes = size_t{16} << 20;
};

class DecisionLog {
 public:
  // `writers`: threads that decide. Errors tell what is wrong with the options, or what the
  // operating system said.
  static engine::Result<std::unique_ptr<DecisionLog>> Open(const DecisionLogOptions& options,
                                                           uint32_t writers);
  // Writes what waits.
  ~DecisionLog();

  // Logs the decision if the rules say so; in must_log mode it is put to `held` for Commit.
  void Take(const LoggedDecision& decision, HeldDecisions& held);
  // `done` is called once, from any thread, with whether the lines are on the disk.
  void Commit(const HeldDecisions& held, LineQueue::Done done);

  uint64_t written_lines() const { return queue_->written_lines(); }
  uint64_t lost_lines() const { return queue_->lost_lines(); }
  size_t waiting_bytes() const { return queue_->waiting_bytes(); }
  size_t capacity_bytes() const { return queue_->capacity_bytes(); }

 private:
  struct Rule {
    explicit Rule(DecisionLogRule wanted) : is_about(std::move(wanted)) {}
    DecisionLogRule is_about;
    std::atomic<uint64_t> seen = 0;
  };

  DecisionLog(const DecisionLogOptions& options, Masks masks, std::unique_ptr<Segments> segments);
  bool Wants(std::string_view permission, bool permit);
  bool Write(std::string_view lines, bool is_awaited);

  const bool must_log_;
  const Masks masks_;
  std::vector<std::unique_ptr<Rule>> rules_;
  std::unique_ptr<Segments> segments_;  // of the queue's thread
  bool is_failing_ = false;             // of the queue's thread
  std::unique_ptr<LineQueue> queue_;    // last: its thread uses the others
};

// Whether `*` in the pattern, standing for any letters, makes it the name.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace portvakt::server
