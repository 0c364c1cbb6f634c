// The options of every subcommand with their help texts. CLI11 reports by exceptions; they end
// here.
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "cli/version.h"
#include "dsl/dsl.h"

namespace portvakt::cli {

namespace {

constexpr const char* kAbout =
    "Portvakt answers \"may this user do that there?\" from a policy file.\n";

constexpr const char* kMainFooter = R"(
Exit codes: 0 clean, permitted or passed (warnings alone count as clean); 1 findings, denied or
failed; 2 wrong arguments or something that cannot be read or written.

`portvakt SUBCOMMAND --help` has examples.)";

constexpr const char* kCheckFooter = R"(
Examples:
  portvakt check policies/byra                 a folder is one policy
  portvakt check policies                      all policies below
  portvakt check a.vakt b.vakt                 files named together are one policy
  portvakt check --format json policies/byra   findings for an editor or a build)";

constexpr const char* kFmtFooter = R"(
Examples:
  portvakt fmt policies                rewrites every *.vakt below that needs it
  portvakt fmt --check policies        changes nothing; names the files that differ, exit code 1
  portvakt fmt - < a.vakt              standard input to standard output)";

constexpr const char* kDumpFooter = R"(
Examples:
  portvakt dump --tree policies/byra/byra.vakt   the tree of one file
  portvakt dump --module policies/byra           the checked module, every name resolved
  portvakt dump --program policies/byra          the decision program, as it is stored)";

constexpr const char* kTestFooter = R"(
A test file is YAML in a folder called `tests` beside its policy; docs/command.md describes it.

Examples:
  portvakt test                                every test file below ./policies
  portvakt test policies/byra --filter locked  cases whose name holds "locked"
  portvakt test policies/byra/tests/use.yaml)";

constexpr const char* kLoadFooter = R"(
Files ending in .yaml or .yml are read as YAML, all others as text with one sentence a line.
Loading the same twice changes nothing; a file with findings is refused whole.

Examples:
  portvakt load --store data --policy policies/byra examples/norr/after.yaml
  portvakt load --store data more.txt)";

constexpr const char* kCanFooter = R"(
SUBJECT and OBJECT are plain ids, looked up among the types that the permission's rules admit;
`type:id` says which where that is ambiguous.

Examples:
  portvakt can --store data david bokforing.verifikation.skapa alfa --why
  portvakt can --policy policies/byra --data examples/norr/after.yaml david lon.oppna client:alfa
  portvakt can --store data --context login=bankid anna lon.lonekorning.attestera run1)";

constexpr const char* kServeFooter = R"(
Without --store a temporary store is used and removed at the end. Only loopback addresses are
served: there is no TLS and no authentication. Ends with exit code 0 on SIGTERM or SIGINT.

Examples:
  portvakt serve --policy policies/byra --data examples/norr/after.yaml
  portvakt serve --store data --listen 127.0.0.1:0     any free port; the address is printed)";

constexpr const char* kExplainFooter = R"(
Examples:
  portvakt explain-code PV0201
  portvakt explain-code          lists all codes)";

// Everything that the options are parsed into; the one whose subcommand was named is taken.
struct Targets {
  CheckCommand check;
  FmtCommand fmt;
  DumpCommand dump;
  TestCommand test;
  LoadCommand load;
  CanCommand can;
  ServeCommand serve;
  ExplainCodeCommand explain_code;
};

void AddFormat(CLI::App* app, Format& format) {
  const auto read = [&format](const std::string& text) {
    if (text != "pretty" && text != "json") {
      throw CLI::ValidationError("--format", "`" + text + "` is neither pretty nor json");
    }
    format = text == "json" ? Format::kJson : Format::kPretty;
  };
  app->add_option_function<std::string>("--format", read,
                                        "pretty (for people) or json (for machines)")
      ->option_text("pretty|json");
}

// An option that may be repeated, with one value each time, so that what follows is no more values.
CLI::Option* AddRepeated(CLI::App* app, const std::string& name, std::vector<std::string>& values,
                         const std::string& help, const std::string& shown) {
  return app->add_option(name, values, help)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text(shown + " ...");
}

