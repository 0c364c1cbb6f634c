// `portvakt key`, and the command as a caller of a server that knows its callers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "server/json.h"
#include "server/key_file.h"
#include "tests/cli/support.h"
#include "tests/server/test_certificates.h"

namespace portvakt::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

const std::string kRoot = PORTVAKT_SOURCE_DIR;

class KeyTest : public testing::Test {
 protected:
  KeyCommand Create(const std::string& name, const std::vector<std::string>& scopes) const {
    KeyCommand command;
    command.what = KeyCommand::What::kCreate;
    command.keys_file = keys_;
    command.name = name;
    command.scopes = scopes;
    return command;
  }
  std::vector<server::ApiKey> Keys() const {
    auto read = server::ParseKeyFile(ReadText(keys_));
    EXPECT_TRUE(read.ok());
    return read.ok() ? read.value() : std::vector<server::ApiKey>();
  }
  mode_t Mode() const {
    struct stat status {};
    EXPECT_EQ(stat(keys_.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  const TestFolder folder_;
  const std::string keys_ = folder_.Path("keys.json");
};

TEST_F(KeyTest, CreatePrintsTheKeyOnceAndKeepsItsHash) {
  const Ran ran = RunHere(Create("gateway", {"decide", "search"}));
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, MatchesRegex("pvk_[0-9a-f]{16}_[0-9a-f]{64}\n"));
  EXPECT_EQ(Mode(), 0600u);
  const std::string secret = ran.out.substr(21, 64);
  EXPECT_THAT(ReadText(keys_), Not(HasSubstr(secret)));
  EXPECT_THAT(ran.err, Not(HasSubstr(secret)));
  ASSERT_EQ(Keys().size(), 1u);
  const server::ApiKey key = Keys()[0];
  EXPECT_TRUE(server::HasSecret(key, secret));
  EXPECT_EQ(key.caller.name, "gateway");
  EXPECT_EQ(key.caller.scopes, server::Scopes({server::Scope::kDecide, server::Scope::kSearch}));
  // Nothing else is left in the folder.
  EXPECT_EQ(folder_.Names(), std::vector<std::string>{"keys.json"});
}

TEST_F(KeyTest, CreateAddsToWhatIsThereAndKeepsWhoMayReadIt) {
  ASSERT_EQ(RunHere(Create("one", {"decide"})).exit_code, 0);
  ASSERT_EQ(chmod(keys_.c_str(), 0644), 0);
  KeyCommand command = Create("two", {"decide", "change"});
  command.actor = "user:eva:1";
  command.expires = "2999-01-01";
  command.format = Format::kJson;
  const Ran ran = RunHere(command);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto answer = server::ReadJson(ran.out);
  ASSERT_TRUE(answer.value) << ran.out;
  EXPECT_THAT(answer.value->Find("key")->text(), MatchesRegex("pvk_[0-9a-f]{16}_[0-9a-f]{64}"));
  EXPECT_EQ(Mode(), 0640u);
  ASSERT_EQ(Keys().size(), 2u);
  EXPECT_EQ(Keys()[1].caller.actor, (engine::EntityName{"user", "eva:1"}));
  EXPECT_TRUE(Keys()[1].expires_us);
}

TEST_F(KeyTest, CreateRefusesWhatMakesNoSense) {
  const auto refused = [&](const KeyCommand& command, const char* message) {
    const Ran ran = RunHere(command);
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_THAT(ran.err, HasSubstr(message));
    EXPECT_EQ(ran.out, "");
  };
  refused(Create("a b", {"decide"}), "--name takes 1 to 100 letters");
  refused(Create("a", {"decode"}), "there is no scope `decode`; there are decide, search");
  refused(Create("a", {"change"}), "needs --actor or --names-actor");
  KeyCommand command = Create("a", {"change"});
  command.actor = "eva";
  refused(command, "--actor takes TYPE:ID");
  command = Create("a", {"decide"});
  command.expires = "soon";
  refused(command, "soon");
  command.expires = "2001-01-01";
  refused(command, "--expires is in the past");
  command = Create("a", {"decide"});
  command.keys_file = folder_.Path("nowhere/keys.json");
  refused(command, "No such file");
  folder_.Write("keys.json", "{\"keys\": 1}");
  refused(Create("a", {"decide"}), "`/keys` is a number; it must be an array");
  EXPECT_EQ(ReadText(keys_), "{\"keys\": 1}");
}

TEST_F(KeyTest, ListShowsNoSecret) {
  const std::string key = RunHere(Create("gateway", {"decide"})).out;
  KeyCommand portal = Create("portal", {"decide", "change"});
  portal.names_actor = true;
  ASSERT_EQ(RunHere(portal).exit_code, 0);
  KeyCommand list;
  list.keys_file = keys_;
  for (const Format format : {Format::kPretty, Format::kJson}) {
    list.format = format;
    const Ran ran = RunHere(list);
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_THAT(ran.out, AllOf(HasSubstr(key.substr(4, 16)), HasSubstr("gateway")));
    EXPECT_THAT(ran.out, Not(HasSubstr(key.substr(21, 64))));
    EXPECT_THAT(ran.out, Not(HasSubstr(engine::ToHexadecimal(Keys()[0].secret_hash))));
  }
  list.format = Format::kPretty;
  EXPECT_THAT(RunHere(list).out, HasSubstr("whom it names"));
}

TEST_F(KeyTest, RevokeTakesIdsAlone) {
  const std::string first = RunHere(Create("gateway", {"decide"})).out.substr(4, 16);
  const std::string key = RunHere(Create("gateway", {"decide"})).out;
  KeyCommand revoke;
  revoke.what = KeyCommand::What::kRevoke;
  revoke.keys_file = keys_;
  revoke.ids = {"gateway"};
  const Ran by_name = RunHere(revoke);
  EXPECT_EQ(by_name.exit_code, 2);
  EXPECT_THAT(by_name.err, AllOf(HasSubstr(first), HasSubstr("say which by its id")));
  revoke.ids = {first, key.substr(0, 85)};
  const Ran by_key = RunHere(revoke);
  EXPECT_EQ(by_key.exit_code, 2);
  EXPECT_THAT(by_key.err, Not(HasSubstr(key.substr(21, 64))));
  EXPECT_EQ(Keys().size(), 2u);
  revoke.ids = {first};
  EXPECT_EQ(RunHere(revoke).out, "revoked " + first + "\n");
  ASSERT_EQ(Keys().size(), 1u);
  EXPECT_EQ(Keys()[0].id, key.substr(4, 16));
}

// Whoever makes keys at the same time loses none.
TEST_F(KeyTest, CommandsAtOnceWaitForEachOther) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j) {
        EXPECT_EQ(RunHere(Create("k" + std::to_string(i), {"decide"})).exit_code, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Keys().size(), 40u);
}

// ---- the command as a caller --------------------------------------------------------------------

class CallingAServer : public KeyTest {
 protected:
  void SetUp() override {
    const Ran loaded =
        RunBinary(folder_, {"load", "--store", folder_.Path("store"), "--policy",
                            kRoot + "/policies/byra", kRoot + "/examples/norr/after.yaml"});
    ASSERT_EQ(loaded.exit_code, 0) << loaded.err;
  }
  std::string MakeKey(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"key", "create", "--keys-file", keys_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = RunBinary(folder_, arguments);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.out.substr(0, ran.out.find('\n'));
  }
  void Serve() {
    folder_.Write("serve.yaml", "store: " + folder_.Path("store") +
                                    "\nlisten: 127.0.0.1:0\ncallers: { keys_file: keys.json }\n");
    server_.emplace(server_folder_,
                    std::vector<std::string>{"serve", "--config", folder_.Path("serve.yaml")});
    url_ = "http://" + server_->WaitForLine("listening on http://");
    ASSERT_NE(url_, "http://") << server_->err();
  }
  Ran Ask(const std::string& key) {
    return RunBinary(folder_,
                     {"can", "david", "bokforing.verifikation.skapa", "alfa", "--server", url_}, "",
                     {"PORTVAKT_KEY=" + key});
  }
  const TestFolder server_folder_;
  std::optional<Child> server_;
  std::string url_;
};

TEST_F(CallingAServer, TheKeyComesFromTheEnvironment) {
  const std::string key = MakeKey({"--name", "eva", "--scopes", "review,policy"});
  const std::string narrow = MakeKey({"--name", "gateway", "--scopes", "decide"});
  Serve();
  const Ran good = Ask(key);
  EXPECT_EQ(good.out, "yes\n") << good.err;
  const Ran without = Ask("");
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.err, HasSubstr("set the environment variable PORTVAKT_KEY"));
  const Ran outside = Ask(narrow);
  EXPECT_EQ(outside.exit_code, 2);
  EXPECT_THAT(outside.err, HasSubstr("has not the scope `policy`"));
  const Ran odd = Ask("a\tb");
  EXPECT_EQ(odd.exit_code, 2);
  EXPECT_THAT(odd.err, HasSubstr("PORTVAKT_KEY has blanks"));

