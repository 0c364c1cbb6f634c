// Engine::Verify: the chain of headers, the changes that each was sealed with, and then what they
// add up to (engine/audit_fold.h).
#include <algorithm>

#include "dsl/dsl.h"
#include "engine/audit_fold.h"
#include "engine/compile.h"
#include "engine/engine.h"
#include "engine/history.h"

namespace portvakt::engine {
namespace {

// Revisions between two calls of `progress`.
constexpr uint64_t kProgressStep = 1'000;

class Verifier {
 public:
  Verifier(const Snapshot& snapshot, const AuditOptions& options)
      : snapshot_(snapshot), tables_(snapshot), options_(options) {}

  AuditReport Run() {
    const uint64_t last = snapshot_.revision();
    AuditFold fold(snapshot_, report_);
    for (uint64_t revision = 1; revision <= last && !Enough(); ++revision) {
      if (Check(revision)) {
        VisitChanges(tables_.transaction, revision, [&](const Change& change, uint32_t) {
          fold.Add(revision, change);
          return true;
        });
        fold.Close(*snapshot_.FindRevision(revision), header_.request);
      } else {
        whole_ = false;
      }
      if (options_.progress && revision % kProgressStep == 0) options_.progress(revision, last);
    }
    report_.head = ToHexadecimal(head_);
    if (head_ != tables_.state.head) {
      Fault(last, "the last header is not the one that the store was left with");
    }
    if (options_.anchor_revision && *options_.anchor_revision > last) {
      Fault(last, "the history ends before revision " + std::to_string(*options_.anchor_revision) +
                      ", which was noted earlier");
    }
    const uint64_t rows = tables_.transaction.Count(StoreTable::kHistory);
    if (whole_ && rows != rows_) {
      Fault(last, "the history has rows that belong to no revision");
    }
    // Where revisions are missing, what they left is of no use to compare.
    if (whole_ && !Enough()) fold.CompareTables();
    CheckProgram();
    return std::move(report_);
  }

 private:
  // The sources are sealed, the program that answers is not: it must be what they give.
  void CheckProgram() {
    const std::optional<PolicyInfo> active = snapshot_.ActivePolicy();
    if (!active) return;
    dsl::SourceSet sources;
    for (const PolicyFile& file : snapshot_.PolicySources(active->version)) {
      sources.Add(file.name, file.text);
    }
    dsl::Diagnostics findings;
    const std::optional<dsl::Module> module = dsl::Compile(sources, findings);
    if (!module) return;
    const Result<std::string> program = CompileProgram(
        sources, *module, [&](Space space, std::string_view name) -> Result<uint32_t> {
          const auto number = snapshot_.FindNumber(space, name);
          if (number) return *number;
          return Error{Error::Code::kNotFound, "a name without a number"};
        });
    if (program && program.value() == snapshot_.PolicyProgram(active->version)) return;
    Fault(snapshot_.revision(), "the program of policy version " + std::to_string(active->version) +
                                    " is not what its sources give; install it anew");
  }
  void Fault(uint64_t revision, std::string what) {
    if (!Enough()) report_.faults.push_back({revision, std::move(what)});
  }
  bool Enough() const { return report_.faults.size() >= kMaxFaults; }

  // False when its changes cannot be relied on, or are missing.
  bool Check(uint64_t revision) {
    std::string_view bytes;
    if (!tables_.transaction.Get(StoreTable::kHistory, PartKey(revision, 0), bytes)) {
      Fault(revision, "it is missing");
      head_ = {};
      return false;
    }
    ++report_.revisions;
    ++rows_;
    const bool readable = TakeHeader(bytes, header_);
    if (!readable || header_.revision != revision) {
      Fault(revision, "its header cannot be read, or is that of another revision");
      head_ = Sha256Of(bytes);
      return false;
    }
    if (header_.previous != head_) {
      Fault(revision, "it does not follow the revision before it: one of them was altered");
    }
    if (header_.instant_us < instant_us_) Fault(revision, "it is older than the one before it");
    instant_us_ = std::max(instant_us_, header_.instant_us);
    head_ = Sha256Of(bytes);
    if (options_.anchor_revision == revision && ToHexadecimal(head_) != options_.anchor_head) {
      Fault(revision, "it is not the one that was noted earlier");
    }
    return CheckChanges(revision);
  }

  bool CheckChanges(uint64_t revision) {
    Sha256Hasher hasher;
    std::string_view part;
    for (uint32_t number = 1;
         tables_.transaction.Get(StoreTable::kHistory, PartKey(revision, number), part); ++number) {
      hasher.Add(part);
      ++rows_;
    }
    if (hasher.Finish() != header_.changes) {
      Fault(revision, "its changes are not those that its header was sealed with");
      return false;
    }
    report_.changes += header_.change_count;
    return true;
  }

  const Snapshot& snapshot_;
  SnapshotTables tables_;
  const AuditOptions& options_;
  AuditReport report_;
  RevisionHeader header_ = {};
  Sha256 head_ = {};
  int64_t instant_us_ = INT64_MIN;
  uint64_t rows_ = 0;
  bool whole_ = true;
};

}  // namespace

Result<AuditReport> Engine::Verify(const AuditOptions& options) const {
  Result<Session> session = NewSession();
  if (!session) return session.error();
  return Verifier(session->snapshot(), options).Run();
}

}  // namespace portvakt::engine