CLI::App* AddSubcommand(CLI::App& app, const char* name, const char* about, const char* footer) {
  CLI::App* sub = app.add_subcommand(name, about);
  sub->footer(footer);
  return sub;
}

void AddCheckAndFmt(CLI::App& app, Targets& targets) {
  CLI::App* check =
      AddSubcommand(app, "check", "report all that is wrong in policies", kCheckFooter);
  check->add_option("paths", targets.check.paths, "policy folders, or the files of one policy")
      ->required()
      ->option_text("FILE|FOLDER ...");
  AddFormat(check, targets.check.format);

  CLI::App* fmt =
      AddSubcommand(app, "fmt", "bring policy files into the canonical form", kFmtFooter);
  fmt->add_option("paths", targets.fmt.paths, "files, folders, or - for standard input")
      ->required()
      ->option_text("FILE|FOLDER ...");
  CLI::Option* only_check =
      fmt->add_flag("--check", targets.fmt.check, "change nothing; name the files that differ");
  fmt->add_flag("--stdout", targets.fmt.to_stdout, "print the result instead of writing files")
      ->excludes(only_check);
}

CLI::Option* AddWhat(CLI::App* app, const char* name, DumpCommand::What value, const char* help,
                     Targets& targets) {
  return app->add_flag_callback(
      name, [&targets, value] { targets.dump.what = value; }, help);
}

void AddDumpAndTest(CLI::App& app, Targets& targets) {
  CLI::App* dump = AddSubcommand(app, "dump", "print what a phase made of a policy", kDumpFooter);
  dump->add_option("path", targets.dump.path, "a policy folder or file")
      ->required()
      ->option_text("PATH");
  CLI::Option* tree =
      AddWhat(dump, "--tree", DumpCommand::What::kTree, "what the text says", targets);
  CLI::Option* module =
      AddWhat(dump, "--module", DumpCommand::What::kModule, "what it means (the default)", targets);
  CLI::Option* program =
      AddWhat(dump, "--program", DumpCommand::What::kProgram, "what the engine runs", targets);
  module->excludes(tree, program);
  tree->excludes(program);

  CLI::App* test = AddSubcommand(app, "test", "run the scenarios of policies", kTestFooter);
  test->add_option("paths", targets.test.paths,
                   "test files, policy folders or folders above them; policies when none is named")
      ->option_text("PATH ...");
  test->add_option("--filter", targets.test.filter, "only cases whose name holds this text")
      ->option_text("TEXT");
  AddFormat(test, targets.test.format);
}

void AddLoad(CLI::App& app, Targets& targets) {
  CLI::App* load = AddSubcommand(app, "load", "put a policy and data into a store", kLoadFooter);
  load->add_option("--store", targets.load.store, "the store's folder; made when there is none")
      ->required()
      ->envname("PORTVAKT_STORE")
      ->option_text("FOLDER");
  load->add_option("--policy", targets.load.policy, "install and activate this policy first")
      ->option_text("PATH");
  load->add_option("--note", targets.load.note, "why; kept with the revision")->option_text("TEXT");
  AddFormat(load, targets.load.format);
  load->add_option("files", targets.load.files, "data files")->option_text("FILE ...");
}

void AddCan(CLI::App& app, Targets& targets) {
  CLI::App* can = AddSubcommand(app, "can", "answer one question", kCanFooter);
  CanCommand& target = targets.can;
  can->add_option("subject", target.subject, "who")->required()->option_text("SUBJECT");
  can->add_option("permission", target.permission, "what")->required()->option_text("PERMISSION");
  can->add_option("object", target.object, "on or in what")->required()->option_text("OBJECT");
  can->add_flag("--why", target.why, "every reason, and the conditions that failed");
  AddFormat(can, target.format);
  CLI::Option* store =
      can->add_option("--store", target.store, "the store to ask; else PORTVAKT_STORE, if set")
          ->option_text("FOLDER");
  CLI::Option* policy = can->add_option("--policy", target.policy,
                                        "ask this policy instead, with the files of --data")
                            ->excludes(store)
                            ->option_text("PATH");
  AddRepeated(can, "--data", target.data, "data for --policy", "FILE")->needs(policy);
  AddRepeated(can, "--context", target.supplied.context, "a value of the request's context",
              "KEY=VALUE");
  AddRepeated(can, "--subject", target.supplied.subject, "a property of the subject", "KEY=VALUE");
  AddRepeated(can, "--action", target.supplied.action, "a property of the action", "KEY=VALUE");
  AddRepeated(can, "--object", target.supplied.resource, "a property of the object", "KEY=VALUE");
  can->add_option("--now", target.now, "decide as of this instant, 2026-11-02T09:00:00Z")
      ->option_text("INSTANT");
}

