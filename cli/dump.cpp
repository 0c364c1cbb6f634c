// `portvakt dump`: the text form of what a phase made of a policy.
#include "cli/commands.h"
#include "cli/policy.h"
#include "cli/world.h"

namespace portvakt::cli {

namespace {

// Syntax errors spoil the tree, not findings of the checker.
int DumpTrees(const std::string& path, Console& console) {
  const Policy policy = ReadPolicy({path});
  if (!policy.error.empty()) return Complain(console, policy.error);
  dsl::Diagnostics findings;
  const std::vector<dsl::Tree> trees = dsl::Parse(policy.shown, findings);
  for (const dsl::Tree& tree : trees) console.out << dsl::DumpTree(tree);
  // Of a file that is too large nothing was read, so that there is nothing to parse.
  for (const dsl::Diagnostic& finding : policy.findings.all()) {
    if (finding.kind == dsl::DiagnosticKind::kFileTooLarge) findings.Add(finding);
  }
  if (!findings.has_errors()) return kExitOk;
  PrintFindings(findings, policy.shown, console.err, console.color);
  return kExitFindings;
}

int DumpCompiled(const std::string& path, Console& console) {
  World world;
  WorldOptions options;
  options.policy = path;
  const int exit_code = OpenWorld(options, world, console);
  if (exit_code != kExitOk) return exit_code;
  auto snapshot = world.engine->store().Read();
  if (!snapshot) return Complain(console, snapshot.error().message);
  const auto active = snapshot->ActivePolicy();
  if (!active) return Complain(console, "the store has no active policy");
  const auto text = engine::DumpProgram(snapshot->PolicyProgram(active->version));
  if (!text) return Complain(console, text.error().message);
  console.out << text.value();
  return kExitOk;
}

}  // namespace

int Run(const DumpCommand& command, Console& console) {
  if (command.what == DumpCommand::What::kTree) return DumpTrees(command.path, console);
  if (command.what == DumpCommand::What::kProgram) return DumpCompiled(command.path, console);
  const Policy policy = ReadPolicy({command.path});
  const int exit_code = RequirePolicy(policy, console);
  if (exit_code == kExitOk) console.out << dsl::DumpModule(*policy.module);
  return exit_code;
}

}  // namespace portvakt::cli
