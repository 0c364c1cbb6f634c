// The options of `portvakt policy` and what it can do.
#include <utility>

#include "cli/help_texts.h"
#include "cli/options.h"

namespace portvakt::cli {
namespace {

CLI::App* AddDeed(CLI::App* policy, const char* name, const char* about, PolicyCommand::What what,
                  PolicyCommand& target) {
  CLI::App* deed = AddSubcommand(*policy, name, about, kPolicyFooter);
  deed->parse_complete_callback([&target, what] { target.what = what; });
  CLI::Option* store =
      deed->add_option("--store", target.store, "the store; else PORTVAKT_STORE, if set")
          ->option_text("FOLDER");
  deed->add_option("--server", target.server, "a running server instead of a store")
      ->excludes(store)
      ->option_text("URL");
  AddFormat(deed, target.format);
  return deed;
}

void AddVersion(CLI::App* deed, PolicyCommand& target) {
  deed->add_option("version", target.version, "its number, or `active`")
      ->required()
      ->option_text("VERSION");
}

void AddReason(CLI::App* deed, PolicyCommand& target) {
  deed->add_option("--reason", target.reason, "why; kept in the history")->option_text("TEXT");
}

void AddExpected(CLI::App* deed, PolicyCommand& target) {
  deed->add_option("--expect", target.expected, "only if the active one has this digest")
      ->option_text("DIGEST");
}

}  // namespace

void AddPolicy(CLI::App& app, Targets& targets) {
  using What = PolicyCommand::What;
  PolicyCommand& target = targets.policy;
  CLI::App* policy =
      AddSubcommand(app, "policy", "upload, compare and activate policies", kPolicyFooter);
  policy->require_subcommand(1);

  CLI::App* upload =
      AddDeed(policy, "upload", "store a policy that decides nothing yet", What::kUpload, target);
  upload->add_option("paths", target.paths, "a policy folder, or the files of one policy")
      ->required()
      ->option_text("FILE|FOLDER ...");
  AddReason(upload, target);
  AddDeed(policy, "list", "all stored versions", What::kList, target);
  AddVersion(AddDeed(policy, "show", "the files of a version", What::kShow, target), target);

  CLI::App* diff = AddDeed(policy, "diff", "what a version declares otherwise than the active one",
                           What::kDiff, target);
  AddVersion(diff, target);
  diff->add_option("--from", target.other, "than this version")->option_text("VERSION");

  CLI::App* impact = AddDeed(policy, "impact", "which decisions about stored data would change",
                             What::kImpact, target);
  AddVersion(impact, target);
  impact->add_option("--from", target.other, "compared with this version, not the active one")
      ->option_text("VERSION");
  AddRepeated(impact, "--context", target.context, "a value that every request brings",
              "KEY=VALUE");

  CLI::App* activate =
      AddDeed(policy, "activate", "decide by a version from now on", What::kActivate, target);
  AddVersion(activate, target);
  AddExpected(activate, target);
  AddReason(activate, target);
  CLI::App* rollback = AddDeed(policy, "rollback", "activate what was active before the active one",
                               What::kRollback, target);
  AddExpected(rollback, target);
  AddReason(rollback, target);
}

}  // namespace portvakt::cli
