// An engine that runs policies/byra in a folder of its own, and its answers beside the domain's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dsl/module.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/policies/domain.h"

namespace portvakt::policies {

// The policy folder of the checkout: `policies/<name>`.
std::string PolicyFolder(const std::string& name);

// policies/byra, checked once. Null, with the findings printed, when it does not check.
const dsl::Module* AgencyModule();

class Agency {
 public:
  // An empty store with the policy; the test fails when that cannot be had.
  Agency();
  ~Agency();
  Agency(const Agency&) = delete;
  Agency& operator=(const Agency&) = delete;

  // False, with the findings as test failures, when anything in it is wrong.
  bool LoadSentences(const std::string& text);
  bool LoadFile(const std::string& path);

  engine::Decision Decide(const std::string& user, const std::string& key,
                          const std::string& tenant, const World& world, Login login);
  engine::Explanation Explain(const std::string& user, const std::string& key,
                              const std::string& tenant, const World& world, Login login);
  engine::Engine& engine() { return *engine_; }

  engine::MissingAnswer Missing(const engine::MissingQuery& query);

 private:
  bool Report(const engine::LoadReport& report);
  std::string directory_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<engine::Session> session_;
};

// Asks both for every account, key, tenant and login and reports where they differ; `what` says
// which facts these are. Returns how many were permitted.
size_t ExpectAgreement(Agency& agency, const World& world, const std::string& what);

}  // namespace portvakt::policies
