// A configuration that is checked before it is used: each key, what the keys name, and what does
// not go together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "server/json.h"
#include "tests/cli/support.h"
#include "tests/server/test_certificates.h"

namespace portvakt::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

Ran CheckConfig(const std::string& path, Format format = Format::kPretty) {
  return RunHere(ConfigCheckCommand{.path = path, .format = format});
}

TEST(ConfigCheck, SaysThatAFileIsGood) {
  const TestFolder folder;
  const std::string path =
      folder.Write("good.yaml", "store: made/later\npolicy: " + LibraryPath() +
                                    "\ndata: " + LibraryPath("data.yaml") + "\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, path + ": ok\n");
  EXPECT_THAT(folder.Names(), testing::ElementsAre("good.yaml")) << "looking makes nothing";
}

TEST(ConfigCheck, TellsAllMistakesAtTheirPlaces) {
  const TestFolder folder;
  folder.Write("bad/bad.vakt", "policy bad\npermit (\n");
  const std::string path = folder.Write("wrong.yaml",
                                        "lisen: 127.0.0.1:1\n"
                                        "store: wrong.yaml\n"
                                        "policy: bad\n"
                                        "data: [none.yaml, bad]\n"
                                        "workers: many\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("did you mean `listen`?"));
  EXPECT_THAT(ran.out, HasSubstr("wrong.yaml:2:8\n"));
  EXPECT_THAT(ran.out, HasSubstr("wrong.yaml: a file, where a folder is needed"));
  EXPECT_THAT(ran.out, HasSubstr("bad: 1 error in this policy"));
  EXPECT_THAT(ran.out, HasSubstr("none.yaml: No such file or directory"));
  EXPECT_THAT(ran.out, HasSubstr("bad: a folder, where a file is needed"));
  EXPECT_THAT(ran.out, HasSubstr("`workers` must be a whole number"));
  EXPECT_THAT(ran.out, EndsWith("wrong.yaml: 6 errors\n"));
}

TEST(ConfigCheck, WarnsWhereAServerWouldNotStartAlone) {
  const TestFolder folder;
  const std::string path = folder.Write("empty.yaml", "# nothing\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("warning: neither a `store` nor a `policy` is named"));
  EXPECT_THAT(ran.out, EndsWith("empty.yaml: ok, 1 warning\n"));
}

TEST(ConfigCheck, TellsMachinesThePlaces) {
  const TestFolder folder;
  const std::string path = folder.Write("wrong.yaml", "policy: none\nworkers: 1000\n");
  const Ran ran = CheckConfig(path, Format::kJson);
  EXPECT_EQ(ran.exit_code, 1);
  const server::JsonRead read = server::ReadJson(ran.out);
  ASSERT_TRUE(read.value) << ran.out;
  ASSERT_EQ(read.value->elements().size(), 2u) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("\"line\": 2"));
  EXPECT_THAT(ran.out, HasSubstr("\"column\": 10"));
  EXPECT_THAT(ran.out, HasSubstr("\"severity\": \"error\""));
}

TEST(ConfigCheck, AFileThatIsNotThereIsWrongUsage) {
  const Ran ran = CheckConfig("/nowhere/portvakt.yaml");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/portvakt.yaml: there is no such file"));
}

// ---- what does not go together ------------------------------------------------------------------

// What each key says is right by itself. The table: the file, where the finding stands, its words.
class ConfigTogether : public testing::Test {
 protected:
  void SetUp() override {
    authority_.Write(folder_.Path("authority.pem"));
    authority_.Issue(folder_.Path("one"), {{"CN", "one"}});
    authority_.Issue(folder_.Path("two"), {{"CN", "two"}});
    folder_.Write("empty.json", "");
    folder_.Write("keys.json", R"({"keys": []})");
    folder_.Write("none.jwks.json", R"({"keys": []})");
    folder_.Write("file", "");
    for (const std::string& name : folder_.Names()) ::chmod(folder_.Path(name).c_str(), 0600);
  }
  std::string Write(const std::string& text) {
    return folder_.Write("c.yaml", "policy: " + LibraryPath() + "\n" + text);
  }

  const TestFolder folder_;
  const server::TestAuthority authority_{"authority"};
};

TEST_F(ConfigTogether, WhatAServerWouldRefuseStandsAtItsKey) {
  const std::string tls = "tls: { certificate: one.crt, key: one.key }\n";
  const std::string keys = "callers: { keys_file: keys.json }\n";
  const std::string issuer = "issuer: a, audience: b, scopes: [decide], jwks_file: ";
  struct Row {
    std::string text;
    std::string place;
    std::string message;
  };
  const Row rows[] = {
      {"listen: 0.0.0.0:1\n", "2:9", "needs `tls` (a certificate and its key) and `callers`"},
      {"listen: 0.0.0.0:1\n" + tls, "2:9", "needs `callers`"},
      {"listen: 0.0.0.0:1\n" + keys, "2:9", "needs `tls`"},
      {"listen: here\n", "2:9", "here"},
      {keys + "trust_callers: true\n", "3:16", "contradict each other"},
      {"callers:\n  certificates: [{ subject: CN=a, name: a, scopes: [decide] }]\n", "3:17",
       "clients are not asked for theirs"},
      {"tls: { certificate: file, key: one.key }\n", "2:21", "the certificate"},
      {"tls: { certificate: one.crt, key: two.key }\n", "2:35", "key values mismatch"},
      {"tls:\n  certificate: one.crt\n  key: one.key\n  client_certificates: optional\n"
       "  client_ca: file\n",
       "6:14", "the file of client authorities"},
      {"callers: { keys_file: empty.json }\n", "2:23", "empty.json"},
      {"callers:\n  issuers:\n    - { " + issuer + "none.jwks.json }\n", "4:62", "none.jwks.json"},
      {"callers:\n  issuers: [{ " + issuer + "empty.json }]\n", "3:68", "empty.json"},
      {"decision_log: { directory: none/decisions }\n", "2:28", "cannot be made"},
      {"decision_log: { directory: file }\n", "2:28", "a file, where a folder is needed"},
      {"access_log: { to: file, file: none/access }\n", "2:31", "cannot be made"},
      {"access_log: { to: file, file: . }\n", "2:31", "a folder, where a file is needed"},
  };
  for (const Row& row : rows) {
    const Ran ran = CheckConfig(Write(row.text));
    EXPECT_EQ(ran.exit_code, 1) << row.text;
    EXPECT_THAT(ran.out, HasSubstr("c.yaml:" + row.place + "\n")) << row.text;
    EXPECT_THAT(ran.out, HasSubstr(row.message)) << row.text;
    EXPECT_THAT(ran.out, EndsWith("c.yaml: 1 error\n")) << row.text;
    // The same keeps a server from starting.
    const Ran served = RunBinary(folder_, {"serve", "--config", "c.yaml"});
    EXPECT_EQ(served.exit_code, 2) << row.text;
    EXPECT_THAT(served.err, HasSubstr("c.yaml:" + row.place + "\n")) << row.text;
  }
}

TEST_F(ConfigTogether, AllOfItIsToldAtOnce) {
  const Ran ran =
      CheckConfig(Write("listen: 0.0.0.0:1\ntls: { certificate: file, key: file }\n"
                        "callers: { keys_file: empty.json }\ndecision_log: { directory: file }\n"));
  EXPECT_THAT(ran.out, EndsWith("c.yaml: 4 errors\n"));
}

TEST_F(ConfigTogether, WhatFitsIsGood) {
  const Ran ran = CheckConfig(
      Write("listen: 0.0.0.0:1\ncallers:\n  keys_file: keys.json\n"
            "  certificates: [{ subject: CN=a, name: a, scopes: [decide] }]\n"
            "tls:\n  certificate: one.crt\n  key: one.key\n  client_certificates: required\n"
            "  client_ca: authority.pem\ndecision_log: { directory: decisions/ }\n"
            "access_log: { to: file, file: access }\n"));
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, folder_.Path("c.yaml") + ": ok\n");
  EXPECT_THAT(folder_.Names(), testing::Not(testing::Contains("decisions"))) << "nothing is made";
}

TEST_F(ConfigTogether, WarnsOfGatewaysThatLetNobodyThrough) {
  const std::string keys = "callers: { keys_file: keys.json }\n";
  const auto by = [](const std::string& name) {
    return "gateway:\n  subject: { header: X-User, type: reader, callers: [" + name + "] }\n";
  };
  const std::pair<std::string, std::string> rows[] = {
      {by("anonymous"), ""},
      {keys + by("edge"), ""},
      {by("edge"), "everybody is `anonymous`"},
      {keys + by("anonymous"), "nobody is `anonymous`"},
      {keys + "gateway: { tell_reasons: true }\n", ""},
      {"gateway: { tell_reasons: true }\n", "nobody has credentials"},
  };
  for (const auto& [text, warning] : rows) {
    const Ran ran = CheckConfig(Write(text));
    EXPECT_EQ(ran.exit_code, 0) << text;
    EXPECT_THAT(ran.out, HasSubstr(warning)) << text;
    EXPECT_THAT(ran.out, EndsWith(warning.empty() ? ": ok\n" : ": ok, 1 warning\n")) << text;
  }
}

TEST_F(ConfigTogether, WhatAFlagSaysIsNotOfTheFile) {
  Write("listen: 127.0.0.1:0\n");
  const Ran ran = RunBinary(folder_, {"serve", "--config", "c.yaml", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("cannot listen on `0.0.0.0:0`"));
  EXPECT_THAT(ran.err, testing::Not(HasSubstr("c.yaml:")));
}

}  // namespace
}  // namespace portvakt::cli
