// What `--help` says below the options of each subcommand: exit codes, and examples to copy.
#pragma once

namespace portvakt::cli {

inline constexpr const char* kAbout =
    "Portvakt answers \"may this user do that there?\" from a policy file.\n";

inline constexpr const char* kMainFooter = R"(
Exit codes: 0 clean, permitted or passed (warnings alone count as clean); 1 findings, denied or
failed; 2 wrong arguments or something that cannot be read or written.

`portvakt SUBCOMMAND --help` has examples.)";

inline constexpr const char* kCheckFooter = R"(
Examples:
  portvakt check policies/byra                 a folder is one policy
  portvakt check policies                      all policies below
  portvakt check a.vakt b.vakt                 files named together are one policy
  portvakt check --format json policies/byra   findings for an editor or a build)";

inline constexpr const char* kFmtFooter = R"(
Examples:
  portvakt fmt policies                rewrites every *.vakt below that needs it
  portvakt fmt --check policies        changes nothing; names the files that differ, exit code 1
  portvakt fmt - < a.vakt              standard input to standard output)";

inline constexpr const char* kDumpFooter = R"(
Examples:
  portvakt dump --tree policies/byra/byra.vakt   the tree of one file
  portvakt dump --module policies/byra           the checked module, every name resolved
  portvakt dump --program policies/byra          the decision program, as it is stored)";

inline constexpr const char* kTestFooter = R"(
A test file is YAML in a folder called `tests` beside its policy; docs/command.md describes it.

Examples:
  portvakt test                                every test file below ./policies
  portvakt test policies/byra --filter locked  cases whose name holds "locked"
  portvakt test policies/byra/tests/use.yaml)";

inline constexpr const char* kLoadFooter = R"(
Files ending in .yaml or .yml are read as YAML, all others as text with one sentence a line.
Loading the same twice changes nothing; a file with findings is refused whole.

Examples:
  portvakt load --store data --policy policies/byra examples/norr/after.yaml
  portvakt load --store data more.txt)";

inline constexpr const char* kCanFooter = R"(
SUBJECT and OBJECT are plain ids, looked up among the types that the permission's rules admit;
`type:id` says which where that is ambiguous.

Examples:
  portvakt can --store data david bokforing.verifikation.skapa alfa --why
  portvakt can --policy policies/byra --data examples/norr/after.yaml david lon.oppna client:alfa
  portvakt can --store data --context login=bankid anna lon.lonekorning.attestera run1)";

inline constexpr const char* kMissingFooter = R"(
Each way is a list of steps in an order in which they can be done, with who can do each; it is
said when there are more ways than were asked for. Exit code 0: nothing is missing.

Examples:
  portvakt missing --store data david bokforing.oppna gamma
  portvakt missing --store data --actor bo david bokforing.oppna gamma   may bo do the steps?
  portvakt missing --store data --plans 10 david bokforing.oppna gamma   the ten cheapest ways)";

inline constexpr const char* kWhoCanFooter = R"(
One result a line; `depends on` names the context that would decide. Exit code 1: nobody.

Examples:
  portvakt who-can --store data bokforing.verifikation.skapa alfa)";

inline constexpr const char* kWhatCanFooter = R"(
One permission a line; `depends on` names the context that would decide. Exit code 1: nothing.

Examples:
  portvakt what-can --store data david alfa)";

inline constexpr const char* kWhereCanFooter = R"(
One result a line; `depends on` names the context that would decide. Exit code 1: nowhere.

Examples:
  portvakt where-can --store data david bokforing.oppna --type client)";

inline constexpr const char* kFindFooter = R"(
One result a line, as with who-can.

Examples:
  portvakt find --store data 'david listed for client:?'               a definition of the policy
  portvakt find --store data --change 'user:? assigned_to alfa' --actor bo   whom may bo assign?
  portvakt find --store data --change 'david assigned_to alfa' --actor ?     who may assign him?)";

inline constexpr const char* kMatrixFooter = R"(
Examples:
  portvakt matrix --store data --subject david
  portvakt matrix --store data --resource alfa --format csv > alfa.csv)";

inline constexpr const char* kChangeFooter = R"(
Changes are made all, in their order, or none. Each is written as in a data file:
  david assigned_to alfa            a fact, role or licence; `from` and `until` as in data
  remove david assigned_to alfa
  seats of kh in norr is 3
  create user david { person: david_dahl, home: norr }
  set client alfa { status: blocked }
  delete user david

