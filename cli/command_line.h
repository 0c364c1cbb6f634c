// argv into a command. The only door to the option parser: no other file knows which one it is, or
// what an option is called.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace portvakt::cli {

struct CommandLine {
  std::optional<Command> command;  // none: print `out` and `err` and end with `exit_code`
  int exit_code = kExitOk;
  std::string out;  // help or version, when asked for
  std::string err;  // what is wrong with the arguments
};

// `arguments` without the program's name. Pure; never throws.
CommandLine ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace portvakt::cli
