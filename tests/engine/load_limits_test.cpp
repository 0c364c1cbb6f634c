// Loads under limits: one that takes a limit further from being kept is refused whole, and of new
// entities, whom no limit held before, it is said what is not kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/change_office.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LoadUnderLimits : public testing::Test {
 protected:
  LoadReport Yaml(const std::string& text) {
    return LoadYaml(office_.engine(), office_.module(), "data.yaml", text);
  }
  LoadReport Text(const std::string& text) {
    std::istringstream stream(text);
    return LoadText(office_.engine(), office_.module(), "data.txt", stream);
  }

  ChangeOffice office_;  // norr owns two seats of kh, and cia has one
};

TEST_F(LoadUnderLimits, WhatWouldBreakOneIsRefusedWhole) {
  const uint64_t before = office_.Revision();
  const std::string lines = "anna holds kh from norr\nbo holds kh from norr\nnorr serves gamma\n";
  const LoadReport text = Text(lines);
  const LoadReport yaml =
      Yaml("facts: [anna holds kh from norr, bo holds kh from norr, norr serves gamma]");
  for (const LoadReport& report : {text, yaml}) {
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_THAT(report.findings[0].message,
                HasSubstr("the load would break `seats_in_use`: every kh of norr is in use"));
    EXPECT_FALSE(report.findings[0].help.empty()) << "what would solve it";
    EXPECT_THAT(report.warnings, IsEmpty());
  }
  EXPECT_EQ(office_.Revision(), before);
  EXPECT_FALSE(office_.Holds(Add("user anna", "holds", "kh", "agency norr")));
  EXPECT_FALSE(office_.Holds(Add("agency norr", "serves", "", "client gamma")));
  // A load is one step: what it brings along counts.
  EXPECT_TRUE(Text(lines + "seats of kh in norr is 3\n").ok());
  EXPECT_TRUE(office_.Holds(Add("agency norr", "serves", "", "client gamma")));
  EXPECT_FALSE(Text("seats of kh in norr is 2\n").ok()) << "fewer seats than are taken";
  EXPECT_TRUE(Text("seats of kh in norr is 4\n").ok());
}

TEST_F(LoadUnderLimits, OfNewEntitiesItIsSaidWhatIsNotKept) {
  const LoadReport report = Text("agency vaster { }\nagency oster { }\neva is boss on oster\n");
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(report.warnings,
              ElementsAre("not kept: `last_boss`: vaster would be without a boss (agency vaster)"));
  EXPECT_THAT(Yaml("entities: { agency: { norrut: {} } }").warnings,
              ElementsAre(HasSubstr("(agency vaster)"), HasSubstr("(agency norrut)")));
  // Without new entities there is nothing new to say, and what is not kept may be mended.
  EXPECT_THAT(Text("norr serves gamma\n").warnings, IsEmpty());
  EXPECT_TRUE(Text("eva is boss on vaster\neva is boss on norrut\n").ok());
  EXPECT_THAT(Text("agency sist { }\nbo is boss on sist\n").warnings, IsEmpty());
}

}  // namespace
}  // namespace portvakt::engine
