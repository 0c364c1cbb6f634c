// Asking a store that this process opens: one on disk, or a temporary one filled from files.
#include <cstdlib>
#include <utility>

#include "cli/asker.h"
#include "cli/world.h"

namespace portvakt::cli {

namespace {

class StoreAsker final : public Asker {
 public:
  StoreAsker(World world, engine::Session session)
      : world_(std::move(world)), session_(std::move(session)), known_(session_.view()) {}

  const dsl::Module& module() const override { return *world_.module; }
  const Known& known() const override { return known_; }
  std::string policy_root() const override { return world_.policy_root; }

  engine::Result<engine::Explanation> Explain(const engine::Request& request) override {
    return session_.Explain(request);
  }
  engine::Result<engine::SearchPage> Search(const engine::SearchQuery& query) override {
    return session_.Search(query);
  }
  engine::Result<engine::Matrix> FillMatrix(const engine::MatrixQuery& query) override {
    return session_.FillMatrix(query);
  }
  engine::Result<engine::MissingAnswer> Missing(const engine::MissingQuery& query) override {
    return session_.Missing(query);
  }
  engine::Result<engine::HistoryPage> History(const engine::HistoryQuery& query) override {
    return WholeHistory(
        query, [this](const engine::HistoryQuery& page) { return session_.History(page); });
  }
  engine::Result<engine::ChangeResult> Change(const engine::ChangeRequest& request) override {
    return world_.engine->Change(request);
  }
  engine::Result<engine::TransferResult> Onboard(const engine::OnboardQuery& query) override {
    return world_.engine->Onboard(query);
  }
  engine::Result<engine::TransferResult> Offboard(const engine::OffboardQuery& query) override {
    return world_.engine->Offboard(query);
  }
  engine::Result<engine::AuditReport> Verify(const engine::AuditOptions& options) override {
    return world_.engine->Verify(options);
  }
  engine::Result<StatusReport> Status() override;

 private:
  World world_;
  engine::Session session_;
  Known known_;
};

engine::Result<StatusReport> StoreAsker::Status() {
  const engine::Snapshot& snapshot = session_.snapshot();
  StatusReport report;
  report.revision = session_.revision();
  if (const auto info = snapshot.FindRevision(report.revision)) {
    report.instant_us = info->instant_us;
  }
  for (const engine::PolicyInfo& policy : snapshot.Policies()) {
    if (policy.version != session_.policy_version()) continue;
    report.policy_name = policy.name;
    report.policy_version = policy.version;
    report.policy_digest = policy.digest;
  }
  report.broken_limits = session_.BrokenLimits(kMaxBrokenLimits);
  return report;
}

bool OpenAsked(const Asked& asked, World& world, Console& console) {
  WorldOptions options;
  options.store = asked.store;
  options.create = false;
  options.policy = asked.policy;
  options.data = asked.data;
  if (const auto now = NowOf(asked)) options.now_us = [now = *now] { return now; };
  if (asked.store.empty() && asked.policy.empty()) {
    const char* store = std::getenv("PORTVAKT_STORE");
    if (store == nullptr || *store == '\0') {
      Complain(console,
               "nothing to ask: name a store with --store FOLDER (or PORTVAKT_STORE), a server "
               "with --server URL, or files with --policy PATH and --data FILE");
      return false;
    }
    options.store = store;
  }
  return OpenWorld(options, world, console) == kExitOk;
}

}  // namespace

std::unique_ptr<Asker> OpenStoreAsker(const Asked& asked,
                                      const std::optional<engine::Moment>& as_of,
                                      Console& console) {
  World world;
  if (!OpenAsked(asked, world, console)) return nullptr;
  auto session = world.engine->NewSession();
  if (!session) {
    Complain(console, session.error().message);
    return nullptr;
  }
  const auto went = as_of ? session->GoTo(*as_of) : session->Refresh();
  if (!went) {
    Complain(console, went.error().message);
    return nullptr;
  }
  return std::make_unique<StoreAsker>(std::move(world), std::move(*session));
}

}  // namespace portvakt::cli
