// What a configuration file says, and how its mistakes are told.
#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace portvakt::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Lines(const ConfigRead& read) {
  std::vector<std::string> lines;
  for (const dsl::Notice& finding : read.findings) {
    lines.push_back(FindingLine(finding, read.sources));
  }
  return lines;
}

std::string Rendered(const ConfigRead& read) {
  std::string text;
  for (const dsl::Notice& finding : read.findings) text += dsl::Render(finding, read.sources);
  return text;
}

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
  ASSERT_TRUE(read.config) << Lines(read).front();
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
      {"store: a\nstore: b\n", {"f.yaml:2:1: `store` stands here for the second time"}},
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
    EXPECT_EQ(Lines(read), row.errors) << row.text;
  }
}

TEST(Config, TellsWhatIsNotYaml) {
  const ConfigRead read = ParseConfig("store: [a\n", "f.yaml");
  EXPECT_THAT(Lines(read), ElementsAre(HasSubstr("f.yaml:2:1: this is no YAML: ")));
  EXPECT_FALSE(ParseConfig(std::string(100'000, '['), "f.yaml").config);
  EXPECT_THAT(Lines(ParseConfig(std::string(kMaxConfigBytes + 1, ' '), "f.yaml")),
              ElementsAre("f.yaml: longer than 1048576 bytes"));
}

TEST(Config, TellsThatAFileCannotBeRead) {
  EXPECT_THAT(Lines(ReadConfig("/nowhere/f.yaml")), ElementsAre("/nowhere/f.yaml: cannot be read"));
}

TEST(Config, ShowsMistakesAsThoseOfPoliciesAreShown) {
  const ConfigRead read = ParseConfig(
      "listen: 127.0.0.1:9  # here\n"
      "limits:\n"
      "  bodi_bytes: 5000\n"
      "  idle_ms: \"9 s\"\n",
      "etc/f.yaml");
  EXPECT_EQ(Rendered(read),
            "error: no such key `bodi_bytes`\n"
            " --> etc/f.yaml:3:3\n"
            "  |\n"
            "3 |   bodi_bytes: 5000\n"
            "  |   ^^^^^^^^^^\n"
            "  |\n"
            "  = help: did you mean `body_bytes`?\n"
            "error: `idle_ms` must be a whole number from 100 to 3600000\n"
            " --> etc/f.yaml:4:12\n"
            "  |\n"
            "4 |   idle_ms: \"9 s\"\n"
            "  |            ^^^^^\n");
}

TEST(Config, NamesTheKeysWhereNoneIsNear) {
  EXPECT_THAT(Rendered(ParseConfig("colour: red\n", "f.yaml")),
              HasSubstr("= help: the keys here are `listen`, `store`, "));
}

// Values of one key, as sections read them.
struct Values {
  std::string secret;
  double share = 0.5;
  size_t mode = 0;
  std::vector<std::string> names;
};

std::vector<std::string> ReadValues(const std::string& text, Values& values) {
  ConfigState state{ConfigText("f.yaml", text)};
  ConfigValue(state, state.text.root(), "").Map([&](ConfigMap& map) {
    map.Secret("secret", values.secret);
    map.Decimal("share", 0, 1, values.share);
    map.Read("mode", [&](const ConfigValue& mode) {
      mode.Choice({"must_log", "best_effort"}, values.mode);
    });
    map.Read("names", [&](const ConfigValue& names) {
      names.Entries([&](const std::string& name, const ConfigValue& value) {
        bool is_known = false;
        if (value.Flag(is_known) && is_known) values.names.push_back(name);
      });
    });
  });
  state.text.Sort();
  std::vector<std::string> lines;
  for (const dsl::Notice& finding : state.text.findings()) {
    lines.push_back(FindingLine(finding, state.text.sources()));
  }
  return lines;
}

TEST(Config, ReadsSecretsFromTheEnvironment) {
  ::setenv("PORTVAKT_TEST_SECRET", "hush", 1);
  ::unsetenv("PORTVAKT_TEST_NOTHING");
  Values values;
  EXPECT_THAT(ReadValues("secret: ${PORTVAKT_TEST_SECRET}\n", values), ElementsAre());
  EXPECT_EQ(values.secret, "hush");
  EXPECT_THAT(ReadValues("secret: plain$ {text}\n", values), ElementsAre());
  EXPECT_EQ(values.secret, "plain$ {text}");
  EXPECT_THAT(ReadValues("secret: ${PORTVAKT_TEST_NOTHING}\n", values),
              ElementsAre("f.yaml:1:9: the environment variable `PORTVAKT_TEST_NOTHING` is not "
                          "set"));
  EXPECT_EQ(values.secret, "plain$ {text}");
}

TEST(Config, ReadsSharesWordsAndNames) {
  Values values;
  EXPECT_THAT(ReadValues("share: 0.125\nmode: best_effort\nnames: {a: true, b: false}\n", values),
              ElementsAre());
  EXPECT_EQ(values.share, 0.125);
  EXPECT_EQ(values.mode, 1u);
  EXPECT_THAT(values.names, ElementsAre("a"));
  EXPECT_THAT(ReadValues("share: 1.5\nmode: best-effort\nnames: {a: 7}\n", values),
              ElementsAre("f.yaml:1:8: `share` must be a number from 0 to 1",
                          "f.yaml:2:7: `mode` must be `must_log` or `best_effort`; did you mean "
                          "`best_effort`?",
                          "f.yaml:3:12: `a` must be true or false"));
  for (const std::string text : {"share: 1e-1\n", "share: -0.1\n", "share: .5\n", "share: nan\n"}) {
    EXPECT_EQ(ReadValues(text, values).size(), 1u) << text;
  }
}

TEST(Config, ListsThePathsThatItNames) {
  const ConfigRead read = ParseConfig("store: s\ndata: [a, b]\n", "/etc/f.yaml");
  ASSERT_EQ(read.paths.size(), 3u);
  EXPECT_EQ(read.paths[0].path, "/etc/s");
  EXPECT_EQ(read.paths[0].use, PathUse::kStateFolder);
  EXPECT_EQ(read.paths[2].path, "/etc/b");
  EXPECT_EQ(read.sources.Place(read.paths[2].span), "/etc/f.yaml:2:11");
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

TEST(Config, ReadsWhatIsToBeLogged) {
  const ConfigRead read = ParseConfig(
      "decision_log:\n"
      "  directory: decisions\n"
      "  mode: must_log\n"
      "  rules:\n"
      "    - { permissions: [health.*, ping], share: 0 }\n"
      "    - { verdict: permit, share: 0.01 }\n"
      "  mask: [context.pnr, subject.properties.*]\n"
      "  segment_bytes: 2000000\n"
      "  segments: 7\n"
      "  queue_bytes: 3000000\n"
      "access_log: { to: file, file: access.jsonl, queue_bytes: 100000 }\n",
      "/etc/portvakt/serve.yaml");
  ASSERT_TRUE(read.config) << Lines(read).front();
  const DecisionLogOptions& decisions = read.config->server.decision_log;
  EXPECT_EQ(decisions.directory, "/etc/portvakt/decisions");
  EXPECT_EQ(decisions.mode, DecisionLogOptions::Mode::kMustLog);
  ASSERT_EQ(decisions.rules.size(), 2u);
  EXPECT_THAT(decisions.rules[0].permissions, ElementsAre("health.*", "ping"));
  EXPECT_EQ(decisions.rules[0].permit, std::nullopt);
  EXPECT_EQ(decisions.rules[0].share, 0);
  EXPECT_EQ(decisions.rules[1].permit, true);
  EXPECT_EQ(decisions.rules[1].share, 0.01);
  EXPECT_THAT(decisions.mask, ElementsAre("context.pnr", "subject.properties.*"));
  EXPECT_EQ(decisions.segment_bytes, 2'000'000u);
  EXPECT_EQ(decisions.segments, 7u);
  EXPECT_EQ(decisions.queue_bytes, 3'000'000u);
  const AccessLogOptions& access = read.config->server.access_log;
  EXPECT_EQ(access.to, AccessLogOptions::To::kFile);
  EXPECT_EQ(access.file, "/etc/portvakt/access.jsonl");
  EXPECT_EQ(access.queue_bytes, 100'000u);
}

TEST(Config, TellsWhatIsWrongAboutLogs) {
  const ConfigRead read = ParseConfig(
      "decision_log:\n"
      "  mode: sometimes\n"
      "  rules: [{ share: 2 }]\n"
      "  mask: [pnr]\n"
      "access_log: { to: file }\n",
      "serve.yaml");
  EXPECT_FALSE(read.config);
  const std::string told = Rendered(read);
  for (const char* part : {"`directory`", "must_log", "share", "`pnr` is no path", "go together"}) {
    EXPECT_THAT(told, HasSubstr(part));
  }
}

}  // namespace
}  // namespace portvakt::server
