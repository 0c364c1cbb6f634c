// No bytes crash or hang the parser, its findings point into the text, and their words can be
// shown.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/dsl.h"

using portvakt::dsl::Diagnostic;
using portvakt::dsl::Diagnostics;
using portvakt::dsl::DumpTree;
using portvakt::dsl::Parse;
using portvakt::dsl::SourceSet;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  SourceSet sources;
  sources.Add("fuzz.vakt", std::string(data, data + size));
  Diagnostics findings;
  const auto trees = Parse(sources, findings);
  DumpTree(trees.front());
  if (trees.front().has_errors != findings.has_errors()) std::abort();
  for (const Diagnostic& finding : findings.all()) {
    if (finding.span.begin > finding.span.end || finding.span.end > size) std::abort();
    if (finding.message.empty()) std::abort();
    Render(finding, sources);
  }
  return 0;
}
