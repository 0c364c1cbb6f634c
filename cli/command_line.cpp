// The options of every subcommand. CLI11 reports by exceptions; they end
// here.
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

#include "cli/help_texts.h"
#include "cli/version.h"
#include "dsl/dsl.h"

namespace portvakt::cli {

namespace {

// Entries of the history that are shown when nothing is said: a screen or two.
constexpr unsigned int kHistoryShown = 50;

// Everything that the options are parsed into; the one whose subcommand was named is taken.
struct Targets {
  CheckCommand check;
  FmtCommand fmt;
  DumpCommand dump;
  TestCommand test;
  LoadCommand load;
  CanCommand can;
  MissingCommand missing;
  SearchCommand who_can;
  SearchCommand what_can;
  SearchCommand where_can;
  FindCommand find;
  MatrixCommand matrix;
  ChangeCommand change;
  OnboardCommand onboard;
  OffboardCommand offboard;
  HistoryCommand history;
  AuditCommand audit;
  StatusCommand status;
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
  load->add_option("--reason", targets.load.reason, "why; kept with the revision")
      ->option_text("TEXT");
  AddFormat(load, targets.load.format);
  load->add_option("files", targets.load.files, "data files")->option_text("FILE ...");
}

// Whom the question goes to.
void AddWhom(CLI::App* app, Asked& asked) {
  CLI::Option* store =
      app->add_option("--store", asked.store, "the store to ask; else PORTVAKT_STORE, if set")
          ->option_text("FOLDER");
  CLI::Option* policy =
      app->add_option("--policy", asked.policy, "ask this policy instead, with the files of --data")
          ->excludes(store)
          ->option_text("PATH");
  AddRepeated(app, "--data", asked.data, "data for --policy", "FILE")->needs(policy);
  app->add_option("--server", asked.server, "ask a running server instead of a store")
      ->excludes(store, policy)
      ->option_text("URL");
}

// And as of when.
void AddAsked(CLI::App* app, Asked& asked) {
  AddWhom(app, asked);
  AddFormat(app, asked.format);
  app->add_option("--as-of", asked.as_of, "ask the past: a revision, an instant or a date")
      ->option_text("MOMENT");
  app->add_option("--now", asked.now, "decide as at this instant, 2026-11-02T09:00:00Z")
      ->option_text("INSTANT");
}

void AddContext(CLI::App* app, std::vector<std::string>& context) {
  AddRepeated(app, "--context", context, "a value of the request's context", "KEY=VALUE");
}

void AddSupplied(CLI::App* app, Supplied& supplied) {
  AddContext(app, supplied.context);
  AddRepeated(app, "--subject", supplied.subject, "a property of the subject", "KEY=VALUE");
  AddRepeated(app, "--action", supplied.action, "a property of the action", "KEY=VALUE");
  AddRepeated(app, "--object", supplied.resource, "a property of the object", "KEY=VALUE");
}

void AddName(CLI::App* app, const char* name, std::string& target, const char* help) {
  std::string shown(name);
  std::transform(shown.begin(), shown.end(), shown.begin(),
                 [](char c) { return static_cast<char>(std::toupper(c)); });
  app->add_option(name, target, help)->required()->option_text(shown);
}

void AddCanAndMissing(CLI::App& app, Targets& targets) {
  CLI::App* can = AddSubcommand(app, "can", "answer one question", kCanFooter);
  AddName(can, "subject", targets.can.subject, "who");
  AddName(can, "permission", targets.can.permission, "what");
  AddName(can, "object", targets.can.object, "on or in what");
  can->add_flag("--why", targets.can.why, "every reason, and the conditions that failed");
  AddAsked(can, targets.can);
  AddSupplied(can, targets.can.supplied);

  CLI::App* missing =
      AddSubcommand(app, "missing", "tell what would turn a no into a yes", kMissingFooter);
  AddName(missing, "subject", targets.missing.subject, "who");
  AddName(missing, "permission", targets.missing.permission, "what");
  AddName(missing, "object", targets.missing.object, "on or in what");
  missing->add_option("--actor", targets.missing.actor, "say of each step whether he may do it")
      ->option_text("NAME");
  AddAsked(missing, targets.missing);
  AddSupplied(missing, targets.missing.supplied);
}

void AddViewer(CLI::App* app, std::string& viewer) {
  app->add_option("--viewer", viewer, "show only what the policy lets him see")
      ->option_text("NAME");
}

void AddSearches(CLI::App& app, Targets& targets) {
  CLI::App* who = AddSubcommand(app, "who-can", "list who may do something", kSearchFooter);
  AddName(who, "permission", targets.who_can.permission, "what");
  AddName(who, "object", targets.who_can.object, "on or in what");
  CLI::App* what = AddSubcommand(app, "what-can", "list what somebody may do", kSearchFooter);
  targets.what_can.what = SearchCommand::What::kActions;
  AddName(what, "subject", targets.what_can.subject, "who");
  AddName(what, "object", targets.what_can.object, "on or in what");
  CLI::App* where =
      AddSubcommand(app, "where-can", "list where somebody may do something", kSearchFooter);
  targets.where_can.what = SearchCommand::What::kResources;
  AddName(where, "subject", targets.where_can.subject, "who");
  AddName(where, "permission", targets.where_can.permission, "what");
  for (const auto& [sub, target] :
       {std::pair(who, &targets.who_can), std::pair(what, &targets.what_can),
        std::pair(where, &targets.where_can)}) {
    if (sub != what) {
      sub->add_option("--type", target->type, "only results of this type")->option_text("TYPE");
    }
    AddViewer(sub, target->viewer);
    AddAsked(sub, *target);
    AddSupplied(sub, target->supplied);
  }
}

void AddFind(CLI::App& app, Targets& targets) {
  CLI::App* find = AddSubcommand(
      app, "find", "list what a definition holds of, or for whom a change is allowed", kFindFooter);
  FindCommand& target = targets.find;
  AddName(find, "sentence", target.sentence, "with `?` or `TYPE:?` for what is searched");
  CLI::Option* change =
      find->add_flag("--change", target.change, "the sentence is a change, made by --actor");
  find->add_option("--actor", target.actor, "who would make the change; ? lists who may")
      ->needs(change)
      ->option_text("NAME");
  AddContext(find, target.context);
  AddViewer(find, target.viewer);
  AddAsked(find, target);
}

void AddMatrix(CLI::App& app, Targets& targets) {
  CLI::App* matrix =
      AddSubcommand(app, "matrix", "print who may what where, as a table", kMatrixFooter);
  MatrixCommand& target = targets.matrix;
  AddRepeated(matrix, "--subject", target.subjects, "rows of this subject", "NAME");
  AddRepeated(matrix, "--resource", target.resources, "rows of this resource", "NAME");
  matrix->add_option("--subject-type", target.subject_type, "all subjects of this type")
      ->option_text("TYPE");
  matrix->add_option("--type", target.resource_type, "all resources of this type")
      ->option_text("TYPE");
  AddRepeated(matrix, "--permission", target.permissions, "a column; else all that anybody has",
              "PERMISSION");
  AddContext(matrix, target.context);
  AddViewer(matrix, target.viewer);
  AddAsked(matrix, target);
  matrix->remove_option(matrix->get_option("--format"));
  const auto read = [&target](const std::string& text) {
    if (text != "pretty" && text != "json" && text != "csv") {
      throw CLI::ValidationError("--format", "`" + text + "` is none of pretty, csv and json");
    }
    target.csv = text == "csv";
    target.format = text == "json" ? Format::kJson : Format::kPretty;
  };
  matrix->add_option_function<std::string>("--format", read, "a Markdown table, CSV or JSON")
      ->option_text("pretty|csv|json");
}

void AddGoverned(CLI::App* app, Governed& governed) {
  CLI::Option* actor =
      app->add_option("--actor", governed.actor, "who changes this, by the policy's rules")
          ->option_text("NAME");
  app->add_flag("--operator", governed.by_operator,
                "the store's operator does: no rule is asked, but limits hold")
      ->excludes(actor);
  AddContext(app, governed.context);
  app->add_option("--reason", governed.reason, "why; kept in the history")->option_text("TEXT");
  app->add_option("--ticket", governed.ticket, "of the order; kept too")->option_text("TEXT");
  app->add_flag("--dry-run", governed.dry_run, "judge, and change nothing");
}

void AddChange(CLI::App& app, Targets& targets) {
  CLI::App* change =
      AddSubcommand(app, "change", "change facts and entities as the policy allows", kChangeFooter);
  ChangeCommand& target = targets.change;
  change->add_option("changes", target.changes, "in their order")->option_text("CHANGE ...");
  change->add_option("--file", target.file, "changes one a line, after the others; - reads input")
      ->option_text("FILE");
  AddGoverned(change, target);
  change->add_option("--second", target.second, "who confirms, where a rule wants two")
      ->option_text("NAME");
  change
      ->add_option("--idempotency-key", target.idempotency_key,
                   "a repeat with this key changes nothing and returns the first result")
      ->option_text("KEY");
  change
      ->add_option("--expect-revision", target.expected_revision,
                   "only if the store is still at this revision")
      ->option_text("N");
  AddWhom(change, target);
  AddFormat(change, target.format);
}

void AddTransfers(CLI::App& app, Targets& targets) {
  CLI::App* onboard =
      AddSubcommand(app, "onboard", "give somebody what another has", kOnboardFooter);
  AddName(onboard, "subject", targets.onboard.subject, "who gets it");
  onboard->add_option("--like", targets.onboard.like, "whose facts are the model")
      ->required()
      ->option_text("NAME");
  AddRepeated(onboard, "--relation", targets.onboard.relations, "only facts of this verb", "VERB");
  AddRepeated(onboard, "--on", targets.onboard.objects, "only facts about this object", "NAME");

  CLI::App* offboard =
      AddSubcommand(app, "offboard", "take from somebody all that he has", kOffboardFooter);
  AddName(offboard, "subject", targets.offboard.subject, "who leaves");
  offboard
      ->add_option("--successor", targets.offboard.successor,
                   "takes the roles that a limit does not let go")
      ->option_text("NAME");
  AddRepeated(offboard, "--relation", targets.offboard.relations, "only facts of this verb",
              "VERB");
  AddRepeated(offboard, "--closing", targets.offboard.closing, "a change that is made last",
              "CHANGE");
  AddGoverned(onboard, targets.onboard);
  AddGoverned(offboard, targets.offboard);
  AddWhom(onboard, targets.onboard);
  AddWhom(offboard, targets.offboard);
  AddFormat(onboard, targets.onboard.format);
  AddFormat(offboard, targets.offboard.format);
}

void AddHistory(CLI::App& app, Targets& targets) {
  CLI::App* history =
      AddSubcommand(app, "history", "tell who changed what, when and why", kHistoryFooter);
  HistoryCommand& target = targets.history;
  target.limit = kHistoryShown;
  history->add_option("--fact", target.fact, "the life of this fact")->option_text("SENTENCE");
  history->add_option("--entity", target.entity, "all that happened to it")->option_text("NAME");
  CLI::Option* actor =
      history->add_option("--actor", target.actor, "all that he changed")->option_text("NAME");
  history->add_flag("--operator", target.by_operator, "all that operators changed")
      ->excludes(actor);
  history->add_option("--since", target.since, "only after a revision, an instant or a date")
      ->option_text("MOMENT");
  history
      ->add_option("--limit", target.limit,
                   "the newest so many; " + std::to_string(kHistoryShown) +
                       " when nothing is said, 0 for all")
      ->option_text("N");
  AddWhom(history, target);
  AddFormat(history, target.format);

  CLI::App* audit = AddSubcommand(app, "audit", "verify the history", kAuditFooter);
  audit->require_subcommand(1);
  CLI::App* verify =
      AddSubcommand(*audit, "verify", "find what was altered, removed or reordered", kAuditFooter);
  verify->add_option("--anchor", targets.audit.anchor, "what an earlier run printed")
      ->option_text("REVISION:HEAD");
  AddWhom(verify, targets.audit);
  AddFormat(verify, targets.audit.format);

  CLI::App* status = AddSubcommand(
      app, "status", "tell how a store stands, and which limits are not kept", kStatusFooter);
  AddAsked(status, targets.status);
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
  AddCanAndMissing(app, targets);
  AddSearches(app, targets);
  AddFind(app, targets);
  AddMatrix(app, targets);
  AddChange(app, targets);
  AddTransfers(app, targets);
  AddHistory(app, targets);
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
