// The description of the interface against the server that serves it: every operation is called and
// compared with its schemas, and the description names all endpoints and no others.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "server/handlers.h"
#include "server/json.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(OpenApi, EveryOperationAnswersAsDescribed) {
  const std::string root = PORTVAKT_SOURCE_DIR;
  TestWorld world;
  world.InstallPath(root + "/policies/byra");
  world.LoadData(root + "/examples/norr/after.yaml");
  const auto server = world.ServeChanges();
  const std::string out = testing::TempDir() + "openapi-" + std::to_string(server->port());
  const std::string command = "/usr/bin/python3 '" + root +
                              "/tests/server/openapi_check.py' http://" + server->address() +
                              " >'" + out + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << ReadAll(out);
  std::remove(out.c_str());
}

// "GET /v1/status open"; paths with parameters stand for all below what is before the parameter.
TEST(OpenApi, NamesAllEndpointsWithTheirScopes) {
  const JsonRead document =
      ReadJson(ReadAll(std::string(PORTVAKT_SOURCE_DIR) + "/server/openapi.json"));
  ASSERT_TRUE(document.value) << document.error.message;
  std::set<std::string> described;
  for (const auto& [path, methods] : document.value->Find("paths")->members()) {
    for (const auto& [method, operation] : methods.members()) {
      const JsonValue* security = operation.Find("security");
      const bool is_open = security->elements().empty();
      const std::string scope =
          is_open ? "open" : security->elements()[0].Find("bearer")->elements()[0].text();
      described.insert((method == "get" ? "GET " : "POST ") + path.substr(0, path.find('{')) + " " +
                       scope);
    }
  }
  std::set<std::string> served;
  for (const EndpointInfo& endpoint : ListEndpoints()) {
    served.insert(std::string(endpoint.method) + " " + std::string(endpoint.path) + " " +
                  std::string(ScopeName(endpoint.scope)));
  }
  EXPECT_EQ(described, served) << "describe every endpoint in server/openapi.json, with examples";
}

}  // namespace
}  // namespace portvakt::server
