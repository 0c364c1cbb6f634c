// Complaints look the same whichever subcommand makes them.
#include "cli/console.h"

namespace portvakt::cli {

int Complain(Console& console, std::string_view message) {
  console.err << "portvakt: " << message << '\n';
  return kExitUsage;
}

}  // namespace portvakt::cli
