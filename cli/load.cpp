// `portvakt load`: a policy and data into a store that lies on disk.
#include "cli/commands.h"
#include "cli/world.h"

namespace portvakt::cli {

int Run(const LoadCommand& command, Console& console) {
  if (command.policy.empty() && command.files.empty()) {
    return Complain(console, "nothing to load: name data files, or a policy with --policy");
  }
  for (const std::string& file : command.files) {
    // Before anything is written: a misspelt name must not leave half of the work done.
    if (!Exists(file)) return Complain(console, file + ": there is no such file");
  }
  World world;
  const auto loaded = [&](const std::string& path, const engine::LoadReport& report) {
    console.out << path << ": revision " << report.revision << ": "
                << Counted(report.statements, "statement") << ", " << report.changed
                << " changed\n";
  };
  const WorldOptions options{.store = command.store,
                             .policy = command.policy,
                             .data = command.files,
                             .note = command.note};
  const int exit_code = OpenWorld(options, world, console, loaded);
  if (exit_code != kExitOk || command.policy.empty()) return exit_code;
  auto snapshot = world.engine->store().Read();
  if (!snapshot) return Complain(console, snapshot.error().message);
  if (const auto active = snapshot->ActivePolicy()) {
    console.out << "policy " << active->name << ": version " << active->version << " is active\n";
  }
  return kExitOk;
}

}  // namespace portvakt::cli
