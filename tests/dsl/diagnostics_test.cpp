// What the language says to an author, word for word: every kind of finding has an example in
// tests/dsl/diagnostics/, and its README says how to add one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "dsl/display.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(PORTVAKT_SOURCE_DIR) / "tests/dsl/diagnostics";

// Kinds that no small file can show; the tests named here produce them.
const std::map<std::string_view, std::string_view> kShownByCode = {
    {"FileTooLarge", "an example would be a file of four million bytes: ReadPolicy tests"},
    {"TooManyNames", "an example would be thousands of lines: ManyNames below"},
    {"TooManyFindings", "an example would be a hundred mistakes: ManyFindings below"},
};

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Outcome {
  SourceSet sources;
  std::vector<Diagnostic> findings;
};

// Files are named relative to the folder of cases, so that texts do not depend on the machine.
Outcome Examine(const fs::path& path) {
  SourceSet read;
  Diagnostics findings;
  std::string error;
  EXPECT_TRUE(ReadPolicy(path.string(), read, findings, error)) << error;
  Outcome outcome;
  for (uint32_t number = 0; number < read.size(); ++number) {
    const SourceFile& file = read.file(number);
    outcome.sources.Add(fs::path(file.name).lexically_relative(kFolder).string(), file.text);
  }
  const std::vector<Tree> trees = Parse(outcome.sources, findings);
  const bool has_module = Check(trees, outcome.sources, findings).has_value();
  EXPECT_NE(has_module, findings.has_errors()) << "a module without errors, and only then";
  outcome.findings = findings.Sorted();
  return outcome;
}

std::string RenderAll(const Outcome& outcome) {
  std::string text;
  for (const Diagnostic& finding : outcome.findings) {
    if (!text.empty()) text += "\n";
    text += Render(finding, outcome.sources);
  }
  return text;
}

// File, line, code and the marked text (its first line).
using Expectation = std::tuple<std::string, uint32_t, std::string, std::string>;

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

std::vector<Expectation> Announced(const SourceSet& sources) {
  constexpr std::string_view kMark = "//! ";
  std::vector<Expectation> expectations;
  for (uint32_t number = 0; number < sources.size(); ++number) {
    const SourceFile& file = sources.file(number);
    std::vector<std::string> pending;
    uint32_t line_number = 0;
    for (size_t begin = 0; begin < file.text.size();) {
      const size_t end = std::min(file.text.find('\n', begin), file.text.size());
      const std::string line = file.text.substr(begin, end - begin);
      ++line_number;
      begin = end + 1;
      if (line.starts_with(kMark)) {
        pending.push_back(line.substr(kMark.size()));
        continue;
      }
      for (const std::string& text : pending) {
        const size_t space = std::min(text.find(' '), text.size());
        expectations.emplace_back(file.name, line_number, text.substr(0, space),
                                  space < text.size() ? text.substr(space + 1) : "");
      }
      pending.clear();
    }
    EXPECT_TRUE(pending.empty()) << "a //! line announces findings of the line after it";
  }
  return expectations;
}

std::vector<Expectation> Found(const Outcome& outcome) {
  std::vector<Expectation> found;
  for (const Diagnostic& finding : outcome.findings) {
    const Span& span = finding.span;
    found.emplace_back(
        outcome.sources.file(span.file).name, outcome.sources.Locate(span.file, span.begin).line,
        std::string(InfoOf(finding.kind).code), Printable(FirstLine(outcome.sources.Text(span))));
  }
  return found;
}

void ExpectWording(const std::string& text, const std::string& where) {
  EXPECT_FALSE(text.empty()) << where;
  if (text.empty()) return;
  EXPECT_FALSE(std::isupper(static_cast<unsigned char>(text.front()))) << where << ": " << text;
  EXPECT_FALSE(text.ends_with(".")) << where << " ends with a period: " << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << where << " has a line break: " << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '`') % 2, 0) << where << ": " << text;
}

