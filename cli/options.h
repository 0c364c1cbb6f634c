// What the files that declare options share. Inside command_line.h's door: nobody else includes it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/commands.h"

namespace portvakt::cli {

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
  DecisionsCommand decisions;
  PolicyCommand policy;
  ServeCommand serve;
  KeyCommand key;
  ConfigCheckCommand config_check;
  BackupCommand backup;
  RestoreCommand restore;
  ExportCommand exported;
  ExplainCodeCommand explain_code;
};

void AddFormat(CLI::App* app, Format& format);
// An option that may be repeated, with one value each time, so that what follows is no more values.
CLI::Option* AddRepeated(CLI::App* app, const std::string& name, std::vector<std::string>& values,
                         const std::string& help, const std::string& shown);
CLI::App* AddSubcommand(CLI::App& app, const char* name, const char* about, const char* footer);

// Every subcommand that asks or changes what is stored.
void AddQuestions(CLI::App& app, Targets& targets);
// Those of API keys.
void AddKey(CLI::App& app, Targets& targets);
void AddDecisions(CLI::App& app, Targets& targets);
// Those of policy versions.
void AddPolicy(CLI::App& app, Targets& targets);

// Subcommands for those who keep a server running.
void AddOperating(CLI::App& app, Targets& targets);

}  // namespace portvakt::cli
