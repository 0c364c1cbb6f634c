// What a configuration file says, and how its mistakes are told.
#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Config, ReadsEveryKey) {
  const ConfigRead read = ParseConfig(
      "listen: 127.0.0.1:9\n"
      "store: /var/lib/portvakt\n"
      "policy: ../policies/byra\n"
      "data: [a.yaml, /b.yaml]\n"
      "workers: 3\n"
      "trust_callers: true\n"
      "limits:\n"
      "  header_bytes: 2000\n"
      "  body_bytes: 3000\n"
      "  connections: 4\n"
      "  requests_per_connection: 5\n"
      "  header_ms: 600\n"
      "  body_ms: 700\n"
      "  write_ms: 800\n"
      "  idle_ms: 900\n"
      "  drain_ms: 0\n",
      "/etc/portvakt/serve.yaml");
  ASSERT_TRUE(read.config) << read.errors.front();
  const Config& config = *read.config;
  EXPECT_TRUE(config.has_listen);
  EXPECT_EQ(config.server.listen, "127.0.0.1:9");
  EXPECT_EQ(config.store, "/var/lib/portvakt");
  EXPECT_EQ(config.policy, "/etc/policies/byra");
  EXPECT_THAT(config.data, ElementsAre("/etc/portvakt/a.yaml", "/b.yaml"));
  EXPECT_EQ(config.server.workers, 3u);
  EXPECT_TRUE(config.server.trust_callers);
  EXPECT_EQ(config.server.limits.header_bytes, 2000u);
  EXPECT_EQ(config.server.limits.body_bytes, 3000u);
  EXPECT_EQ(config.server.limits.connections, 4u);
  EXPECT_EQ(config.server.limits.requests_per_connection, 5u);
  EXPECT_EQ(config.server.limits.header_ms, 600u);
  EXPECT_EQ(config.server.limits.body_ms, 700u);
  EXPECT_EQ(config.server.limits.write_ms, 800u);
  EXPECT_EQ(config.server.limits.idle_ms, 900u);
  EXPECT_EQ(config.server.limits.drain_ms, 0u);
}

TEST(Config, LeavesDefaultsWhereItSaysNothing) {
  for (const std::string text : {"", "# nothing\n", "---\n"}) {
    const ConfigRead read = ParseConfig(text, "serve.yaml");
    ASSERT_TRUE(read.config) << text;
    EXPECT_FALSE(read.config->has_listen);
    EXPECT_FALSE(read.config->server.trust_callers);
    EXPECT_FALSE(read.config->store);
    EXPECT_FALSE(read.config->policy);
    EXPECT_TRUE(read.config->data.empty());
    EXPECT_EQ(read.config->server.limits.body_bytes, Limits().body_bytes);
  }
  const ConfigRead read = ParseConfig("data: one.yaml\n", "serve.yaml");
  ASSERT_TRUE(read.config);
  EXPECT_THAT(read.config->data, ElementsAre("one.yaml"));
}

TEST(Config, TellsEveryMistakeWithItsPlace) {
  struct Row {
    std::string text;
    std::vector<std::string> errors;
  };
  const Row rows[] = {
      {"lisen: 127.0.0.1:9\nstore: a\n",
       {"f.yaml:1:1: no such key `lisen`; did you mean `listen`?"}},
      {"store: a\nlimits:\n  body_byte: 5000\n  idle_mss: 900\n",
       {"f.yaml:3:3: no such key `body_byte`; did you mean `body_bytes`?",
        "f.yaml:4:3: no such key `idle_mss`; did you mean `idle_ms`?"}},
      {"colour: red\n", {"f.yaml:1:1: no such key `colour`"}},
      {"store: a\nstore: b\n", {"f.yaml:2:1: the key `store` stands twice"}},
      {"- store\n", {"f.yaml:1:1: the file must be a map of keys and values"}},
      {"limits: 5\n", {"f.yaml:1:9: `limits` must be a map of keys and values"}},
      {"store: [a]\n", {"f.yaml:1:8: `store` must be a text"}},
      {"listen: \"\"\n", {"f.yaml:1:9: `listen` must be a text"}},
      {"data: [a, [b]]\n", {"f.yaml:1:11: `data` must be a text"}},
      {"workers: many\n", {"f.yaml:1:10: `workers` must be a whole number from 0 to 256"}},
      {"workers: 257\n", {"f.yaml:1:10: `workers` must be a whole number from 0 to 256"}},
      {"workers: -1\n", {"f.yaml:1:10: `workers` must be a whole number from 0 to 256"}},
      {"limits: {header_ms: 1s}\n",
       {"f.yaml:1:21: `header_ms` must be a whole number from 100 to 600000"}},
      {"limits: {body_bytes: 99999999999}\n",
       {"f.yaml:1:22: `body_bytes` must be a whole number from 1024 to 67108864"}},
  };
  for (const Row& row : rows) {
    const ConfigRead read = ParseConfig(row.text, "f.yaml");
    EXPECT_FALSE(read.config) << row.text;
    EXPECT_EQ(read.errors, row.errors) << row.text;
  }
}

TEST(Config, TellsWhatIsNotYaml) {
  const ConfigRead read = ParseConfig("store: [a\n", "f.yaml");
  ASSERT_EQ(read.errors.size(), 1u);
  EXPECT_THAT(read.errors[0], HasSubstr("f.yaml:2:1: "));
  EXPECT_FALSE(ParseConfig(std::string(100'000, '['), "f.yaml").config);
  EXPECT_THAT(ParseConfig(std::string(kMaxConfigBytes + 1, ' '), "f.yaml").errors,
              ElementsAre("f.yaml:1:1: the file is longer than 1048576 bytes"));
}

TEST(Config, TellsThatAFileCannotBeRead) {
  EXPECT_THAT(ReadConfig("/nowhere/f.yaml").errors, ElementsAre("/nowhere/f.yaml: cannot be read"));
}

// The reference lists every key, with its default and its range.
TEST(Config, IsDocumentedKeyByKey) {
  std::ifstream file(PORTVAKT_SOURCE_DIR "/docs/configuration.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const std::string row : {"listen", "store", "policy", "data", "workers"}) {
    EXPECT_THAT(text.str(), HasSubstr("| `" + row + "` |"));
  }
  const Limits limits;
  const std::pair<std::string, uint32_t> rows[] = {
      {"header_bytes", limits.header_bytes},
      {"body_bytes", limits.body_bytes},
      {"connections", limits.connections},
      {"requests_per_connection", limits.requests_per_connection},
      {"header_ms", limits.header_ms},
      {"body_ms", limits.body_ms},
      {"write_ms", limits.write_ms},
      {"idle_ms", limits.idle_ms},
      {"drain_ms", limits.drain_ms},
  };
  for (const auto& [name, value] : rows) {
    EXPECT_THAT(text.str(), HasSubstr("| `" + name + "` | " + std::to_string(value) + " |"));
  }
}

}  // namespace
}  // namespace portvakt::server
