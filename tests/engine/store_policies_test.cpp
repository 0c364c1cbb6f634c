// Policies in the store: their versions, sources and programs, and the digests they are known by.
#include <gmock/gmock.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/store_fixture.h"

namespace portvakt::engine {
namespace {

using testing::IsEmpty;

TEST_F(StoreTest, PolicyVersionsAreNeverReused) {
  const std::vector<PolicyFile> sources = {{"a.vakt", "policy a\n"}, {"b.vakt", ""}};
  const std::string small = "program";
  const std::string large(100'001, 'p');
  {
    Writer writer = Begin();
    EXPECT_EQ(writer.FindPolicy(DigestOf(sources)), std::nullopt);
    EXPECT_EQ(writer.InstallPolicy("a", sources, small).value(), 1u);
    EXPECT_EQ(writer.InstallPolicy("b", {}, large).value(), 2u);
    EXPECT_FALSE(writer.ActivatePolicy(3).ok());
    ASSERT_TRUE(writer.ActivatePolicy(2).ok());
    Commit(writer, 77);
  }
  Reopen();
  Snapshot snapshot = Read();
  ASSERT_TRUE(snapshot.ActivePolicy().has_value());
  EXPECT_EQ(snapshot.ActivePolicy()->version, 2u);
  EXPECT_EQ(snapshot.ActivePolicy()->installed_us, 77);
  ASSERT_EQ(snapshot.Policies().size(), 2u);
  EXPECT_EQ(snapshot.Policies()[0].name, "a");
  EXPECT_FALSE(snapshot.Policies()[0].active);
  EXPECT_EQ(snapshot.Policies()[0].digest, DigestOf(sources));
  ASSERT_EQ(snapshot.PolicySources(1).size(), 2u);
  EXPECT_EQ(snapshot.PolicySources(1)[0].text, "policy a\n");
  EXPECT_THAT(snapshot.PolicySources(3), IsEmpty());
  for (const auto& [version, program] : {std::pair{1u, small}, std::pair{2u, large}}) {
    EXPECT_EQ(snapshot.PolicyProgram(version), program);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(snapshot.PolicyProgram(version).data()) % 8, 0u);
  }
  EXPECT_EQ(snapshot.PolicyProgram(3), "");
  Writer writer = Begin();
  EXPECT_EQ(writer.FindPolicy(DigestOf(sources)), 1u);
  ASSERT_TRUE(writer.ReplaceProgram(1, "other").ok());
  EXPECT_FALSE(writer.ReplaceProgram(9, "other").ok());
  ASSERT_TRUE(writer.ActivatePolicy(1).ok());
  EXPECT_EQ(writer.InstallPolicy("c", {}, "").value(), 3u);
  Commit(writer);
  ASSERT_TRUE(snapshot.Renew().ok());
  EXPECT_EQ(snapshot.ActivePolicy()->version, 1u);
  EXPECT_EQ(snapshot.PolicyProgram(1), "other");
  EXPECT_EQ(snapshot.Changes(2).front().number_before, 2u);
}

TEST(DigestTest, DependsOnWhereNamesAndTextsEnd) {
  const std::vector<std::vector<PolicyFile>> different = {
      {}, {{"a", "b"}}, {{"ab", ""}}, {{"", "ab"}}, {{"a", ""}, {"b", ""}}, {{"a", "b"}, {"", ""}}};
  std::set<std::string> digests;
  for (const auto& files : different) digests.insert(DigestOf(files));
  EXPECT_EQ(digests.size(), different.size());
}

}  // namespace
}  // namespace portvakt::engine
