// No text crashes or hangs the reader of configuration files; there is a configuration exactly when
// no finding is an error; and each finding says something and can be shown.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/config.h"

using portvakt::dsl::Notice;
using portvakt::dsl::Render;
using portvakt::dsl::Severity;
using portvakt::server::ConfigRead;
using portvakt::server::FindingLine;
using portvakt::server::ParseConfig;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ConfigRead read = ParseConfig(text, "/etc/portvakt/fuzz.yaml");
  const bool has_errors =
      std::any_of(read.findings.begin(), read.findings.end(),
                  [](const Notice& finding) { return finding.severity == Severity::kError; });
  if (read.config.has_value() == has_errors) std::abort();
  for (const Notice& finding : read.findings) {
    if (finding.message.empty()) std::abort();
    if (FindingLine(finding, read.sources).empty() || Render(finding, read.sources).empty()) {
      std::abort();
    }
  }
  return 0;
}
