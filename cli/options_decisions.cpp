// The options of `portvakt decisions`.
#include "cli/help_texts.h"
#include "cli/options.h"

namespace portvakt::cli {

void AddDecisions(CLI::App& app, Targets& targets) {
  CLI::App* decisions =
      AddSubcommand(app, "decisions", "read the log of what a server decided", kDecisionsFooter);
  DecisionsCommand& target = targets.decisions;
  decisions->add_option("folder", target.directory, "the `directory` of the decision log")
      ->required()
      ->option_text("FOLDER");
  decisions->add_option("--subject", target.subject, "only about him: an id, or TYPE:ID")
      ->option_text("NAME");
  decisions->add_option("--action", target.action, "only this permission")
      ->option_text("PERMISSION");
  decisions->add_option("--resource", target.resource, "only on this: an id, or TYPE:ID")
      ->option_text("NAME");
  decisions->add_option("--verdict", target.verdict, "only permits, denies, or what was unknown")
      ->check(CLI::IsMember({"permit", "deny", "unknown"}))
      ->option_text("permit|deny|unknown");
  decisions->add_option("--caller", target.caller, "only asked by this caller")
      ->option_text("NAME");
  decisions->add_option("--since", target.since, "only from this instant or date on")
      ->option_text("INSTANT");
  decisions->add_option("--until", target.until, "only before this instant or date")
      ->option_text("INSTANT");
  decisions->add_flag("--follow", target.follow, "go on with what the server writes");
  const auto read = [&target](const std::string& text) {
    using Shown = DecisionsCommand::Shown;
    if (text != "pretty" && text != "json" && text != "csv") {
      throw CLI::ValidationError("--format", "`" + text + "` is none of pretty, json and csv");
    }
    target.shown = text == "json" ? Shown::kJson : text == "csv" ? Shown::kCsv : Shown::kPretty;
  };
  decisions
      ->add_option_function<std::string>("--format", read, "a line for people, JSON as logged, CSV")
      ->option_text("pretty|json|csv");
}

}  // namespace portvakt::cli
