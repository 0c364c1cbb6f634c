// Which files a policy is made of, and that an import reaches nothing outside the policy's folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReadPolicyTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "portvakt_read_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base_ = fs::canonical(name);
    fs::create_directory(base_ / "policy");
  }
  void TearDown() override { fs::remove_all(base_); }

  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((base_ / name).parent_path());
    std::ofstream(base_ / name, std::ios::binary) << text;
  }
  bool Read(const std::string& name) {
    sources_ = {};
    findings_ = {};
    error_.clear();
    return ReadPolicy((base_ / name).string(), sources_, findings_, error_);
  }
  // Names relative to the test's folder.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (uint32_t number = 0; number < sources_.size(); ++number) {
      names.push_back(fs::path(sources_.file(number).name).lexically_relative(base_));
    }
    return names;
  }
  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const Diagnostic& finding : findings_.all()) {
      messages.push_back(std::string(InfoOf(finding.kind).code) + " " + finding.message);
      EXPECT_FALSE(finding.help.empty());
    }
    return messages;
  }

  fs::path base_;
  SourceSet sources_;
  Diagnostics findings_;
  std::string error_;
};

TEST_F(ReadPolicyTest, ReadsAFolderInTheOrderOfNamesAndImportsAfterIt) {
  Write("policy/b.vakt", "policy b\nimport \"parts/sets.vakt\"\nimport \"a.vakt\"\n");
  Write("policy/a.vakt", "policy a\n");
  Write("policy/parts/sets.vakt", "policy sets\nimport \"../parts/more.vakt\"\n");
  Write("policy/parts/more.vakt", "policy more\nimport \"./sets.vakt\"\n");
  Write("policy/parts/unused.vakt", "policy unused\n");
  Write("policy/notes.txt", "not a policy");
  Write("policy/.#b.vakt", "an editor's own");
  ASSERT_TRUE(Read("policy")) << error_;
  EXPECT_THAT(Names(), ElementsAre("policy/a.vakt", "policy/b.vakt", "policy/parts/sets.vakt",
                                   "policy/parts/more.vakt"));
  EXPECT_THAT(Messages(), IsEmpty());
  EXPECT_EQ(sources_.file(3).text, "policy more\nimport \"./sets.vakt\"\n");
}

TEST_F(ReadPolicyTest, ReadsOneFileAndItsImportsOnly) {
  Write("policy/a.vakt", "policy a\nimport \"b.vakt\"\n");
  Write("policy/b.vakt", "policy b\n");
  Write("policy/c.vakt", "policy c\n");
  ASSERT_TRUE(Read("policy/a.vakt")) << error_;
  EXPECT_THAT(Names(), ElementsAre("policy/a.vakt", "policy/b.vakt"));
}

TEST_F(ReadPolicyTest, NamesFilesAsTheCallerDid) {
  Write("policy/a.vakt", "policy a\nimport \"parts/b.vakt\"\n");
  Write("policy/parts/b.vakt", "policy b\n");
  const fs::path before = fs::current_path();
  fs::current_path(base_ / "policy");
  struct Case {
    std::string path;
    std::string first;
    std::string second;
  };
  const Case cases[] = {{".", "a.vakt", "parts/b.vakt"},
                        {"a.vakt", "a.vakt", "parts/b.vakt"},
                        {"./", "a.vakt", "parts/b.vakt"},
                        {"../policy", "../policy/a.vakt", "../policy/parts/b.vakt"},
                        {"../policy/", "../policy/a.vakt", "../policy/parts/b.vakt"}};
  for (const Case& test : cases) {
    SourceSet sources;
    Diagnostics findings;
    std::string error;
    EXPECT_TRUE(ReadPolicy(test.path, sources, findings, error)) << error;
    EXPECT_FALSE(findings.has_errors()) << test.path;
    ASSERT_EQ(sources.size(), 2u) << test.path;
    EXPECT_EQ(sources.file(0).name, test.first);
    EXPECT_EQ(sources.file(1).name, test.second);
  }
  fs::current_path(before);
}

