// What there may be of each thing in one policy: as much as the limit is read, one more is told
// with the limit's number. Bytes, nesting, names and findings are tested with the parser and the
// kinds of findings.
#include "dsl/limits.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

struct Limit {
  std::string what;
  size_t most;
  std::string finding;  // the kind's name
  std::function<std::string(size_t)> policy;
};

std::string Numbered(const std::string& before, size_t number, const std::string& after) {
  return before + std::to_string(number) + after;
}

// `define user d0` leans on nothing, each other one on the one before it.
std::string Definitions(size_t count) {
  std::string text = "entity user { well : bool }\n\ndefine user d0\n    if user.well\n";
  for (size_t number = 1; number < count; ++number) {
    text += Numbered("define user d", number, "\n    if user") + Numbered(" d", number - 1, "\n");
  }
  return text;
}

std::string Facts(size_t count) {
  std::string text = "entity user\n";
  for (size_t number = 0; number < count; ++number) text += Numbered("fact user f", number, "\n");
  return text;
}

// The three names that the head brings along, the permission among them, and as many more as it
// takes.
std::string NamesInRule(size_t count) {
  std::string text =
      "entity user\nentity document { owner : user }\npermission view on document\n"
      "fact user knows user\npermit it\n    user may view on document\n    if document.owner is "
      "user\n";
  for (size_t number = 3; number < count; ++number) {
    text +=
        Numbered("    and some user as u", number, ": user knows") + Numbered(" u", number, "\n");
  }
  return text;
}

std::string Path(size_t steps) {
  std::string text = "entity user { well : bool }\npermission view on t1\n";
  for (size_t number = 1; number <= steps; ++number) {
    text += Numbered("entity t", number, " { next : ");
    text += number == steps ? "user }\n" : Numbered("t", number + 1, " }\n");
  }
  text += "permit it\n    user may view on t1\n    if t1";
  for (size_t number = 0; number < steps; ++number) text += ".next";
  return text + " is user\n";
}

TEST(Limits, AsMuchAsTheLimitIsReadAndOneMoreIsTold) {
  const Limit limits[] = {
      {"definitions that lean on each other", kMaxCallDepth, "NestedTooDeep", Definitions},
      {"facts", kMaxFacts, "TooManyNames", Facts},
      {"names in a rule", kMaxNamesInRule, "TooManyNames", NamesInRule},
      {"steps of a path", kMaxPathSteps, "TooManySteps", Path},
  };
  for (const Limit& limit : limits) {
    for (const size_t count : {limit.most, limit.most + 1}) {
      SourceSet sources;
      sources.Add("much.vakt", "policy much\n" + limit.policy(count));
      Diagnostics findings;
      Compile(sources, findings);
      std::string errors;
      for (const Diagnostic& finding : findings.all()) {
        if (finding.severity() != Severity::kError) continue;
        errors += std::string(InfoOf(finding.kind).name) + " ";
      }
      const std::string wanted = count > limit.most ? limit.finding + " " : "";
      EXPECT_EQ(errors, wanted) << count << " " << limit.what << ": "
                                << (findings.all().empty() ? "" : findings.all().front().message);
    }
  }
}

TEST(Limits, RulesOfOnePolicy) {
  SourceSet sources;
  sources.Add("much.vakt",
              "policy much\nimport \"a.vakt\"\nentity user\npermission view on user\n");
  std::string rules;
  for (size_t number = 0; number <= kMaxRules; ++number) {
    rules += Numbered("note n", number, "\n user may view on user\n");
  }
  ASSERT_LE(rules.size(), kMaxFileBytes);
  sources.Add("a.vakt", rules);
  Diagnostics findings;
  EXPECT_FALSE(Compile(sources, findings));
  ASSERT_FALSE(findings.all().empty());
  EXPECT_EQ(InfoOf(findings.all().front().kind).name, "TooManyNames");
  EXPECT_NE(findings.all().front().message.find(std::to_string(kMaxRules)), std::string::npos);
}

}  // namespace
}  // namespace portvakt::dsl
