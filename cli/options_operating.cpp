// The options of the subcommands for those who keep a server running.
#include "cli/help_texts.h"
#include "cli/options.h"

namespace portvakt::cli {

namespace {

void AddConfig(CLI::App& app, Targets& targets) {
  CLI::App* config =
      AddSubcommand(app, "config", "look at a server's configuration", kConfigFooter);
  config->require_subcommand(1);
  CLI::App* check = AddSubcommand(
      *config, "check", "report all that is wrong in it and in what it names", kConfigFooter);
  check->add_option("path", targets.config_check.path, "the YAML file")
      ->required()
      ->option_text("FILE");
  AddFormat(check, targets.config_check.format);
}

void AddStore(CLI::App* app, std::string& store) {
  app->add_option("--store", store, "the store's folder")
      ->required()
      ->envname("PORTVAKT_STORE")
      ->option_text("FOLDER");
}

void AddCopies(CLI::App& app, Targets& targets) {
  CLI::App* backup =
      AddSubcommand(app, "backup", "copy a store to a file, while it is used", kBackupFooter);
  AddStore(backup, targets.backup.store);
  backup->add_option("file", targets.backup.file, "made; must not be there")
      ->required()
      ->option_text("FILE");
  AddFormat(backup, targets.backup.format);

  CLI::App* restore =
      AddSubcommand(app, "restore", "verify a backup and make a store of it", kRestoreFooter);
  restore->add_option("file", targets.restore.file, "what `backup` made")
      ->required()
      ->option_text("FILE");
  restore->add_option("folder", targets.restore.folder, "the store's; made, or empty")
      ->required()
      ->option_text("FOLDER");
  AddFormat(restore, targets.restore.format);

  CLI::App* exported =
      AddSubcommand(app, "export", "write all that is stored as data for `load`", kExportFooter);
  AddStore(exported, targets.exported.store);
  exported->add_option("file", targets.exported.file, "replaced at once; - for standard output")
      ->required()
      ->option_text("FILE");
}

}  // namespace

void AddOperating(CLI::App& app, Targets& targets) {
  AddConfig(app, targets);
  AddCopies(app, targets);
}

}  // namespace portvakt::cli