void ExpectWellFormed(const Diagnostic& finding, const SourceSet& sources) {
  ExpectWording(finding.message, "message");
  ASSERT_LT(finding.span.file, sources.size());
  EXPECT_LE(finding.span.begin, finding.span.end);
  EXPECT_LE(finding.span.end, sources.file(finding.span.file).text.size());
  if (!finding.label.empty()) ExpectWording(finding.label, "label");
  for (const Label& label : finding.related) {
    ASSERT_LT(label.span.file, sources.size());
    EXPECT_LT(label.span.begin, label.span.end) << "a related place without text";
    ExpectWording(label.text, "related label");
  }
  for (const std::string& help : finding.help) ExpectWording(help, "help");
  EXPECT_LE(finding.suggestions.size(), 3u);
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const fs::path& path = entry.path();
    if (entry.is_directory() || path.extension() == ".vakt") names.push_back(path.filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class DiagnosticCases : public testing::TestWithParam<std::string> {};

TEST_P(DiagnosticCases, SaysWhatIsWrittenDown) {
  const fs::path path = kFolder / GetParam();
  const Outcome outcome = Examine(path);
  EXPECT_THAT(Found(outcome), testing::UnorderedElementsAreArray(Announced(outcome.sources)))
      << "findings (file, line, code, marked text) against the //! lines";
  for (const Diagnostic& finding : outcome.findings) ExpectWellFormed(finding, outcome.sources);

  const std::string code = GetParam().substr(0, GetParam().find('_'));
  const auto has_code = [&](const Diagnostic& finding) {
    return InfoOf(finding.kind).code == code;
  };
  EXPECT_TRUE(std::any_of(outcome.findings.begin(), outcome.findings.end(), has_code))
      << "the case does not give " << code;

  fs::path golden = path;
  golden.replace_extension(".txt");
  const std::string text = RenderAll(outcome);
  if (std::getenv("PORTVAKT_UPDATE") != nullptr) {
    std::ofstream(golden, std::ios::binary) << text;
  }
  EXPECT_EQ(text, ReadAll(golden)) << "run with PORTVAKT_UPDATE=1 and read the difference";
}

INSTANTIATE_TEST_SUITE_P(Files, DiagnosticCases, testing::ValuesIn(CaseNames()),
                         [](const auto& case_info) {
                           std::string name = fs::path(case_info.param).stem();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
                           return name;
                         });

TEST(DiagnosticRegistry, EveryKindHasAnExample) {
  const std::vector<std::string> cases = CaseNames();
  for (const DiagnosticInfo& info : AllDiagnosticKinds()) {
    const bool has_case = std::any_of(cases.begin(), cases.end(), [&](const std::string& name) {
      return name.starts_with(std::string(info.code) + "_");
    });
    EXPECT_NE(has_case, kShownByCode.contains(info.name))
        << info.code << " " << info.name << " has no example in tests/dsl/diagnostics";
  }
}

TEST(DiagnosticRegistry, CodesAreUniqueAndInOrder) {
  std::string previous;
  for (const DiagnosticInfo& info : AllDiagnosticKinds()) {
    EXPECT_LT(previous, info.code);
    EXPECT_THAT(std::string(info.code), testing::MatchesRegex("PV[0-9][0-9][0-9][0-9]"));
    EXPECT_EQ(&InfoOf(info.kind), &info);
    EXPECT_FALSE(info.summary.empty());
    previous = info.code;
  }
}

// ---- kinds that are too large for a file ------------------------------------------------------

TEST(DiagnosticRegistry, ManyNames) {
  std::string text = "policy many\n\nentity thing\n\npermission p0";
  for (size_t number = 1; number <= kMaxSymbolsOfKind; ++number) {
    text += ",\n    p" + std::to_string(number);
  }
  SourceSet sources;
  sources.Add("many.vakt", text + " on thing\n");
  Diagnostics findings;
  EXPECT_FALSE(Compile(sources, findings).has_value());
  ASSERT_FALSE(findings.all().empty());
  const Diagnostic& finding = findings.all().front();
  EXPECT_EQ(InfoOf(finding.kind).name, "TooManyNames");
  EXPECT_THAT(finding.message, testing::HasSubstr(std::to_string(kMaxSymbolsOfKind)));
  ExpectWellFormed(finding, sources);
}

// A policy that does not check says why, whatever there is too much of.
TEST(DiagnosticRegistry, ManyTypes) {
  std::string text = "policy many\n";
  for (size_t number = 0; number <= kMaxTypes; ++number) {
    text += "\nentity e" + std::to_string(number);
  }
  SourceSet sources;
  sources.Add("many.vakt", text + "\n");
  Diagnostics findings;
  EXPECT_FALSE(Compile(sources, findings).has_value());
  ASSERT_FALSE(findings.all().empty());
  EXPECT_EQ(InfoOf(findings.all().front().kind).name, "TooManyNames");
  EXPECT_THAT(findings.all().front().message, testing::HasSubstr(std::to_string(kMaxTypes)));
}

TEST(DiagnosticRegistry, ManyFindings) {
  std::string text = "policy many\n\npermission view on ";
  for (size_t number = 0; number < Diagnostics::kMaxFindings + 20; ++number) {
    text += (number == 0 ? "" : ",\n    ") + ("x" + std::to_string(number));
  }
  SourceSet sources;
  sources.Add("many.vakt", text + "\n");
  Diagnostics findings;
  EXPECT_FALSE(Compile(sources, findings).has_value());
  EXPECT_EQ(findings.dropped(), 20u);
  const std::vector<Diagnostic> sorted = findings.Sorted();
  ASSERT_EQ(sorted.size(), Diagnostics::kMaxFindings + 1);
  EXPECT_EQ(InfoOf(sorted.back().kind).name, "TooManyFindings");
  EXPECT_EQ(sorted.back().message, "more than 100 findings; the others are left out: 20");
  ExpectWellFormed(sorted.back(), sources);
}

}  // namespace
}  // namespace portvakt::dsl
