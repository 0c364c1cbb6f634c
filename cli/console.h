// Where a subcommand reads and writes, and what its exit code means. Subcommands never touch the
// process's own streams, so that tests can run them as functions.
//
// What was asked for goes to `out`: decisions, dumps, reports, and the findings of `check`, which
// are its answer. What kept a command from answering goes to `err`.
#pragma once

#include <istream>
#include <ostream>
#include <string_view>

namespace portvakt::cli {

inline constexpr int kExitOk = 0;        // clean, permitted, passed; warnings alone count as clean
inline constexpr int kExitFindings = 1;  // findings, a deny, a failed case, files that differ
inline constexpr int kExitUsage = 2;     // wrong arguments, a missing file, no permission, no disk

enum class Format { kPretty, kJson };

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool color = false;  // `out` and `err` are terminals
};

// "portvakt: " and the message on `err`; returns kExitUsage, so that callers can return it.
int Complain(Console& console, std::string_view message);

}  // namespace portvakt::cli
