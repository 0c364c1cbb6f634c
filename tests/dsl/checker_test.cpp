// What policies mean: each file of tests/dsl/check/ is checked, and its module's text form compared
// with the .dump beside it. PORTVAKT_UPDATE=1 writes the dumps; read them before keeping them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = PORTVAKT_SOURCE_DIR;

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string Errors(const Diagnostics& findings, const SourceSet& sources) {
  std::string text;
  for (const Diagnostic& finding : findings.Sorted()) text += Render(finding, sources);
  return text;
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kRoot / "tests/dsl/check")) {
    if (entry.path().extension() == ".vakt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Meaning : public testing::TestWithParam<std::string> {};

TEST_P(Meaning, IsWhatItsDumpSays) {
  const fs::path path = kRoot / "tests/dsl/check" / (GetParam() + ".vakt");
  SourceSet sources;
  sources.Add(path.filename().string(), ReadAll(path));
  Diagnostics findings;
  const std::optional<Module> module = Compile(sources, findings);
  ASSERT_TRUE(module) << Errors(findings, sources);
  fs::path dump = path;
  dump.replace_extension(".dump");
  const std::string text = DumpModule(*module);
  if (std::getenv("PORTVAKT_UPDATE") != nullptr) {
    std::ofstream(dump, std::ios::binary) << text;
  }
  EXPECT_EQ(text, ReadAll(dump));
}

INSTANTIATE_TEST_SUITE_P(Cases, Meaning, testing::ValuesIn(CaseNames()),
                         [](const auto& tested) { return tested.param; });

// ---- rules that a table of short bodies shows -------------------------------------------------

constexpr const char* kWorld = R"(
policy world
time zone "Europe/Stockholm"
entity person
entity user { person : person, home : tenant, removed : bool, boss : user optional,
              age : int, born : date, note : string optional, place : ip from request }
entity agency
entity client { status : enum { active, blocked }, until : date optional, cap : decimal optional,
                tags : set of string }
entity tenant is agency or client
entity run { client : client }
context { login : enum { password < bankid }, address : ip, at : instant }
permission view, edit in tenant, run
licence full held by user from tenant covers view
licence partner held by agency covers view
role admin on tenant
role boss
fact agency serves client
fact user member_of agency
fact user retired
fact agency part_of agency as parent transitive
define user near client
    if user.home serves client
)";

// The codes of all findings, in the order of the text.
std::string CodesOf(const std::string& more) {
  SourceSet sources;
  sources.Add("world.vakt", kWorld + more);
  Diagnostics findings;
  const bool checked = Compile(sources, findings).has_value();
  EXPECT_NE(checked, findings.has_errors()) << more;
  std::string codes;
  for (const Diagnostic& finding : findings.Sorted()) {
    if (!codes.empty()) codes += " ";
    codes += InfoOf(finding.kind).code.substr(2);
  }
  return codes;
}

struct BodyCase {
  const char* body;
  const char* codes;
};

std::ostream& operator<<(std::ostream& out, const BodyCase& each) { return out << each.body; }

class Body : public testing::TestWithParam<BodyCase> {};

TEST_P(Body, HasTheseFindings) {
  EXPECT_EQ(CodesOf("permit it\n    user may view in client\n    if  client is client and " +
                    std::string(GetParam().body) + "\n"),
            GetParam().codes)
      << GetParam().body;
}

INSTANTIATE_TEST_SUITE_P(
    Guards, Body,
    testing::Values(BodyCase{"client.until is before today", "0305"},
                    BodyCase{"client.until is present and client.until is before today", ""},
                    BodyCase{"client.until is present and before today", ""},
                    BodyCase{"client.until is absent or at most today", ""},
                    BodyCase{"client.until is absent or before today", ""},
                    BodyCase{"( client.until is absent or client.until is before today )", ""},
                    BodyCase{"( client.until is present or client.until is before today )", "0305"},
                    BodyCase{"not client.until is absent and client.until is before today", ""},
                    BodyCase{"user.boss is present and user.boss.home is client", ""},
                    BodyCase{"user.boss.home is client", "0305"},
                    BodyCase{"user.home is present", "0306"},
                    BodyCase{"context.login is present", "0306"}));

INSTANTIATE_TEST_SUITE_P(
    Comparisons, Body,
    testing::Values(
        BodyCase{"context.login is at least bankid", ""},
        BodyCase{"client.status is at least blocked", "0304"},
        BodyCase{"client.status is not any of { active, blocked }", ""},
        BodyCase{"user.age is more than 17", ""}, BodyCase{"user.age is more than 1.5", "0302"},
        BodyCase{"user.age is \"17\"", "0302"},
        BodyCase{"user.born is before \"1999-02-30\"", "0106"},
        BodyCase{"user.born is before today - 30 days", ""},
        BodyCase{"user.born is before today - 30 hours", "0304"},
        BodyCase{"context.at is after now - 30 minutes", ""},
        BodyCase{"context.at is before \"2026-01-31T08:30:00+01:00\"", ""},
        BodyCase{"context.address is within \"10.0.0.0/8\"", ""},
        BodyCase{"context.address is within \"10.0.0.256/8\"", "0106"},
        BodyCase{"user.age is within 3", "0304"}, BodyCase{"client.tags contains \"a\"", ""},
        BodyCase{"user.age contains 3", "0304"}, BodyCase{"user.person is client", "0304"},
        BodyCase{"user.home is an agency", ""}, BodyCase{"user.person is a client", "0304"},
        BodyCase{"user.removed", ""}, BodyCase{"user.age", "0304"}));

INSTANTIATE_TEST_SUITE_P(
    Symbols, Body,
    testing::Values(
        BodyCase{"user is admin on client", ""}, BodyCase{"user is admin", "0411"},
        BodyCase{"user is boss", ""}, BodyCase{"user is boss on client", "0411"},
        BodyCase{"user is not any of { boss }", ""}, BodyCase{"user is some role on client", ""},
        BodyCase{"user holds full from client", ""}, BodyCase{"user holds full", "0411"},
        BodyCase{"user holds partner from client", "0411"}, BodyCase{"user holds partner", "0411"},
        BodyCase{"full is free in client", ""},
        BodyCase{"some licence: ( licence covers permission and user holds licence from client )",
                 ""},
        BodyCase{"user is permission", "0315"}, BodyCase{"permission is any of { view }", ""},
        BodyCase{"permission is client", "0303"}, BodyCase{"user may edit in client", ""},
        BodyCase{"user may view in client", "0403"}, BodyCase{"user may view in user", "0405"}));

INSTANTIATE_TEST_SUITE_P(
    Ties, Body,
    testing::Values(
        BodyCase{"some agency: agency serves client", ""},
        BodyCase{"some agency: not agency serves client", "0401"},
        BodyCase{"some user as other: other retired", "0401"},
        BodyCase{"some user as other: other.person is user.person", ""},
        BodyCase{"some user as other: other near client", ""},
        BodyCase{"some agency: ( agency serves client or user member_of agency )", ""},
        BodyCase{"some agency: ( agency serves client or user retired )", "0401"},
        BodyCase{"some agency, agency as other: ( agency part_of other and other serves client )",
                 ""},
        BodyCase{"some agency: ( some agency as other: ( agency part_of other and other serves "
                 "client ) )",
                 ""},
        BodyCase{"some agency serves client", ""}, BodyCase{"some user retired", "0401"},
        BodyCase{"some user: user retired", "0212"},
        BodyCase{"some permission as tick: user retired", "0409"}));

struct Misplaced {
  const char* declarations;
  const char* codes;
};

TEST(Checker, DeclarationsHaveTheseFindings) {
  const Misplaced cases[] = {
      {"fact user owes client from client as other\n", "0311"},
      {"fact user owes person transitive\n", "0312"},
      {"fact user owes clint\n", "0201"},
      {"fact user owes `clint`\n", ""},
      {"fact user holds person\n", "0105"},
      {"entity a { b : b }\nentity b { a : a }\n", "0308"},
      {"entity a { b : b }\nentity b { a : a optional }\n", ""},
      {"entity both is more or person\nentity more is both or user\n", "0310"},
      {"open entity guest { name : string }\n", "0313"},
      {"permission lonely\n", "0405"},
      {"permission a includes b in client\npermission b includes a in client\n", "0404"},
      {"set none = view except view\n", "0501"},
      {"set ring = ring\n", "0503"},
      {"set mixed = view, admin\n", "0502"},
      {"licence other held by user covers view, edti\n", "0208"},
      {"define user far client if not user far client\n", "0402"},
      {"permit it change user near client by user as actor\n", "0407"},
      {"permit it change user member_of agency by user as actor if change.second is actor\n", ""},
      {"permit it user may view in client if change.second is user\n", "0202"},
      {"limit it for every agency at most 3 user: user member_of agency\n", ""},
      {"limit it for every tenant, licence at most seats of licence in tenant user: user holds "
       "licence from tenant\n",
       ""},
      {"forbid it user may not view in client\n", "0303"},
  };
  for (const Misplaced& each : cases) {
    EXPECT_EQ(CodesOf(each.declarations), each.codes) << each.declarations;
  }
}

TEST(Checker, TellsASlipAtTheDeclarationWhenAllUsesAgree) {
  SourceSet sources;
  sources.Add("slip.vakt",
              "policy slip\nentity usr\nentity document { owner : user, writer : user }\n"
              "permission view on document\npermit it\n    user may view on document\n");
  Diagnostics findings;
  EXPECT_FALSE(Compile(sources, findings));
  ASSERT_EQ(findings.all().size(), 1u) << Errors(findings, sources);
  EXPECT_EQ(sources.Text(findings.all().front().span), "usr");
  EXPECT_EQ(findings.all().front().suggestions, std::vector<std::string>{"user"});
}

// One use against one declaration: either may have the slip. On one screen one finding shows both.
TEST(Checker, TellsBothPlacesWhenASlipMayBeInEither) {
  const std::string declarations =
      "policy slip\nimport \"rules.vakt\"\nentity user\npermission view, eidt on user\n";
  const std::string rule = "permit it\n    user as actor may edit on user\n";
  SourceSet apart;
  apart.Add("slip.vakt", declarations);
  apart.Add("rules.vakt", rule);
  Diagnostics findings;
  EXPECT_FALSE(Compile(apart, findings));
  ASSERT_EQ(findings.all().size(), 2u) << Errors(findings, apart);
  for (const Diagnostic& finding : findings.all()) {
    const bool use = finding.severity() == Severity::kError;
    EXPECT_EQ(apart.Text(finding.span), use ? "edit" : "eidt");
    EXPECT_EQ(finding.suggestions, std::vector<std::string>{use ? "eidt" : "edit"});
  }
  SourceSet together;
  together.Add("slip.vakt", "policy slip\nentity user\npermission view, eidt on user\n" + rule);
  Diagnostics one;
  EXPECT_FALSE(Compile(together, one));
  EXPECT_EQ(one.all().size(), 1u) << Errors(one, together);
}

TEST(Checker, ComparesCodesWithTheNamesOfForbids) {
  SourceSet sources;
  sources.Add("codes.vakt",
              "policy codes\nentity user\nentity document { owner : user }\n"
              "permission view on document\n"
              "permit it\n    user may view on document\n"
              "    if  document.owner is user  else not_ownr\n"
              "forbid not_owner\n    user may view on document\n"
              "    if  document.owner is not user\n");
  Diagnostics findings;
  EXPECT_TRUE(Compile(sources, findings));
  ASSERT_EQ(findings.all().size(), 2u) << Errors(findings, sources);
  std::set<std::string> marked;
  for (const Diagnostic& finding : findings.all()) {
    EXPECT_EQ(InfoOf(finding.kind).name, "LikeCodes");
    marked.emplace(sources.Text(finding.span));
  }
  EXPECT_EQ(marked, (std::set<std::string>{"not_owner", "not_ownr"}));
}

TEST(Checker, AllShippedPoliciesCheckWithoutAFinding) {
  for (const auto& entry : fs::directory_iterator(kRoot / "policies")) {
    if (!entry.is_directory()) continue;
    SourceSet sources;
    Diagnostics findings;
    std::string error;
    ASSERT_TRUE(ReadPolicy(entry.path().string(), sources, findings, error)) << error;
    EXPECT_TRUE(Compile(sources, findings)) << entry.path();
    EXPECT_EQ(Errors(findings, sources), "") << entry.path();
  }
}

// Engines rely on this order: a condition stands after its parts, a definition after those that it
// calls.
TEST(Checker, PutsPartsBeforeWhatIsMadeOfThem) {
  SourceSet sources;
  Diagnostics findings;
  std::string error;
  ASSERT_TRUE(ReadPolicy((kRoot / "policies/byra").string(), sources, findings, error)) << error;
  const std::optional<Module> module = Compile(sources, findings);
  ASSERT_TRUE(module);
  for (ConditionId id = 0; id < module->conditions.size(); ++id) {
    for (ConditionId child : module->conditions[id].children) EXPECT_LT(child, id);
  }
  for (DefineId id = 0; id < module->defines.size(); ++id) {
    std::vector<ConditionId> open = {module->defines[id].condition};
    while (!open.empty()) {
      const Condition& condition = module->conditions[open.back()];
      open.pop_back();
      if (condition.kind == Condition::Kind::kDefine) {
        EXPECT_LT(condition.define, id);
      }
      open.insert(open.end(), condition.children.begin(), condition.children.end());
    }
  }
}

}  // namespace
}  // namespace portvakt::dsl
