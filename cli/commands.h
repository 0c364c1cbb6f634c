// The front door of the command line: one option struct and one function a subcommand. The structs
// are filled by command_line.h from argv and by tests directly; the functions see no argv and
// return the process's exit code. None throws.
#pragma once

#include <cstdint>
#include <optional>
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
  std::string reason;
  Format format = Format::kPretty;
};

// What a request carries beside its three names, as `key=value`.
struct Supplied {
  std::vector<std::string> context;
  std::vector<std::string> subject;
  std::vector<std::string> action;
  std::vector<std::string> resource;
};

// Whom a question or a change goes to, and when it is asked.
struct Asked {
  std::string store;   // one of store, policy and server; none: the environment's PORTVAKT_STORE
  std::string policy;  // with `data`: a temporary store
  std::vector<std::string> data;
  std::string server;  // "http://127.0.0.1:8080"
  std::string as_of;   // a revision, an instant or a date; "": the newest state
  std::string now;     // an instant or a date; "": the clock
  Format format = Format::kPretty;
};

struct CanCommand : Asked {
  std::string subject;  // id, or type:id
  std::string permission;
  std::string object;
  bool why = false;
  Supplied supplied;
};

struct MissingCommand : Asked {
  std::string subject;
  std::string permission;
  std::string object;
  std::string actor;              // whose steps are marked; "": nobody's
  std::optional<uint32_t> plans;  // at most; nullopt: as many as the engine tells unasked
  Supplied supplied;
};

// who-can, what-can and where-can: the one of the three names that is searched for is "".
struct SearchCommand : Asked {
  enum class What { kSubjects, kActions, kResources };
  What what = What::kSubjects;
  std::string subject;
  std::string permission;
  std::string object;
  std::string type;    // of what is searched for; "": every type that the permission admits
  std::string viewer;  // "": sees everything
  Supplied supplied;
};

// A search through a definition or a change.
struct FindCommand : Asked {
  std::string sentence;  // as cli/search_text.h reads it, of a change as cli/change_text.h does
  bool change = false;
  std::string actor;   // of a change; `?` when he is searched for
  std::string viewer;  // "": sees everything
  std::vector<std::string> context;
};

struct MatrixCommand : Asked {
  std::vector<std::string> subjects;
  std::vector<std::string> resources;
  std::string subject_type;  // where no subjects are named
  std::string resource_type;
  std::vector<std::string> permissions;  // none: all that anybody has
  std::string viewer;
  std::vector<std::string> context;
  bool csv = false;
};

// What changes of all kinds carry.
struct Governed {
  std::string actor;
  bool by_operator = false;  // instead of an actor; a store only
  std::vector<std::string> context;
  std::string reason;
  std::string ticket;
  bool dry_run = false;
};

struct ChangeCommand : Asked, Governed {
  std::vector<std::string> changes;  // as cli/change_text.h reads them; `add` may be left out
  std::string file;                  // more of them, one a line; "-": standard input
  std::string second;                // who confirms
  std::string idempotency_key;
  std::optional<uint64_t> expected_revision;
};

struct OnboardCommand : Asked, Governed {
  std::string like;
  std::string subject;
  std::vector<std::string> relations;
  std::vector<std::string> objects;
};

struct OffboardCommand : Asked, Governed {
  std::string subject;
  std::string successor;
  std::vector<std::string> relations;
  std::vector<std::string> closing;  // changes that are made last
};

struct HistoryCommand : Asked {
  std::string fact;
  std::string entity;
  std::string actor;
  bool by_operator = false;
  std::string since;       // a revision, an instant or a date
  unsigned int limit = 0;  // 0: all
};

struct AuditCommand : Asked {
  std::string anchor;  // REVISION:HEAD, as noted earlier
};

struct StatusCommand : Asked {};

// The decision log of a server, read from its files.
struct DecisionsCommand {
  enum class Shown { kPretty, kJson, kCsv };
  std::string directory;
  std::string subject;  // an id, or type:id; "": any, as with all that follow
  std::string action;
  std::string resource;
  std::string verdict;  // permit, deny (with what was unknown) or unknown
  std::string caller;
  std::string since;  // an instant or a date
  std::string until;
  bool follow = false;
  Shown shown = Shown::kPretty;
};

