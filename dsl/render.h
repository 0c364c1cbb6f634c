// A finding in any text, shown as those of policies are. The language's own findings (Diagnostic)
// are rendered through this; other files that people write have findings without a code.
#pragma once

#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {

// The wording is that of Diagnostic.
struct Notice {
  Severity severity = Severity::kError;
  std::string code;  // "" has none
  std::string message;
  Span span;  // a file that is not in the set: the finding has no place
  std::string label;
  std::vector<Label> related;
  std::vector<std::string> help;
  std::vector<std::string> suggestions;  // names meant, best first, at most three
};

std::string Render(const Notice& notice, const SourceSet& sources,
                   const RenderOptions& options = {});

}  // namespace portvakt::dsl
