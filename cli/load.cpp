// `portvakt load`: a policy and data into a store that lies on disk.
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/data_json.h"
#include "cli/world.h"

namespace portvakt::cli {

namespace {

struct Loaded {
  std::string path;
  engine::LoadReport report;
};

void PrintFile(const std::string& path, const engine::LoadReport& report, Console& console) {
  if (report.ok()) {
    console.out << path << ": revision " << report.revision << ": "
                << Counted(report.statements, "statement") << ", " << report.changed
                << " changed\n";
    for (const std::string& warning : report.warnings) {
      console.err << path << ": warning: " << warning << '\n';
    }
    return;
  }
  PrintDataFindings(report.findings, console.err);
  // Bulk text goes in batches; those before the one with findings are in the store.
  console.err << path << ": " << Counted(report.findings.size(), "finding") << "; "
              << (report.changed == 0 ? "nothing of it was loaded"
                                      : "the batches before were loaded")
              << '\n';
}

server::JsonValue ReportJson(const std::vector<Loaded>& files,
                             const std::optional<engine::PolicyInfo>& policy) {
  server::JsonValue list = server::JsonValue::Array();
  for (const Loaded& file : files) {
    server::JsonValue value = server::JsonValue::Object();
    value.Set("file", file.path);
    value.Set("revision", file.report.revision);
    value.Set("statements", file.report.statements);
    value.Set("changed", file.report.changed);
    value.Set("findings", DataFindingsJson(file.report.findings));
    server::JsonValue warnings = server::JsonValue::Array();
    for (const std::string& warning : file.report.warnings) warnings.Append(warning);
    value.Set("warnings", std::move(warnings));
    list.Append(std::move(value));
  }
  server::JsonValue report = server::JsonValue::Object();
  report.Set("files", std::move(list));
  if (policy) {
    server::JsonValue active = server::JsonValue::Object();
    active.Set("name", policy->name);
    active.Set("version", policy->version);
    report.Set("policy", std::move(active));
  }
  return report;
}

std::optional<engine::PolicyInfo> ActivePolicy(engine::Engine* engine) {
  if (engine == nullptr) return std::nullopt;
  const auto snapshot = engine->store().Read();
  return snapshot ? snapshot.value().ActivePolicy() : std::nullopt;
}

}  // namespace

int Run(const LoadCommand& command, Console& console) {
  if (command.policy.empty() && command.files.empty()) {
    return Complain(console, "nothing to load: name data files, or a policy with --policy");
  }
  for (const std::string& file : command.files) {
    // Before anything is written: a misspelt name must not leave half of the work done.
    if (!Exists(file)) return Complain(console, file + ": there is no such file");
  }
  const bool pretty = command.format == Format::kPretty;
  std::vector<Loaded> files;
  const auto loaded = [&](const std::string& path, const engine::LoadReport& report) {
    if (pretty) PrintFile(path, report, console);
    files.push_back({path, report});
  };
  World world;
  const WorldOptions options{.store = command.store,
                             .policy = command.policy,
                             .data = command.files,
                             .reason = command.reason};
  const int exit_code = OpenWorld(options, world, console, loaded);
  if (exit_code == kExitUsage) return exit_code;
  const auto policy = ActivePolicy(world.engine.get());
  if (!pretty) {
    console.out << server::WriteJson(ReportJson(files, policy), server::JsonStyle::kPretty) << '\n';
  } else if (exit_code == kExitOk && !command.policy.empty() && policy) {
    console.out << "policy " << policy->name << ": version " << policy->version << " is active\n";
  }
  return exit_code;
}

}  // namespace portvakt::cli