  const Ran revoked =
      RunBinary(folder_, {"key", "revoke", key.substr(4, 16)}, "", {"PORTVAKT_KEYS_FILE=" + keys_});
  EXPECT_EQ(revoked.exit_code, 0) << revoked.err;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (Ask(key).exit_code == 0 && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_EQ(Ask(key).exit_code, 2);
  for (const std::string& text : {server_->out(), server_->err(), good.err, outside.err}) {
    EXPECT_THAT(text, Not(HasSubstr(key.substr(21))));
    EXPECT_THAT(text, Not(HasSubstr(narrow.substr(21))));
  }
}

// Over TLS the command believes the named authority alone, and only for the name in the URL.
TEST_F(CallingAServer, OverTlsTheServerMustProveItself) {
  const server::TestAuthority authority("the authority");
  const server::TestAuthority other("another authority");
  authority.Issue(folder_.Path("server"), {{"CN", "a server"}});
  authority.Write(folder_.Path("authority.pem"));
  other.Write(folder_.Path("other.pem"));
  const std::string key = MakeKey({"--name", "eva", "--scopes", "review,policy"});
  folder_.Write("serve.yaml", "store: " + folder_.Path("store") +
                                  "\nlisten: 0.0.0.0:0\ncallers: { keys_file: keys.json }\n"
                                  "tls: { certificate: server.crt, key: server.key }\n");
  server_.emplace(server_folder_,
                  std::vector<std::string>{"serve", "--config", folder_.Path("serve.yaml")});
  const std::string address = server_->WaitForLine("listening on https://");
  ASSERT_NE(address, "") << server_->err();
  const std::string port = address.substr(address.rfind(':'));
  const auto ask = [&](const std::string& url, const std::string& authorities) {
    return RunBinary(folder_,
                     {"can", "david", "bokforing.verifikation.skapa", "alfa", "--server", url}, "",
                     {"PORTVAKT_KEY=" + key, "PORTVAKT_CA=" + folder_.Path(authorities)});
  };
  EXPECT_EQ(ask("https://localhost" + port, "authority.pem").out, "yes\n");
  EXPECT_EQ(ask("https://127.0.0.1" + port + "/", "authority.pem").out, "yes\n");
  const Ran foreign = ask("https://localhost" + port, "other.pem");
  EXPECT_EQ(foreign.exit_code, 2);
  EXPECT_THAT(foreign.err, HasSubstr("certificate verify failed"));
  const Ran other_name = ask("https://127.0.0.2" + port, "authority.pem");
  EXPECT_EQ(other_name.exit_code, 2);
  EXPECT_THAT(other_name.err, HasSubstr("certificate verify failed"));
  EXPECT_THAT(ask("https://localhost" + port, "nothing.pem").err, HasSubstr("nothing.pem"));
  EXPECT_EQ(ask("http://127.0.0.1" + port, "authority.pem").exit_code, 2);
}

}  // namespace
}  // namespace portvakt::cli
