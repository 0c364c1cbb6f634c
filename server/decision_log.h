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
#include "server/setting_fault.h"

namespace portvakt::server {

// Of the decisions that it is about, a share is logged. The first rule that is about a decision
// counts; what no rule is about is logged.
struct DecisionLogRule {
  std::vector<std::string> permissions;  // names, `*` standing for any letters; none: all
  std::optional<bool> permit;            // only permits, or only what was not permitted
  double share = 1;                      // 0 to 1, evenly: 0.01 is every hundredth

  friend bool operator==(const DecisionLogRule&, const DecisionLogRule&) = default;
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
  // What Open would refuse; nothing is written.
  static SettingFaults Check(const DecisionLogOptions& options);
  // Another one that writes into the same files, with the rules, the mask and the mode of
  // `options`; the files stay as this one opened them. Both may be used, and either may go first.
  engine::Result<std::unique_ptr<DecisionLog>> With(const DecisionLogOptions& options) const;
  // Of the last that goes: writes what waits.
  ~DecisionLog();

  // Logs the decision if the rules say so; in must_log mode it is put to `held` for Commit.
  void Take(const LoggedDecision& decision, HeldDecisions& held);
  // `done` is called once, from any thread, with whether the lines are on the disk.
  void Commit(const HeldDecisions& held, LineQueue::Done done);

  uint64_t written_lines() const;
  uint64_t lost_lines() const;
  size_t waiting_bytes() const;
  size_t capacity_bytes() const;

 private:
  struct Rule {
    explicit Rule(DecisionLogRule wanted) : is_about(std::move(wanted)) {}
    DecisionLogRule is_about;
    std::atomic<uint64_t> seen = 0;
  };

  struct Files;

  DecisionLog(const DecisionLogOptions& options, Masks masks, std::shared_ptr<Files> files);
  bool Wants(std::string_view permission, bool permit);

  const bool must_log_;
  const Masks masks_;
  std::vector<std::unique_ptr<Rule>> rules_;
  const std::shared_ptr<Files> files_;
};

// Whether `*` in the pattern, standing for any letters, makes it the name.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace portvakt::server
