// The page of docs/diagnostics.md that belongs to one code. The page is carried in the binary.
#pragma once

#include <string>
#include <string_view>

namespace portvakt::cli {

extern const std::string_view kDiagnosticsPage;

// The section of a Markdown page whose heading holds `code`, heading included, up to the next
// heading of the same or a higher level. "" when there is none.
std::string SectionOf(std::string_view page, std::string_view code);

}  // namespace portvakt::cli
