// Policies of a store that lies here.
#include "cli/policy_desk.h"

#include <charconv>
#include <cstdlib>
#include <utility>

#include "cli/world.h"
#include "dsl/dsl.h"
#include "dsl/policy_diff.h"
#include "server/policy_json.h"

namespace portvakt::cli {
namespace {

using server::JsonValue;

class StorePolicyDesk final : public PolicyDesk {
 public:
  explicit StorePolicyDesk(World world) : world_(std::move(world)), engine_(world_.engine.get()) {}

  Answer List() override {
    const auto versions = engine_->ListPolicies();
    if (!versions) return versions.error();
    return server::PolicyVersionsJson(*versions);
  }

  Answer Show(const std::string& text) override {
    const auto number = NumberOf(text);
    if (!number) return number.error();
    const auto version = engine_->FindPolicy(*number);
    if (!version) return version.error();
    const auto sources = engine_->PolicySources(*number);
    if (!sources) return sources.error();
    return server::PolicyVersionJson(*version, *sources);
  }

  Answer Upload(const dsl::SourceSet& sources, const std::string& reason) override {
    dsl::Diagnostics findings;
    const auto module = dsl::Compile(sources, findings);
    if (!module) return engine::Error{engine::Error::Code::kInvalid, "the policy does not check"};
    const auto version = engine_->UploadPolicy(sources, *module, {"operator", reason});
    if (!version) return version.error();
    return Described(*version);
  }

  Answer Diff(const std::string& from, const std::string& to) override {
    const auto before = NumberOf(from);
    if (!before) return before.error();
    const auto after = NumberOf(to);
    if (!after) return after.error();
    const auto old = engine_->PolicySources(*before);
    if (!old) return old.error();
    const auto now = engine_->PolicySources(*after);
    if (!now) return now.error();
    return server::PolicyDiffJson(*before, *after, dsl::ComparePolicies(*old, *now));
  }

  Answer Impact(const std::string& version, std::optional<uint32_t> before,
                const engine::InputValues& context, const Progress& progress) override {
    const auto number = NumberOf(version);
    if (!number) return number.error();
    auto session = engine_->NewSession();
    if (!session) return session.error();
    engine::ImpactQuery query;
    query.after = *number;
    query.before = before;
    query.context = context;
    const auto impact = session->CompareDecisions(query, [&](uint64_t done, uint64_t all) {
      progress(done, all);
      return true;
    });
    if (!impact) return impact.error();
    return server::ImpactJson(*impact);
  }

  Answer Activate(const std::string& version, const std::string& expected,
                  const std::string& reason) override {
    const auto number = NumberOf(version);
    if (!number) return number.error();
    const auto activated = engine_->ActivatePolicy(*number, expected, {"operator", reason});
    if (!activated) return activated.error();
    return Described(*number);
  }

 private:
  engine::Result<uint32_t> NumberOf(const std::string& text) const {
    if (text == "active") return engine_->ActivePolicy();
    uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) return number;
    return engine::Error{engine::Error::Code::kInvalid,
                         "`" + text + "` is no version; `portvakt policy list` shows them"};
  }
  Answer Described(uint32_t number) const {
    const auto version = engine_->FindPolicy(number);
    if (!version) return version.error();
    return server::PolicyVersionJson(*version);
  }

  World world_;
  engine::Engine* engine_;
};

}  // namespace

std::unique_ptr<PolicyDesk> OpenPolicyDesk(const Asked& asked, Console& console) {
  if (!asked.server.empty()) return OpenServerPolicyDesk(asked.server, console);
  std::string store = asked.store;
  const char* named = std::getenv("PORTVAKT_STORE");
  if (store.empty() && named != nullptr) store = named;
  if (store.empty()) {
    Complain(console,
             "name a store with --store FOLDER (or PORTVAKT_STORE), or a server with --server URL");
    return nullptr;
  }
  WorldOptions options;
  options.store = store;
  options.create = false;
  World world;
  if (OpenStore(options, world, console) != kExitOk) return nullptr;
  return std::make_unique<StorePolicyDesk>(std::move(world));
}

}  // namespace portvakt::cli
