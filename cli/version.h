// The version that `portvakt --version` prints; the build gives it from the project's.
#pragma once

#include <string_view>

namespace portvakt::cli {

extern const std::string_view kVersion;

}  // namespace portvakt::cli
