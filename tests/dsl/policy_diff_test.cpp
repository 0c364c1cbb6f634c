// What counts as a difference between two policies, and how it is told.
#include "dsl/policy_diff.h"

#include <gtest/gtest.h>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

SourceSet Sources(std::initializer_list<const char*> texts) {
  SourceSet sources;
  for (const char* text : texts) sources.Add("f" + std::to_string(sources.size()), text);
  return sources;
}

std::string Diff(const SourceSet& before, const SourceSet& after) {
  return RenderChanges(ComparePolicies(before, after));
}

TEST(PolicyDiff, SeesNoDifferenceInFormattingCommentsAndOrder) {
  EXPECT_EQ(Diff(Sources({"policy p\nentity user\npermission see, touch on user\n"
                          "permit a\n  user may see on user as other\n  if user is other\n"
                          "permit b\n  user may touch on user as other\n"}),
                 Sources({"permit b // behind\n user may touch on user as other\n",
                          "// before\npolicy   p\nimport \"f0\"\npermission touch on user\n"
                          "permit a user may see on user as other if // why\n user is other\n"
                          "entity user\npermission see on user\n"})),
            "");
}

TEST(PolicyDiff, TellsWhatWasAddedRemovedAndChanged) {
  EXPECT_EQ(Diff(Sources({"policy p\nentity user\nfact user near user as other\n"
                          "permission see on user\nrole old on user\n"
                          "permit a\n  user may see on user as other\n"
                          "limit l\n  for every user\n  at most 3 user as other: user near other\n"
                          "permit change_it\n  add user near user as other\n  by user as actor\n"}),
                 Sources({"policy p\nentity user\nfact user near user as other\n"
                          "permission see on user\nprogram q in user\n  permission new\n"
                          "forbid a\n  user may see on user as other\n"
                          "limit l\n  for every user\n  at most 4 user as other: user near other\n"
                          "define user far user as other\n  if not user near other\n"})),
            R"(+ program q
    + program q in user

+ permission q.new
    + permission new

- role old
    - role old on user

+ definition user far user as other
    + define user far user as other
    +     if  not user near other

~ rule a
    - permit a
    -     user may see on user as other
    + forbid a
    +     user may see on user as other

- change rule change_it
    - permit change_it
    -     add user near user as other
    -     by  user as actor

~ limit l
    - limit l
    -     for every user
    -     at most 3 user as other: user near other
    + limit l
    +     for every user
    +     at most 4 user as other: user near other
)");
}

TEST(PolicyDiff, ComparesEachPermissionOfALine) {
  const auto changes = ComparePolicies(Sources({"permission see, touch on user\n"}),
                                       Sources({"permission see on user, thing\n"}));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].name, "see");
  EXPECT_EQ(changes[0].kind, DeclarationChange::Kind::kChanged);
  EXPECT_EQ(changes[0].before, "permission see on user");
  EXPECT_EQ(changes[1].name, "touch");
  EXPECT_EQ(changes[1].kind, DeclarationChange::Kind::kRemoved);
}

}  // namespace
}  // namespace portvakt::dsl