struct PolicyCommand : Asked {
  enum class What { kUpload, kList, kShow, kDiff, kImpact, kActivate, kRollback };
  What what = What::kList;
  std::vector<std::string> paths;  // kUpload: one folder, or the files of one policy
  std::string version;             // a number, or `active`
  std::string other;               // kDiff, kImpact: what it is compared with; "": the active one
  std::string expected;            // digest of the active one; "": whatever is active
  std::string reason;
  std::vector<std::string> context;  // kImpact
};

struct ServeCommand {
  std::string config;
  std::string store;   // "": a temporary one
  std::string policy;  // "": the store's own
  std::vector<std::string> data;
  std::string listen;        // ADDRESS:PORT; "": the configuration's, else its default
  unsigned int workers = 0;  // 0: the configuration's, else one a processor
  bool watch = false;        // changed policy files are activated if they check
  // Changes are taken by whom a request names as their actor.
  bool trust_callers = false;
};

// key create, key list, key revoke.
struct KeyCommand {
  enum class What { kCreate, kList, kRevoke };
  What what = What::kList;
  std::string keys_file;
  std::string name;  // of the caller; create
  std::vector<std::string> scopes;
  std::string actor;  // TYPE:ID; "": none
  bool names_actor = false;
  std::string expires;           // an instant or a date; "": never
  std::vector<std::string> ids;  // revoke
  Format format = Format::kPretty;
};

struct ConfigCheckCommand {
  std::string path;
  Format format = Format::kPretty;
};

struct BackupCommand {
  std::string store;
  std::string file;  // must not be there
  Format format = Format::kPretty;
};

struct RestoreCommand {
  std::string file;
  std::string folder;  // of the store; not there, or empty
  Format format = Format::kPretty;
};

struct ExportCommand {
  std::string store;
  std::string file;  // replaced at once; "-": standard output
};

struct ExplainCodeCommand {
  std::string code;  // "PV0201"; "": lists all
};

using Command =
    std::variant<CheckCommand, FmtCommand, DumpCommand, TestCommand, LoadCommand, CanCommand,
                 MissingCommand, SearchCommand, FindCommand, MatrixCommand, ChangeCommand,
                 OnboardCommand, OffboardCommand, HistoryCommand, AuditCommand, StatusCommand,
                 DecisionsCommand, PolicyCommand, ServeCommand, KeyCommand, ConfigCheckCommand,
                 BackupCommand, RestoreCommand, ExportCommand, ExplainCodeCommand>;

int Run(const CheckCommand& command, Console& console);
int Run(const FmtCommand& command, Console& console);
int Run(const DumpCommand& command, Console& console);
int Run(const TestCommand& command, Console& console);
int Run(const LoadCommand& command, Console& console);
int Run(const CanCommand& command, Console& console);
int Run(const MissingCommand& command, Console& console);
int Run(const SearchCommand& command, Console& console);
int Run(const FindCommand& command, Console& console);
int Run(const MatrixCommand& command, Console& console);
int Run(const ChangeCommand& command, Console& console);
int Run(const OnboardCommand& command, Console& console);
int Run(const OffboardCommand& command, Console& console);
int Run(const HistoryCommand& command, Console& console);
int Run(const AuditCommand& command, Console& console);
int Run(const StatusCommand& command, Console& console);
// Exit code 1 when some line is no decision. With `follow` it returns when `out` has failed.
int Run(const DecisionsCommand& command, Console& console);
int Run(const PolicyCommand& command, Console& console);
// Returns after SIGTERM or SIGINT; SIGHUP reads the configuration again. Blocks these for the
// process: only main calls it.
int Run(const ServeCommand& command, Console& console);
int Run(const KeyCommand& command, Console& console);
int Run(const ConfigCheckCommand& command, Console& console);
int Run(const BackupCommand& command, Console& console);
int Run(const RestoreCommand& command, Console& console);
int Run(const ExportCommand& command, Console& console);
int Run(const ExplainCodeCommand& command, Console& console);

}  // namespace portvakt::cli