TEST_F(ReadPolicyTest, TellsWhyAPathCannotBeRead) {
  EXPECT_FALSE(Read("nowhere"));
  EXPECT_THAT(error_, HasSubstr("there is no such file or folder"));
  EXPECT_FALSE(Read("policy"));
  EXPECT_THAT(error_, HasSubstr("there is no .vakt file in"));
  ASSERT_EQ(mkfifo((base_ / "policy/pipe.vakt").c_str(), 0600), 0);
  EXPECT_FALSE(Read("policy/pipe.vakt"));
  EXPECT_THAT(error_, HasSubstr("not a plain file"));
  std::string error;
  EXPECT_FALSE(ReadPolicy("", sources_, findings_, error));
  EXPECT_THAT(error, HasSubstr("there is no such file"));
  Write("secret.vakt", "policy secret\n");
  fs::remove(base_ / "policy/pipe.vakt");
  fs::create_symlink(base_ / "secret.vakt", base_ / "policy/link.vakt");
  EXPECT_FALSE(Read("policy"));
  EXPECT_THAT(error_, HasSubstr("a link that leaves the folder"));
  EXPECT_EQ(sources_.size(), 0u);
}

// What an import must not do, and how its author is told.
TEST_F(ReadPolicyTest, KeepsImportsInThePolicysFolder) {
  Write("secret.vakt", "policy secret\n");
  Write("policy2/secret.vakt", "policy secret\n");
  Write("policy/programs.vakt", "policy programs\n");
  fs::create_symlink(base_ / "secret.vakt", base_ / "policy/parts.link");
  fs::create_directory(base_ / "policy/folder.vakt");
  fs::create_directory(base_ / "policy/links");
  fs::create_symlink(base_ / "secret.vakt", base_ / "policy/links/out.vakt");
  fs::create_directory_symlink(base_, base_ / "policy/up");
  ASSERT_EQ(mkfifo((base_ / "policy/links/pipe.vakt").c_str(), 0600), 0);
  fs::create_symlink("turn.vakt", base_ / "policy/links/turn.vakt");
  struct Case {
    std::string path;
    std::string message;
  };
  const Case cases[] = {
      {"../secret.vakt", "leaves the policy's folder"},
      {"../policy2/secret.vakt", "leaves the policy's folder"},
      {"parts/../../secret.vakt", "leaves the policy's folder"},
      {(base_ / "secret.vakt").string(), "is an absolute path"},
      {(base_ / "policy/programs.vakt").string(), "is an absolute path"},
      {"links/out.vakt", "leaves the policy's folder"},
      {"up/secret.vakt", "leaves the policy's folder"},
      {"folder.vakt", "is not a plain file"},
      {"links/pipe.vakt", "is not a plain file"},
      {"links/turn.vakt", "cannot read the import"},
      {"parts.link", "is not a policy file"},
      {"/etc/passwd", "is an absolute path"},
      {"missing.vakt", "there is no file `missing.vakt`"},
      {"programs.vakt/more.vakt", "there is no file"},
      {"", "an import names no file"},
      {std::string(5000, 'a') + ".vakt", "cannot read the import"},
  };
  for (const Case& test : cases) {
    Write("policy/a.vakt", "policy a\nimport \"" + test.path + "\"\n");
    ASSERT_TRUE(Read("policy/a.vakt")) << error_;
    EXPECT_THAT(Messages(),
                ElementsAre(testing::AllOf(HasSubstr("PV0213"), HasSubstr(test.message))));
    EXPECT_EQ(sources_.size(), 1u) << test.path;
    for (const Diagnostic& finding : findings_.all()) {
      EXPECT_EQ(sources_.Text(finding.span), "\"" + test.path + "\"");
    }
  }
}

TEST_F(ReadPolicyTest, SuggestsAFileOfASimilarName) {
  Write("policy/a.vakt", "policy a\nimport \"programs/lno.vakt\"\n");
  Write("policy/programs/lon.vakt", "policy lon\n");
  ASSERT_TRUE(Read("policy")) << error_;
  ASSERT_EQ(findings_.all().size(), 1u);
  EXPECT_THAT(findings_.all()[0].suggestions, ElementsAre("programs/lon.vakt"));
}

