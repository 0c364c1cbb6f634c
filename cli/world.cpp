// Opening comes in three steps, each of which can end it: the store, the policy, the data.
#include "cli/world.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace portvakt::cli {

namespace {

int ChoosePolicy(const WorldOptions& options, World& world, Console& console) {
  if (options.policy.empty()) {
    auto module = world.engine->ActiveModule();
    if (!module) {
      return Complain(console, module.error().message + "; --policy PATH installs one");
    }
    world.module = std::move(*module);
    return kExitOk;
  }
  const Policy policy = ReadPolicy({options.policy});
  const int exit_code = RequirePolicy(policy, console);
  if (exit_code != kExitOk) return exit_code;
  const auto version =
      world.engine->InstallPolicy(policy.sources, *policy.module, {.reason = options.reason});
  if (!version) return Complain(console, version.error().message);
  world.module = policy.module;
  world.policy_root = policy.root;
  world.policy_from_files = true;
  return kExitOk;
}

int LoadData(const WorldOptions& options, World& world, Console& console,
             const LoadedFile& loaded) {
  for (const std::string& path : options.data) {
    std::string error;
    if (!Exists(path) || IsFolder(path)) {
      return Complain(console, path + (IsFolder(path) ? ": a folder, not a data file"
                                                      : ": there is no such file"));
    }
    const engine::LoadReport report =
        engine::LoadFile(*world.engine, *world.module, path, {.reason = options.reason});
    if (loaded) {
      loaded(path, report);
    } else if (!report.ok()) {
      PrintDataFindings(report.findings, console.err);
    }
    if (!report.ok()) return kExitFindings;
  }
  return kExitOk;
}

}  // namespace

int OpenStore(const WorldOptions& options, World& world, Console& console) {
  engine::Engine::Options engine_options;
  engine_options.now_us = options.now_us;
  std::string folder = options.store;
  if (folder.empty()) {
    std::string error;
    world.temporary = TemporaryFolder::Create(error);
    if (!world.temporary) return Complain(console, error);
    folder = world.temporary->path();
    engine_options.store.sync = false;  // it does not outlive this process
  } else if (!options.create) {
    std::error_code ignored;
    if (!IsFolder(folder) || std::filesystem::is_empty(folder, ignored)) {
      return Complain(console, "there is no store in " + folder + "; `portvakt load --store " +
                                   folder + " --policy ..` makes one");
    }
  }
  auto opened = engine::Engine::Open(folder, engine_options);
  if (!opened) return Complain(console, opened.error().message);
  world.engine = std::move(*opened);
  return kExitOk;
}

int OpenWorld(const WorldOptions& options, World& world, Console& console,
              const LoadedFile& loaded) {
  int exit_code = OpenStore(options, world, console);
  if (exit_code == kExitOk) exit_code = ChoosePolicy(options, world, console);
  if (exit_code == kExitOk) exit_code = LoadData(options, world, console, loaded);
  return exit_code;
}

void PrintDataFindings(const std::vector<engine::DataFinding>& findings, std::ostream& stream) {
  for (const engine::DataFinding& finding : findings) {
    stream << finding.file;
    if (finding.line > 0) stream << ':' << finding.line;
    if (finding.line > 0 && finding.column > 0) stream << ':' << finding.column;
    stream << ": " << finding.message << '\n';
    if (!finding.help.empty()) stream << "  help: " << finding.help << '\n';
  }
}

}  // namespace portvakt::cli
