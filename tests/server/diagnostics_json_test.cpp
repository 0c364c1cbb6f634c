// Findings of the language as JSON: every member, always in the same order.
#include "server/diagnostics_json.h"

#include <gtest/gtest.h>

#include <string>

namespace portvakt::server {
namespace {

TEST(DiagnosticsJson, TellsEverythingAboutAFinding) {
  dsl::SourceSet sources;
  sources.Add("a.vakt", "entity klient\nfact åsa ser klent\n");
  dsl::Diagnostic finding{};
  finding.kind = dsl::DiagnosticKind::kUnknownType;
  finding.message = "no such entity type: `klent`";
  // The letters before it are fewer than their bytes.
  finding.span = {0, 28, 33};
  finding.label = "not declared";
  finding.related = {{{0, 7, 13}, "this one is"}};
  finding.help = {"declare it"};
  finding.suggestions = {"klient"};
  dsl::Diagnostics findings;
  findings.Add(finding);
  EXPECT_EQ(WriteJson(DiagnosticsJson(findings, sources)),
            R"({"findings":[{"code":"PV0201","name":"UnknownType","severity":"error",)"
            R"("message":"no such entity type: `klent`","file":"a.vakt","line":2,"column":14,)"
            R"("end_line":2,"end_column":19,"label":"not declared",)"
            R"("related":[{"file":"a.vakt","line":1,"column":8,"end_line":1,"end_column":14,)"
            R"("text":"this one is"}],"help":["declare it"],"suggestions":["klient"]}],)"
            R"("errors":1,"warnings":0,"dropped":0})");
}

TEST(DiagnosticsJson, CountsBySeverityAndOrdersByPlace) {
  dsl::SourceSet sources;
  sources.Add("a.vakt", "policy a\n");
  dsl::Diagnostics findings;
  for (const auto& [kind, begin] : {std::pair{dsl::DiagnosticKind::kUnusedName, 7u},
                                    std::pair{dsl::DiagnosticKind::kUnknownName, 0u}}) {
    dsl::Diagnostic finding{};
    finding.kind = kind;
    finding.span = {0, begin, begin + 1};
    findings.Add(finding);
  }
  const JsonValue all = DiagnosticsJson(findings, sources);
  EXPECT_EQ(all.Find("errors")->integer(), 1);
  EXPECT_EQ(all.Find("warnings")->integer(), 1);
  ASSERT_EQ(all.Find("findings")->elements().size(), 2u);
  EXPECT_EQ(all.Find("findings")->elements()[0].Find("column")->integer(), 1);
  EXPECT_EQ(all.Find("findings")->elements()[1].Find("severity")->text(), "warning");
  EXPECT_EQ(WriteJson(DiagnosticsJson(dsl::Diagnostics(), sources)),
            R"({"findings":[],"errors":0,"warnings":0,"dropped":0})");
}

}  // namespace
}  // namespace portvakt::server
