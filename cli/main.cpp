// The `portvakt` binary: arguments in, one subcommand run, its exit code out.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
  using namespace portvakt::cli;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const CommandLine line = ParseCommandLine(arguments);
  std::cout << line.out;
  std::cerr << line.err;
  if (!line.command) return std::cout.flush() ? line.exit_code : kExitUsage;

  const bool color = isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1 &&
                     std::getenv("NO_COLOR") == nullptr;
  Console console{std::cin, std::cout, std::cerr, color};
  const int exit_code =
      std::visit([&](const auto& command) { return Run(command, console); }, *line.command);
  // A full disk or a closed pipe must not look like an answer.
  return std::cout.flush() ? exit_code : kExitUsage;
}
