// The options of every subcommand. CLI11 reports by exceptions; they end
// here.
#include "cli/command_line.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "cli/help_texts.h"
#include "cli/options.h"
#include "cli/version.h"
#include "dsl/dsl.h"

namespace portvakt::cli {

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

namespace {

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
  load->add_option("--reason", targets.load.reason, "why; kept with the revision")
      ->option_text("TEXT");
  AddFormat(load, targets.load.format);
  load->add_option("files", targets.load.files, "data files")->option_text("FILE ...");
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
  serve->add_flag("--watch", target.watch,
                  "activate the files of the policy when they change, if they check");
  serve->add_flag("--trust-callers", target.trust_callers,
                  "take changes, by whom each request names as its actor");
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
  if (name == "missing") return std::move(targets.missing);
  if (name == "who-can") return std::move(targets.who_can);
  if (name == "what-can") return std::move(targets.what_can);
  if (name == "where-can") return std::move(targets.where_can);
  if (name == "find") return std::move(targets.find);
  if (name == "matrix") return std::move(targets.matrix);
  if (name == "change") return std::move(targets.change);
  if (name == "onboard") return std::move(targets.onboard);
  if (name == "offboard") return std::move(targets.offboard);
  if (name == "history") return std::move(targets.history);
  if (name == "audit") return std::move(targets.audit);
  if (name == "status") return std::move(targets.status);
  if (name == "decisions") return std::move(targets.decisions);
  if (name == "policy") return std::move(targets.policy);
  if (name == "serve") return std::move(targets.serve);
  if (name == "key") return std::move(targets.key);
  if (name == "config") return std::move(targets.config_check);
  if (name == "backup") return std::move(targets.backup);
  if (name == "restore") return std::move(targets.restore);
  if (name == "export") return std::move(targets.exported);
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
  AddQuestions(app, targets);
  AddDecisions(app, targets);
  AddPolicy(app, targets);
  AddServe(app, targets);
  AddKey(app, targets);
  AddOperating(app, targets);
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
