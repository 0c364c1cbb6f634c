// A store in a folder of its own with a policy in it, and servers over it, for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "dsl/source.h"
#include "engine/engine.h"
#include "server/server.h"

namespace portvakt::server {

// Anyone may read any document; nobody may write one.
inline constexpr std::string_view kOpenPolicy = R"(policy open_shelf "An open shelf"

open entity user
open entity doc

permission read, write on doc

permit everyone
    user may read on doc
)";

class TestWorld {
 public:
  // An empty store without a policy.
  TestWorld();
  ~TestWorld();
  TestWorld(const TestWorld&) = delete;
  TestWorld& operator=(const TestWorld&) = delete;

  engine::Engine& engine() { return *engine_; }
  // Each fails the test with what was found when it does not succeed.
  void InstallText(std::string_view policy);
  void InstallPath(const std::string& path);
  void LoadData(const std::string& path);
  void LoadYaml(std::string_view text);

  // On a free port.
  std::unique_ptr<Server> Serve(const Limits& limits = {}, uint32_t workers = 2);
  // With these options, but for the address: a free port.
  std::unique_ptr<Server> Serve(Server::Options options);
  // The same, taking changes by whoever the requests name.
  std::unique_ptr<Server> ServeChanges(const Limits& limits = {}, uint32_t workers = 2);
  // Closes the store and opens it again, as a restart would. No server of the old one is left.
  void Reopen();
  // The folder of the store, with room for a test's own files beside it.
  const std::string& directory() const { return directory_; }

 private:
  void Open();
  void Install(const dsl::SourceSet& sources);

  std::string directory_;
  std::unique_ptr<engine::Engine> engine_;
};

// An evaluation of {user/ada, action, doc/1}.
std::string EvaluationBody(std::string_view action);

}  // namespace portvakt::server
