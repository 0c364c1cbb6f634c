// The front door of the command line: one option struct and one function a subcommand. The structs
// are filled by command_line.h from argv and by tests directly; the functions see no argv and
// return the process's exit code. None throws.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/console.h"

namespace portvakt::cli {

struct CheckCommand {
  std::vector<std::string> paths;  // each folder is a policy; the files together are one
  Format format = Format::kPretty;
};

struct FmtCommand {
  std::vector<std::string> paths;  // files, folders (every *.vakt below), or "-" alone
  bool check = false;              // change nothing, name the files that differ
  bool to_stdout = false;          // print instead of writing
};

struct DumpCommand {
  enum class What { kTree, kModule, kProgram };
  What what = What::kModule;
  std::string path;
};

struct TestCommand {
  std::vector<std::string> paths;  // none: policies
  std::string filter;              // cases whose name holds this text; "": all
  Format format = Format::kPretty;
};

struct LoadCommand {
  std::string store;
  std::string policy;  // installed first; "": the store's own
  std::vector<std::string> files;
  std::string note;
  Format format = Format::kPretty;
};

// What a request carries beside its three names, as `key=value`.
struct Supplied {
  std::vector<std::string> context;
  std::vector<std::string> subject;
  std::vector<std::string> action;
  std::vector<std::string> resource;
};

struct CanCommand {
  std::string subject;  // id, or type:id
  std::string permission;
  std::string object;
  bool why = false;
  Format format = Format::kPretty;
  std::string store;   // either this or `policy`; neither: the environment's PORTVAKT_STORE
  std::string policy;  // with `data`
  std::vector<std::string> data;
  Supplied supplied;
  std::string now;  // an instant or a date; "": the clock
};

struct ServeCommand {
  std::string config;
  std::string store;   // "": a temporary one
  std::string policy;  // "": the store's own
  std::vector<std::string> data;
  std::string listen;        // ADDRESS:PORT; "": the configuration's, else its default
  unsigned int workers = 0;  // 0: the configuration's, else one a processor
};

struct ExplainCodeCommand {
  std::string code;  // "PV0201"; "": lists all
};

using Command = std::variant<CheckCommand, FmtCommand, DumpCommand, TestCommand, LoadCommand,
                             CanCommand, ServeCommand, ExplainCodeCommand>;

int Run(const CheckCommand& command, Console& console);
int Run(const FmtCommand& command, Console& console);
int Run(const DumpCommand& command, Console& console);
int Run(const TestCommand& command, Console& console);
int Run(const LoadCommand& command, Console& console);
int Run(const CanCommand& command, Console& console);
// Returns after SIGTERM or SIGINT. Blocks these two for the process: only main calls it.
int Run(const ServeCommand& command, Console& console);
int Run(const ExplainCodeCommand& command, Console& console);

}  // namespace portvakt::cli
