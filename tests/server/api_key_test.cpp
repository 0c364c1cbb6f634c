// API keys: their form, that only a hash is kept, and the file that holds them.
#include "server/api_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/base64url.h"
#include "server/key_file.h"

namespace portvakt::server {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

Caller Named(const std::string& name) { return {name, {Scope::kDecide}, false, std::nullopt}; }

TEST(Base64Url, HasOneTextForEachValue) {
  EXPECT_EQ(EncodeBase64Url("\xFB\xEF\xFF"), "--__");
  EXPECT_EQ(EncodeBase64Url("a"), "YQ");
  EXPECT_EQ(DecodeBase64Url("YQ"), "a");
  EXPECT_EQ(DecodeBase64Url(""), "");
  for (const char* text : {"Y", "YR", "YQ=", "YQ==", "Y Q", "Y+Q", "YWFhY"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

TEST(ApiKeys, AreMadeOnceAndRecognised) {
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    const auto made = MakeApiKey(Named("a"), 1, std::nullopt);
    ASSERT_TRUE(made);
    EXPECT_THAT(made->text, MatchesRegex("pvk_[0-9a-f]{16}_[0-9a-f]{64}"));
    texts.insert(made->text);
    const auto parts = SplitApiKey(made->text);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->id, made->key.id);
    EXPECT_TRUE(HasSecret(made->key, parts->secret));
    std::string wrong(parts->secret);
    wrong[static_cast<size_t>(i) % wrong.size()] ^= 1;
    EXPECT_FALSE(HasSecret(made->key, wrong));
  }
  EXPECT_EQ(texts.size(), 100u);
}

TEST(ApiKeys, OfAnotherFormAreNone) {
  const std::string good = MakeApiKey(Named("a"), 1, std::nullopt)->text;
  std::string upper = good;
  upper.back() = 'A';
  std::string undivided = good;
  undivided[20] = 'a';
  for (const std::string& text :
       {std::string(), std::string("pvk_"), good.substr(1), good + "0", good.substr(0, 84), upper,
        undivided, "PVK_" + good.substr(4), good + std::string(1, '\0')}) {
    EXPECT_FALSE(SplitApiKey(text)) << text;
  }
}

TEST(KeyFile, GivesBackWhatWasWritten) {
  Caller governed = Named("ops/eva@example");
  governed.scopes = {Scope::kChange, Scope::kOperate};
  governed.actor = engine::EntityName{"user", "eva"};
  Caller naming = Named("portal");
  naming.scopes = Scopes::All();
  naming.names_actor = true;
  const auto one = MakeApiKey(governed, 1'700'000'000'000'000, 1'800'000'000'000'000);
  const auto other = MakeApiKey(naming, 1'700'000'000'000'000, std::nullopt);
  const std::string text = KeyFileText({one->key, other->key});
  EXPECT_THAT(text, Not(HasSubstr(SplitApiKey(one->text)->secret)));

  const auto read = ParseKeyFile(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().size(), 2u);
  const ApiKey& key = read.value()[0];
  EXPECT_EQ(key.id, one->key.id);
  EXPECT_TRUE(HasSecret(key, SplitApiKey(one->text)->secret));
  EXPECT_EQ(key.caller.name, "ops/eva@example");
  EXPECT_EQ(key.caller.scopes, governed.scopes);
  EXPECT_EQ(key.caller.actor, governed.actor);
  EXPECT_FALSE(key.caller.names_actor);
  EXPECT_EQ(key.created_us, 1'700'000'000'000'000);
  EXPECT_EQ(key.expires_us, 1'800'000'000'000'000);
  EXPECT_EQ(read.value()[1].caller.scopes, Scopes::All());
  EXPECT_TRUE(read.value()[1].caller.names_actor);
  EXPECT_FALSE(read.value()[1].expires_us);
}

TEST(KeyFile, ThatIsWrongSaysWhere) {
  const std::string hash(64, 'a');
  const auto key = [&](const std::string& more) {
    return R"({"id":"0123456789abcdef","name":"a","secret_sha256":")" + hash +
           R"(","created":"2026-01-01T00:00:00Z")" + more + "}";
  };
  struct Row {
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"", "(byte 0)"},
      {"[]", "must be an object"},
      {"{}", "`/keys` is missing"},
      {R"({"keys":[)" + key("") + "," + key("") + "]}", "`/keys/1/id` stands twice"},
      {R"({"keys":[)" + key(R"(,"scopes":["decode"])") + "]}", "has no scope `decode`"},
      {R"({"keys":[)" + key(R"(,"scopes":["open"])") + "]}", "has no scope `open`"},
      {R"({"keys":[)" + key(R"(,"expire":"2026-01-01T00:00:00Z")") + "]}",
       "did you mean `expires`?"},
      {R"({"keys":[)" + key(R"(,"expires":"soon")") + "]}", "must be an instant"},
      {R"({"keys":[)" + key(R"(,"names_actor":true,"actor":{"type":"user","id":"a"})") + "]}",
       "has both `actor` and `names_actor`"},
      {R"({"keys":[{"id":"0123456789ABCDEF"}]})", "is no id of a key"},
      {R"({"keys":[{"id":"0123456789abcdef","name":"a b"}]})", "must be 1 to 100 letters"},
      {R"({"keys":[{"id":"0123456789abcdef","name":"a","secret_sha256":"00"}]})",
       "64 hexadecimal digits"},
  };
  for (const Row& row : rows) {
    const auto read = ParseKeyFile(row.text);
    ASSERT_FALSE(read.ok()) << row.text;
    EXPECT_THAT(read.error().message, HasSubstr(row.message)) << row.text;
  }
}

}  // namespace
}  // namespace portvakt::server
