// The TypeScript client in examples/clients: compiles without a complaint under strict rules, and
// tests/clients/client_test.ts passes against a running server.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/server/test_world.h"

namespace {

std::string ReadAll(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(TypeScriptClient, CompilesStrictlyAndAgreesWithTheServer) {
  const std::string root = PORTVAKT_SOURCE_DIR;
  portvakt::server::TestWorld world;
  world.InstallPath(root + "/policies/byra");
  world.LoadData(root + "/examples/norr/after.yaml");
  const auto server = world.ServeChanges();
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("ts-" + std::to_string(server->port()));
  std::filesystem::create_directory(folder);
  const std::string out = (folder / "out").string();
  const std::string compile = "cd '" + root +
                              "' && tsc --strict --target es2022 --module commonjs " +
                              "--lib es2022,dom --rootDir . --outDir '" + folder.string() +
                              "' tests/clients/client_test.ts >'" + out + "' 2>&1";
  ASSERT_EQ(std::system(compile.c_str()), 0) << ReadAll(out);
  const std::string run = "node '" + folder.string() + "/tests/clients/client_test.js' http://" +
                          server->address() + " >'" + out + "' 2>&1";
  EXPECT_EQ(std::system(run.c_str()), 0) << ReadAll(out);
  std::filesystem::remove_all(folder);
}

}  // namespace