Examples:
  portvakt change --store data --actor bo 'david assigned_to alfa' --reason 'new consultant'
  portvakt change --store data --operator --file changes.txt --dry-run)";

inline constexpr const char* kOnboardFooter = R"(
Each change is governed; what the actor may not do is left as a list with who can. Exit code 1 when
something is refused or left to others.

Examples:
  portvakt onboard --store data --actor anna --like cia david --dry-run)";

inline constexpr const char* kOffboardFooter = R"(
Examples:
  portvakt offboard --store data --actor anna david --successor eva --closing 'david removed')";

inline constexpr const char* kHistoryFooter = R"(
Examples:
  portvakt history --store data --fact 'david assigned_to alfa'
  portvakt history --store data --entity david --since 2026-01-01
  portvakt history --store data --actor bo --limit 0)";

inline constexpr const char* kAuditFooter = R"(
Reads the whole history and compares it with what is stored. Note the anchor that it prints
somewhere else: with --anchor a later run shows that the history was not rewritten since.

Examples:
  portvakt audit verify --store data
  portvakt audit verify --store data --anchor 41:6f2c..)";

inline constexpr const char* kStatusFooter = R"(
Exit code 1 when some limit of the policy is not kept.

Examples:
  portvakt status --store data)";

inline constexpr const char* kDecisionsFooter = R"(
Exit code 1 when the folder holds lines that are no decisions; they are named and passed over.

Examples:
  portvakt decisions /var/lib/portvakt/decisions --subject user:david --verdict deny
  portvakt decisions decisions --since 2026-11-01 --until 2026-12-01 --format csv > november.csv
  portvakt decisions decisions --follow --format json)";

inline constexpr const char* kPolicyFooter = R"(
An uploaded version decides nothing until it is activated. Exit code 1: there are differences,
decisions change, or another version is active than was expected.

Examples:
  portvakt policy upload --store data policies/byra --reason 'new period rules'
  portvakt policy diff --store data 7              what it declares otherwise than the active one
  portvakt policy impact --store data 7            whose decisions it would change
  portvakt policy activate --store data 7
  portvakt policy rollback --server http://127.0.0.1:8080)";

inline constexpr const char* kServeFooter = R"(
Without --store a temporary store is used and removed at the end. Other addresses than loopback ones
need `tls` and `callers` in the configuration (docs/security.md). Ends with exit code 0 on SIGTERM
or SIGINT.

Examples:
  portvakt serve --policy policies/byra --data examples/norr/after.yaml
  portvakt serve --store data --listen 127.0.0.1:0     any free port; the address is printed)";

inline constexpr const char* kKeyFooter = R"(
A keys file holds hashes of keys; a running server whose configuration names it reads it again by
itself. Run this as the user who runs the server, so that it can read what is written.

Examples:
  portvakt key create --keys-file keys.json --name gateway --scopes decide
  portvakt key create --keys-file keys.json --name portal --scopes decide,change --names-actor
  portvakt key list --keys-file keys.json
  portvakt key revoke --keys-file keys.json 90a1c3d4e5f60718)";

inline constexpr const char* kConfigFooter = R"(
The file is read as `portvakt serve --config` reads it, and the files and folders that it names are
looked at, as the user who runs this. Exit code 1 when there are errors.

Examples:
  portvakt config check /etc/portvakt/portvakt.yaml
  portvakt config check --format json portvakt.yaml   findings for a build)";

inline constexpr const char* kBackupFooter = R"(
Readers and writers of the store go on meanwhile. The file has a seal, by which `restore` knows that
it is whole. Nothing is replaced.

Examples:
  portvakt backup --store /var/lib/portvakt/store /var/backups/portvakt-2026-11-23)";

inline constexpr const char* kRestoreFooter = R"(
The seal, the policy's program and the whole history are verified before the store gets its name.
Exit code 1 when the file is damaged. Nothing is replaced: the folder must be empty. A backup that
is restored is also compact: this is how a store gives back room.

Examples:
  portvakt restore /var/backups/portvakt-2026-11-23 /var/lib/portvakt/store)";

inline constexpr const char* kExportFooter = R"(
Text, one entity or fact a line, which `portvakt load` reads back beside the same policy: entities
with attributes, facts with their validity, seats. Not in it: the history and the policy.

Examples:
  portvakt export --store data everything.txt
  portvakt load --store copy --policy policies/byra everything.txt)";

inline constexpr const char* kExplainFooter = R"(
Examples:
  portvakt explain-code PV0201
  portvakt explain-code          lists all codes)";

}  // namespace portvakt::cli