void AddServe(CLI::App& app, Targets& targets) {
  CLI::App* serve = AddSubcommand(app, "serve", "answer questions over HTTP", kServeFooter);
  ServeCommand& target = targets.serve;
  serve->add_option("--config", target.config, "YAML; flags win over it")->option_text("FILE");
  serve->add_option("--store", target.store, "the store's folder")->option_text("FOLDER");
  serve->add_option("--policy", target.policy, "install and activate this policy first")
      ->option_text("PATH");
  AddRepeated(serve, "--data", target.data, "load these files first", "FILE");
  serve->add_option("--listen", target.listen, "address and port; port 0 picks a free one")
      ->option_text("ADDRESS:PORT");
  serve->add_option("--workers", target.workers, "threads that answer")
      ->check(CLI::Range(1u, 1024u))
      ->option_text("N");
}

void AddExplainCode(CLI::App& app, Targets& targets) {
  CLI::App* explain =
      AddSubcommand(app, "explain-code", "tell what a finding's code means", kExplainFooter);
  explain->add_option("code", targets.explain_code.code, "as printed with the finding")
      ->option_text("PV0123");
}

Command Take(const std::string& name, Targets& targets) {
  if (name == "check") return std::move(targets.check);
  if (name == "fmt") return std::move(targets.fmt);
  if (name == "dump") return std::move(targets.dump);
  if (name == "test") return std::move(targets.test);
  if (name == "load") return std::move(targets.load);
  if (name == "can") return std::move(targets.can);
  if (name == "serve") return std::move(targets.serve);
  return std::move(targets.explain_code);
}

CommandLine Wrong(const std::string& message, const std::string& see) {
  CommandLine line;
  line.exit_code = kExitUsage;
  line.err = "portvakt: " + message + "\nsee `" + see + " --help`\n";
  return line;
}

// The parser would only say that a subcommand is missing.
std::optional<CommandLine> WrongSubcommand(const CLI::App& app,
                                           const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    CommandLine line;
    line.exit_code = kExitUsage;
    line.err = app.help();
    return line;
  }
  const std::string& name = arguments.front();
  if (name.starts_with('-')) return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  if (std::find(names.begin(), names.end(), name) != names.end()) return std::nullopt;
  std::string message = "no such subcommand: `" + name + "`";
  const std::vector<std::string> meant = dsl::Suggest(name, names);
  if (!meant.empty()) message += "; did you mean `" + meant.front() + "`?";
  return Wrong(message, "portvakt");
}

}  // namespace

CommandLine ParseCommandLine(const std::vector<std::string>& arguments) {
  CLI::App app(kAbout, "portvakt");
  app.footer(kMainFooter);
  app.set_version_flag("--version", "portvakt " + std::string(kVersion));
  app.require_subcommand(1);
  Targets targets;
  AddCheckAndFmt(app, targets);
  AddDumpAndTest(app, targets);
  AddLoad(app, targets);
  AddCan(app, targets);
  AddServe(app, targets);
  AddExplainCode(app, targets);
  if (auto wrong = WrongSubcommand(app, arguments)) return *std::move(wrong);

  CommandLine line;
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
    line.command = Take(app.get_subcommands().front()->get_name(), targets);
  } catch (const CLI::Success& asked) {  // --help, --version
    std::ostringstream out;
    app.exit(asked, out, out);
    line.out = out.str();
  } catch (const CLI::Error& error) {
    const auto subs = app.get_subcommands();
    return Wrong(error.what(), subs.empty() ? "portvakt" : "portvakt " + subs.front()->get_name());
  } catch (const std::exception& error) {
    return Wrong(error.what(), "portvakt");
  }
  return line;
}

}  // namespace portvakt::cli
