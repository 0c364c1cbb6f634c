// No text crashes or hangs the checker, and it returns a module exactly when there are no errors.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/dsl.h"

using portvakt::dsl::Check;
using portvakt::dsl::Diagnostic;
using portvakt::dsl::Diagnostics;
using portvakt::dsl::DumpModule;
using portvakt::dsl::Parse;
using portvakt::dsl::SourceSet;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  SourceSet sources;
  sources.Add("fuzz.vakt", std::string(data, data + size));
  Diagnostics findings;
  const auto trees = Parse(sources, findings);
  const auto module = Check(trees, sources, findings);
  if (module.has_value() == findings.has_errors()) std::abort();
  if (module.has_value()) DumpModule(*module);
  for (const Diagnostic& finding : findings.all()) Render(finding, sources);
  return 0;
}
