// The front door of the engine: a store with its policies, and decisions from both.
//
//   auto engine = Engine::Open("data", {});
//   engine->InstallPolicy(sources, module, {.actor = "operator"});
//   auto session = engine->NewSession();             // one a thread
//   session->Refresh();                              // the newest revision and policy
//   Decision decision = session->Decide(request);    // microseconds
//   Explanation explanation = session->Explain(request);
//
// Engine is safe to share between threads; a Session belongs to one thread at a time. Nothing
// throws. The room knows nothing of HTTP or JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/module.h"
#include "dsl/source.h"
#include "engine/audit.h"
#include "engine/change.h"
#include "engine/decision.h"
#include "engine/impact.h"
#include "engine/inventory.h"
#include "engine/matrix.h"
#include "engine/missing.h"
#include "engine/policy_versions.h"
#include "engine/result.h"
#include "engine/search.h"
#include "engine/store.h"
#include "engine/transfer.h"

namespace portvakt::engine {

// Microseconds since 1970-01-01T00:00:00Z.
int64_t SystemNow();

// A decision program in text, for people and tests. Error when the bytes do not verify.
Result<std::string> DumpProgram(std::string_view program);

// Where in time a session stands.
struct Moment {
  std::optional<uint64_t> revision;   // right after it; `now` is its instant
  std::optional<int64_t> instant_us;  // the last revision not after it; `now` is this instant
  // Another policy than the one that was active then.
  std::optional<uint32_t> policy_version;
};

// Reads one store state at a time and answers from it.
class Session {
 public:
  Session(Session&&) noexcept;
  ~Session();

  // Goes to the newest revision and the active policy. Fails when there is no active policy, or its
  // program does not verify: Decide then denies everything (code no_policy).
  Status Refresh();
  // Goes to a past moment (or to another policy at the present one): everything below is answered
  // as of it, until the next Refresh or GoTo. Fails like Refresh, and with kNotFound for a revision
  // or a policy that never was; then everything is denied.
  Status GoTo(const Moment& moment);
  uint64_t revision() const;
  // The clock of questions that bring none: the engine's, or the moment's.
  int64_t now_us() const;
  uint32_t policy_version() const;

  // Never fails: whatever cannot be decided is denied.
  Decision Decide(const Request& request);
  // What the last Decide came from: the permit that held or the forbid that held back, by name;
  // else a code as in Explanation::reasons. "" before the first. Valid until the session moves.
  std::string_view DecidedBy() const;
  // The same verdict, and why. Slower.
  Explanation Explain(const Request& request);
  SearchPage Search(const SearchQuery& query);
  // How Search would find its candidates, for people.
  std::string SearchPlan(const SearchQuery& query);
  Matrix FillMatrix(const MatrixQuery& query);
  MissingAnswer Missing(const MissingQuery& query);
  // Limits that are not kept at this moment: broken by time, a new entity or a new policy.
  std::vector<LimitReport> BrokenLimits(size_t most);
  // What another policy would change, now. Takes as long as all decisions of both (seconds,
  // minutes).
  Result<Impact> CompareDecisions(const ImpactQuery& query, const ImpactProgress& progress = {});
  // Of the whole store up to its newest revision, wherever the session stands.
  HistoryPage History(const HistoryQuery& query);
  // What is stored.
  EntityPage ListEntities(const EntityQuery& query);
  FactPage ListFacts(const FactQuery& query);
  // `david granted lon.las in alfa`, in the words of the policy.
  std::string Describe(const ChangeItem& change) const;

  // The newest state; and the one that is answered from.
  const Snapshot& snapshot() const;
  const View& view() const;

 private:
  friend class Engine;
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Engine {
 public:
  struct Options {
    Store::Options store;
    std::function<int64_t()> now_us = SystemNow;
  };
  static Result<std::unique_ptr<Engine>> Open(const std::string& directory, const Options& options);
  ~Engine();

  struct By {
    std::string actor = "operator";
    std::string reason;
  };
  // Stores a candidate: engine/policy_versions.h. Sources that are stored already change nothing.
  // Returns the version. kInvalid or kFull when they give no program.
  Result<uint32_t> UploadPolicy(const dsl::SourceSet& sources, const dsl::Module& module,
                                const By& by);
  // Stores and activates, in one revision. Sources that are active already change nothing. Returns
  // the version.
  Result<uint32_t> InstallPolicy(const dsl::SourceSet& sources, const dsl::Module& module,
                                 const By& by);
  // A stored version, an earlier one too, becomes the active one. With `expected_digest`, only if
  // what is active now has it ("": nothing is active); else kConflict.
  Status ActivatePolicy(uint32_t version, const std::optional<std::string>& expected_digest,
                        const By& by);
  // All that are stored, oldest first.
  Result<std::vector<PolicyVersion>> ListPolicies() const;
  Result<PolicyVersion> FindPolicy(uint32_t version) const;      // kNotFound
  Result<dsl::SourceSet> PolicySources(uint32_t version) const;  // kNotFound
  Result<uint32_t> ActivePolicy() const;                         // kNotFound when there is none
  // The active policy, checked again from its sources. Error when there is none.
  Result<std::shared_ptr<const dsl::Module>> ActiveModule() const;

  // Changes that obey the policy. Concurrent calls share a sync: one transaction, a revision each.
  // Never fails otherwise than by what the result says.
  ChangeResult Change(const ChangeRequest& request);
  // The same without waiting. `done` is called once, on the engine's own thread: hand over, do not
  // work there.
  void SubmitChange(ChangeRequest request, std::function<void(ChangeResult)> done);
  TransferResult Onboard(const OnboardQuery& query);
  TransferResult Offboard(const OffboardQuery& query);
  // Reads the whole history and compares it with what is stored.
  Result<AuditReport> Verify(const AuditOptions& options) const;

  Result<Session> NewSession() const;
  Store& store();
  int64_t now_us() const;

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::engine
