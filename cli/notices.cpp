// Rendering is the language's; only the space between findings is ours.
#include "cli/notices.h"

#include <string>

namespace portvakt::cli {

void PrintNotices(const std::vector<dsl::Notice>& notices, const dsl::SourceSet& sources,
                  std::ostream& stream, bool color) {
  for (const dsl::Notice& notice : notices) {
    std::string text = dsl::Render(notice, sources, {.color = color});
    while (text.ends_with('\n')) text.pop_back();
    stream << text << "\n\n";
  }
}

}  // namespace portvakt::cli
