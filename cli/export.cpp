// `portvakt export`: what a store holds, as data. The file gets its name when it is whole.
#include "engine/export.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "cli/commands.h"
#include "cli/policy.h"
#include "cli/world.h"

namespace portvakt::cli {

int Run(const ExportCommand& command, Console& console) {
  World world;
  WorldOptions options;
  options.store = command.store;
  options.create = false;
  if (const int exit_code = OpenWorld(options, world, console); exit_code != kExitOk) {
    return exit_code;
  }
  auto session = world.engine->NewSession();
  if (!session) return Complain(console, session.error().message);
  if (const auto status = session.value().Refresh(); !status) {
    return Complain(console, status.error().message);
  }
  const bool to_stdout = command.file == "-";
  const std::string partial = command.file + ".partial";
  std::ofstream file;
  if (!to_stdout) file.open(partial, std::ios::binary | std::ios::trunc);
  const engine::ExportReport report =
      engine::Export(session.value(), *world.module, to_stdout ? console.out : file);
  if (!report.error.empty()) return Complain(console, report.error);
  if (!to_stdout) {
    file.close();
    std::error_code error;
    if (!file.fail()) std::filesystem::rename(partial, command.file, error);
    if (file.fail() || error) return Complain(console, command.file + ": cannot be written");
  }
  if (report.unknown_facts > 0) {
    console.err << "warning: " << Counted(report.unknown_facts, "fact")
                << " left out, for which the active policy has no words\n";
  }
  std::ostream& told = to_stdout ? console.err : console.out;
  told << "revision " << report.revision << ": "
       << (report.entities == 1 ? "1 entity" : std::to_string(report.entities) + " entities")
       << ", " << Counted(report.facts, "fact") << ", " << Counted(report.seats, "number")
       << " of seats\n";
  return kExitOk;
}

}  // namespace portvakt::cli
