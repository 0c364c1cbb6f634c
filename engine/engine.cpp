#include "engine/engine.h"

#include <chrono>

#include "engine/compile.h"
#include "engine/engine_state.h"
#include "engine/program.h"
#include "engine/session_state.h"
#include "engine/verify.h"

namespace portvakt::engine {
namespace {

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
