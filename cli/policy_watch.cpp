#include "cli/policy_watch.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "cli/policy.h"
#include "dsl/dsl.h"
#include "server/diagnostics_json.h"
#include "server/log.h"

namespace portvakt::cli {
namespace {

using server::Log;
using server::LogLevel;

// All that the files say, or why they cannot be read, so that two looks can be compared.
std::string TextsOf(const std::string& path) {
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  std::string error;
  if (!dsl::ReadPolicy(path, sources, findings, error)) return error;
  std::string text;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    const dsl::SourceFile& file = sources.file(i);
    text += file.name + '\0' + std::to_string(file.text.size()) + '\0' + file.text;
  }
  for (const dsl::Diagnostic& finding : findings.all()) text += finding.message + '\0';
  return text;
}

}  // namespace

PolicyWatch::PolicyWatch(engine::Engine& engine, std::string path)
    : engine_(engine), path_(std::move(path)), taken_(TextsOf(path_)), seen_(taken_) {}

std::unique_ptr<PolicyWatch> PolicyWatch::Start(engine::Engine& engine, const std::string& path) {
  std::unique_ptr<PolicyWatch> watch(new PolicyWatch(engine, path));
  try {
    watch->thread_ = std::thread([raw = watch.get()] { raw->Run(); });
  } catch (const std::system_error&) {
    return nullptr;
  }
  return watch;
}

PolicyWatch::~PolicyWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void PolicyWatch::Run() {
  std::unique_lock lock(mutex_);
  while (
      !changed_.wait_for(lock, std::chrono::milliseconds(kWatchMs), [this] { return stopping_; })) {
    lock.unlock();
    try {
      Look();
    } catch (const std::exception& fault) {  // only the memory running out
      Log(LogLevel::kError, "policy_watch_failed", {{"fault", fault.what()}});
    }
    lock.lock();
  }
}

void PolicyWatch::Look() {
  std::string text = TextsOf(path_);
  const bool settled = text == seen_;
  seen_ = std::move(text);
  if (settled && seen_ != taken_) Take(seen_);
}

void PolicyWatch::Take(const std::string& text) {
  taken_ = text;
  const Policy policy = ReadPolicy({path_});
  if (!policy.error.empty()) {
    Log(LogLevel::kError, "policy_refused", {{"path", path_}, {"error", policy.error}});
    return;
  }
  if (!policy.module) {
    Log(LogLevel::kError, "policy_refused",
        {{"path", path_}, {"diagnostics", server::DiagnosticsJson(policy.findings, policy.shown)}});
    return;
  }
  const auto version =
      engine_.InstallPolicy(policy.sources, *policy.module, {"operator", "its files changed"});
  if (!version) {
    Log(LogLevel::kError, "policy_refused", {{"path", path_}, {"error", version.error().message}});
    return;
  }
  Log(LogLevel::kInfo, "policy_activated", {{"path", path_}, {"version", *version}});
}

}  // namespace portvakt::cli
