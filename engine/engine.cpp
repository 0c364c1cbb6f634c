#include "engine/engine.h"

#include <chrono>

#include "engine/compile.h"
#include "engine/engine_state.h"
#include "engine/program.h"
#include "engine/session_state.h"
#include "engine/verify.h"

namespace portvakt::engine {
namespace {

std::vector<PolicyFile> FilesOf(const dsl::SourceSet& sources) {
  std::vector<PolicyFile> files;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    files.push_back({sources.file(i).name, sources.file(i).text});
  }
  return files;
}

// Versions that the active policy's program of another format is compiled again from.
Status RefreshProgram(Store& store, const PolicyInfo& policy, const Snapshot& snapshot,
                      int64_t now_us) {
  const dsl::SourceSet sources = SourcesOf(snapshot.PolicySources(policy.version));
  Result<dsl::Module> module = CheckAgain(sources, policy.version);
  if (!module) return module.error();
  Result<Writer> writer = store.Begin();
  if (!writer) return writer.error();
  Result<std::string> program = CompileProgram(
      sources, *module,
      [&](Space space, std::string_view name) { return writer->Number(space, name); });
  if (!program) return program.error();
  if (Status replaced = writer->ReplaceProgram(policy.version, *program); !replaced) {
    return replaced.error();
  }
  Result<uint64_t> revision = writer->Commit({now_us, "operator", "compiled again"});
  if (!revision) return revision.error();
  return Done{};
}

}  // namespace

int64_t SystemNow() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::Open(const std::string& directory, const Options& options) {
  Result<std::unique_ptr<Store>> store = Store::Open(directory, options.store);
  if (!store) return store.error();
  auto state = std::make_unique<State>();
  state->store = std::move(*store);
  state->clock = std::make_shared<const Reader::Clock>(options.now_us);
  {
    Result<Snapshot> snapshot = state->store->Read();
    if (!snapshot) return snapshot.error();
    if (const std::optional<PolicyInfo> active = snapshot->ActivePolicy()) {
      const Result<Program> program = ReadProgram(snapshot->PolicyProgram(active->version));
      if (!program && program.error().code == Error::Code::kTooNew) {
        Status status = RefreshProgram(*state->store, *active, *snapshot, (*state->clock)());
        if (!status) return status.error();
      }
    }
  }
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<uint32_t> Engine::InstallPolicy(const dsl::SourceSet& sources, const dsl::Module& module,
                                       const By& by) {
  const std::vector<PolicyFile> files = FilesOf(sources);
  Result<Writer> writer = state_->store->Begin();
  if (!writer) return writer.error();
  std::optional<uint32_t> version = writer->FindPolicy(DigestOf(files));
  Result<Snapshot> before = state_->store->Read();
  if (!before) return before.error();
  const std::optional<PolicyInfo> active = before->ActivePolicy();
  if (version && active && active->version == *version &&
      ReadProgram(before->PolicyProgram(*version)).ok()) {
    return *version;
  }
  Result<std::string> program = CompileProgram(
      sources, module,
      [&](Space space, std::string_view name) { return writer->Number(space, name); });
  if (!program) return program.error();
  if (const Result<Program> verified = ReadProgram(*program); !verified) {
    return Error{Error::Code::kInvalid,
                 "this policy gives no sound program: " + verified.error().message};
  }
  if (version) {
    // It may have been compiled by an earlier Portvakt.
    if (Status status = writer->ReplaceProgram(*version, *program); !status) return status.error();
  } else {
    Result<uint32_t> installed = writer->InstallPolicy(module.name, files, *program);
    if (!installed) return installed.error();
    version = *installed;
  }
  if (Status status = writer->ActivatePolicy(*version); !status) return status.error();
  Result<uint64_t> revision = writer->Commit({now_us(), by.actor, by.reason});
  if (!revision) return revision.error();
  return *version;
}

Status Engine::ActivatePolicy(uint32_t version, std::optional<uint32_t> expected, const By& by) {
  Result<Writer> writer = state_->store->Begin();
  if (!writer) return writer.error();
  Result<Snapshot> before = state_->store->Read();
  if (!before) return before.error();
  const std::optional<PolicyInfo> active = before->ActivePolicy();
  if (expected && (!active || active->version != *expected)) {
    return Error{Error::Code::kConflict,
                 "the active policy is " +
                     (active ? "version " + std::to_string(active->version) : "none") +
                     ", not version " + std::to_string(*expected)};
  }
  if (active && active->version == version) return Done{};
  const std::string_view stored = before->PolicyProgram(version);
  if (stored.empty()) {
    return Error{Error::Code::kNotFound, "there is no policy version " + std::to_string(version)};
  }
  if (const Result<Program> program = ReadProgram(stored); !program) {
    if (program.error().code != Error::Code::kTooNew) return program.error();
    const dsl::SourceSet sources = SourcesOf(before->PolicySources(version));
    Result<dsl::Module> module = CheckAgain(sources, version);
    if (!module) return module.error();
    Result<std::string> again = CompileProgram(
        sources, *module,
        [&](Space space, std::string_view name) { return writer->Number(space, name); });
    if (!again) return again.error();
    if (Status status = writer->ReplaceProgram(version, *again); !status) return status.error();
  }
  if (Status status = writer->ActivatePolicy(version); !status) return status.error();
  Result<uint64_t> revision = writer->Commit({now_us(), by.actor, by.reason});
  if (!revision) return revision.error();
  return Done{};
}

Result<std::shared_ptr<const dsl::Module>> Engine::ActiveModule() const {
  Result<Snapshot> snapshot = state_->store->Read();
  if (!snapshot) return snapshot.error();
  auto policy = state_->policies->GetActive(*snapshot);
  if (!policy) return policy.error();
  return std::shared_ptr<const dsl::Module>(*policy, &(*policy)->module);
}

Result<Session> Engine::NewSession() const {
  Result<Snapshot> snapshot = state_->store->Read();
  if (!snapshot) return snapshot.error();
  return Session(
      std::make_unique<Session::State>(std::move(*snapshot), state_->clock, state_->policies));
}

Store& Engine::store() { return *state_->store; }
int64_t Engine::now_us() const { return (*state_->clock)(); }

}  // namespace portvakt::engine