TEST_F(ReadPolicyTest, TakesLinksThatStayInside) {
  Write("policy/data/a.vakt", "policy a\n");
  fs::create_symlink("data/a.vakt", base_ / "policy/a.vakt");
  Write("policy/b.vakt", "policy b\nimport \"a.vakt\"\n");
  ASSERT_TRUE(Read("policy")) << error_;
  EXPECT_THAT(Names(), ElementsAre("policy/a.vakt", "policy/b.vakt"));
  EXPECT_THAT(Messages(), IsEmpty());
  Write("policy/b.vakt", "policy b\nimport \"data/a.vakt\"\n");
  ASSERT_TRUE(Read("policy")) << error_;
  EXPECT_THAT(Messages(), ElementsAre(HasSubstr("is a second name of a file")));
}

TEST_F(ReadPolicyTest, RefusesALargeFileBeforeReadingIt) {
  Write("policy/a.vakt", "policy a\nimport \"large.vakt\"\n");
  Write("policy/large.vakt", "");
  fs::resize_file(base_ / "policy/large.vakt", kMaxFileBytes + 1);
  ASSERT_TRUE(Read("policy/a.vakt")) << error_;
  EXPECT_THAT(Messages(), ElementsAre(HasSubstr("PV0901")));
  EXPECT_EQ(sources_.Text(findings_.all()[0].span), "\"large.vakt\"");
  EXPECT_EQ(sources_.size(), 1u);

  ASSERT_TRUE(Read("policy/large.vakt")) << error_;
  EXPECT_THAT(Messages(), ElementsAre(HasSubstr("PV0901")));
  EXPECT_EQ(sources_.file(0).text, "");
  EXPECT_THAT(Render(findings_.all()[0], sources_), HasSubstr("large.vakt:1:1"));

  // Exactly the limit is allowed.
  Write("policy/large.vakt", std::string(kMaxFileBytes, ' '));
  ASSERT_TRUE(Read("policy/large.vakt")) << error_;
  EXPECT_THAT(Messages(), IsEmpty());
  EXPECT_EQ(sources_.file(0).text.size(), kMaxFileBytes);
}

TEST_F(ReadPolicyTest, LimitsTheNumberOfFiles) {
  std::string imports = "policy a\n";
  for (size_t number = 1; number <= kMaxFiles; ++number) {
    const std::string name = "part" + std::to_string(number) + ".vakt";
    imports += "import \"parts/" + name + "\"\n";
    Write("policy/parts/" + name, "policy part\n");
  }
  Write("policy/a.vakt", imports);
  ASSERT_TRUE(Read("policy/a.vakt")) << error_;
  EXPECT_EQ(sources_.size(), kMaxFiles);
  EXPECT_THAT(Messages(), ElementsAre("PV0901 the policy has more than 256 files"));
  EXPECT_EQ(sources_.Text(findings_.all()[0].span), "\"parts/part256.vakt\"");

  Write("policy/parts/one_more.vakt", "policy part\n");
  EXPECT_FALSE(Read("policy/parts"));
  EXPECT_THAT(error_, HasSubstr("a policy has at most 256"));
}

TEST_F(ReadPolicyTest, FindsImportsInAFileWithMistakes) {
  Write("policy/a.vakt", "policy a\npermit ( ( (\nimport \"b.vakt\"\nentity\n");
  Write("policy/b.vakt", "policy b\n");
  ASSERT_TRUE(Read("policy/a.vakt")) << error_;
  EXPECT_THAT(Names(), ElementsAre("policy/a.vakt", "policy/b.vakt"));
  EXPECT_THAT(Messages(), IsEmpty()) << "mistakes are found when the policy is parsed";
}

// A policy may also come as texts without a file system behind them.
TEST(Imports, AreCheckedAgainstTheFilesInMemory) {
  SourceSet sources;
  sources.Add("byra/a.vakt", "policy a\nimport \"parts/b.vakt\"\n");
  sources.Add("byra/parts/b.vakt", "import \"../a.vakt\"\nimport \"c.vakt\"\n");
  Diagnostics findings;
  EXPECT_FALSE(Compile(sources, findings).has_value());
  ASSERT_EQ(findings.all().size(), 1u);
  EXPECT_EQ(findings.all()[0].message, "there is no file `c.vakt` in this policy");
  EXPECT_EQ(sources.Place(findings.all()[0].span), "byra/parts/b.vakt:2:8");
}

}  // namespace
}  // namespace portvakt::dsl
