// Temporary stores for tests; what goes wrong in one is a failure of the test that uses it.
#include "tests/server/test_world.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "dsl/dsl.h"
#include "engine/load.h"
#include "server/log.h"

namespace portvakt::server {
namespace {

void ExpectLoaded(const engine::LoadReport& report) {
  for (const engine::DataFinding& finding : report.findings) {
    ADD_FAILURE() << finding.file << ":" << finding.line << ":" << finding.column << ": "
                  << finding.message;
  }
}

}  // namespace

TestWorld::TestWorld() {
  SetLogLevel(LogLevel::kError);
  std::string pattern =
      (std::filesystem::temp_directory_path() / "portvakt-test-").string() + std::string(6, 'X');
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  directory_ = pattern;
  Open();
}

void TestWorld::Open() {
  engine::Engine::Options options;
  options.store.map_bytes = uint64_t{256} << 20;
  options.store.sync = false;
  auto opened = engine::Engine::Open(directory_, options);
  if (!opened.ok()) {
    ADD_FAILURE() << opened.error().message;
    std::abort();
  }
  engine_ = std::move(*opened);
}

TestWorld::~TestWorld() {
  engine_.reset();
  std::filesystem::remove_all(directory_);
}

void TestWorld::InstallText(std::string_view policy) {
  dsl::SourceSet sources;
  sources.Add("test.vakt", std::string(policy));
  Install(sources);
}

void TestWorld::InstallPath(const std::string& path) {
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  std::string error;
  ASSERT_TRUE(dsl::ReadPolicy(path, sources, findings, error)) << error;
  Install(sources);
}

void TestWorld::Install(const dsl::SourceSet& sources) {
  dsl::Diagnostics findings;
  const auto module = dsl::Compile(sources, findings);
  for (const dsl::Diagnostic& finding : findings.all()) {
    if (finding.severity() == dsl::Severity::kError) ADD_FAILURE() << dsl::Render(finding, sources);
  }
  ASSERT_TRUE(module.has_value());
  const auto version = engine_->InstallPolicy(sources, *module, {});
  ASSERT_TRUE(version.ok()) << version.error().message;
}

void TestWorld::LoadData(const std::string& path) {
  const auto module = engine_->ActiveModule();
  ASSERT_TRUE(module.ok()) << module.error().message;
  ExpectLoaded(engine::LoadFile(*engine_, *module.value(), path));
}

void TestWorld::LoadYaml(std::string_view text) {
  const auto module = engine_->ActiveModule();
  ASSERT_TRUE(module.ok()) << module.error().message;
  ExpectLoaded(engine::LoadYaml(*engine_, *module.value(), "test.yaml", text));
}

void TestWorld::Reopen() {
  engine_.reset();
  Open();
}

std::unique_ptr<Server> TestWorld::Serve(const Limits& limits, uint32_t workers) {
  Server::Options options;
  options.limits = limits;
  options.workers = workers;
  return Serve(std::move(options));
}

std::unique_ptr<Server> TestWorld::ServeChanges(const Limits& limits, uint32_t workers) {
  Server::Options options;
  options.limits = limits;
  options.workers = workers;
  options.trust_callers = true;
  return Serve(std::move(options));
}

std::unique_ptr<Server> TestWorld::Serve(Server::Options options) {
  options.listen = "127.0.0.1:0";
  auto server = Server::Start(*engine_, options);
  if (server.ok()) return std::move(*server);
  ADD_FAILURE() << server.error().message;
  return nullptr;
}

std::string EvaluationBody(std::string_view action) {
  return R"({"subject":{"type":"user","id":"ada"},"action":{"name":")" + std::string(action) +
         R"("},"resource":{"type":"doc","id":"1"}})";
}

}  // namespace portvakt::server
