// The options of `portvakt key`.
#include "cli/help_texts.h"
#include "cli/options.h"

namespace portvakt::cli {

namespace {

CLI::App* AddAct(CLI::App* key, const char* name, KeyCommand::What what, const char* help,
                 KeyCommand& target) {
  CLI::App* act = AddSubcommand(*key, name, help, kKeyFooter);
  act->add_option("--keys-file", target.keys_file, "the file of keys")
      ->required()
      ->envname("PORTVAKT_KEYS_FILE")
      ->option_text("FILE");
  AddFormat(act, target.format);
  act->callback([&target, what] { target.what = what; });
  return act;
}

}  // namespace

void AddKey(CLI::App& app, Targets& targets) {
  KeyCommand& target = targets.key;
  CLI::App* key =
      AddSubcommand(app, "key", "make and revoke keys of a server's callers", kKeyFooter);
  key->require_subcommand(1);
  CLI::App* create =
      AddAct(key, "create", KeyCommand::What::kCreate, "make a key; print it once", target);
  create->add_option("--name", target.name, "the caller's name, for logs")
      ->required()
      ->option_text("NAME");
  create
      ->add_option("--scopes", target.scopes,
                   "what it may ask: decide, search, change, review, policy, operate")
      ->required()
      ->delimiter(',')
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text("SCOPE,..");
  CLI::Option* actor = create->add_option("--actor", target.actor, "its changes are by this entity")
                           ->option_text("TYPE:ID");
  create->add_flag("--names-actor", target.names_actor, "its changes are by whom each names")
      ->excludes(actor);
  create->add_option("--expires", target.expires, "when it ends; never when left out")
      ->option_text("INSTANT");
  AddAct(key, "list", KeyCommand::What::kList, "show keys, without their secrets", target);
  CLI::App* revoke = AddAct(key, "revoke", KeyCommand::What::kRevoke, "end keys for ever", target);
  revoke->add_option("ids", target.ids, "ids, as `key list` shows them")
      ->required()
      ->option_text("ID ...");
}

}  // namespace portvakt::cli
