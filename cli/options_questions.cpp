// The options of the subcommands that ask, search, change and look back, which share most of them.
#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "cli/help_texts.h"
#include "cli/options.h"
#include "engine/missing.h"
#include "server/limits.h"

namespace portvakt::cli {

namespace {

// Entries of the history that are shown when nothing is said: a screen or two.
constexpr unsigned int kHistoryShown = 50;

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
  missing
      ->add_option("--plans", targets.missing.plans,
                   "how many ways, " + std::to_string(engine::MissingQuery{}.max_plans) +
                       " when nothing is said")
      ->check(CLI::Range(uint32_t{1}, server::kMaxPlans))
      ->option_text("N");
  AddAsked(missing, targets.missing);
  AddSupplied(missing, targets.missing.supplied);
}

void AddViewer(CLI::App* app, std::string& viewer) {
  app->add_option("--viewer", viewer, "show only what the policy lets him see")
      ->option_text("NAME");
}

void AddSearches(CLI::App& app, Targets& targets) {
  CLI::App* who = AddSubcommand(app, "who-can", "list who may do something", kWhoCanFooter);
  AddName(who, "permission", targets.who_can.permission, "what");
  AddName(who, "object", targets.who_can.object, "on or in what");
  CLI::App* what = AddSubcommand(app, "what-can", "list what somebody may do", kWhatCanFooter);
  targets.what_can.what = SearchCommand::What::kActions;
  AddName(what, "subject", targets.what_can.subject, "who");
  AddName(what, "object", targets.what_can.object, "on or in what");
  CLI::App* where =
      AddSubcommand(app, "where-can", "list where somebody may do something", kWhereCanFooter);
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
      ->check(CLI::NonNegativeNumber)
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
      ->add_option(
          "--limit", target.limit,
          "so many entries; " + std::to_string(kHistoryShown) + " when nothing is said, 0 for all")
      ->check(CLI::NonNegativeNumber)
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

}  // namespace

void AddQuestions(CLI::App& app, Targets& targets) {
  AddCanAndMissing(app, targets);
  AddSearches(app, targets);
  AddFind(app, targets);
  AddMatrix(app, targets);
  AddChange(app, targets);
  AddTransfers(app, targets);
  AddHistory(app, targets);
}

}  // namespace portvakt::cli
