// `portvakt config check`: the file as the server reads it, a look at what it names (are the files
// there, can they be read, is a policy a policy), and whether a server would start with it.
#include "server/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/notices.h"
#include "cli/policy.h"
#include "server/diagnostics_json.h"
#include "server/writable.h"

namespace portvakt::cli {

namespace {

namespace fs = std::filesystem;
using server::PathUse;

class Inspection {
 public:
  explicit Inspection(server::ConfigRead& read) : read_(read) {}

  void Run() {
    for (const server::ConfigPath& path : read_.paths) Look(path);
    const std::optional<server::Config> config = read_.config;
    if (config) server::CheckConfig(*config, read_);
    if (config && !config->store && !config->policy) {
      Add(dsl::Severity::kWarning, {}, "neither a `store` nor a `policy` is named",
          "without one of them on the command line the server does not start");
    }
    std::stable_sort(read_.findings.begin(), read_.findings.end(),
                     [](const dsl::Notice& left, const dsl::Notice& right) {
                       return left.span.begin < right.span.begin;
                     });
  }

 private:
  void Add(dsl::Severity severity, const dsl::Span& span, std::string message, std::string help) {
    std::vector<std::string> helps;
    if (!help.empty()) helps.push_back(std::move(help));
    read_.findings.push_back({.severity = severity,
                              .code = "",
                              .message = std::move(message),
                              .span = span,
                              .label = "",
                              .related = {},
                              .help = std::move(helps),
                              .suggestions = {}});
  }
  void Refuse(const server::ConfigPath& path, const std::string& what, std::string help = "") {
    Add(dsl::Severity::kError, path.span, path.path + ": " + what, std::move(help));
  }

  void Look(const server::ConfigPath& path) {
    switch (path.use) {
      case PathUse::kReadFile:
      case PathUse::kSecretFile: LookAtFile(path); return;
      case PathUse::kFileOrFolder: LookAtPolicy(path); return;
      case PathUse::kStateFolder: LookAtState(path); return;
      case PathUse::kWrittenFile: LookAtWritten(path); return;
    }
  }

  bool MayUse(const server::ConfigPath& path, const std::string& what, int mode) {
    if (::access(what.c_str(), mode) == 0) return true;
    Add(dsl::Severity::kError, path.span, what + ": " + std::strerror(errno), "");
    return false;
  }

  void LookAtFile(const server::ConfigPath& path) {
    if (!MayUse(path, path.path, R_OK)) return;
    if (IsFolder(path.path)) return Refuse(path, "a folder, where a file is needed");
    struct stat status {};
    if (path.use != PathUse::kSecretFile || ::stat(path.path.c_str(), &status) != 0) return;
    if ((status.st_mode & (S_IROTH | S_IWOTH)) == 0) return;
    Add(dsl::Severity::kWarning, path.span, path.path + ": everybody on this machine may use it",
        "`chmod 640` it, with the server's group");
  }

  void LookAtPolicy(const server::ConfigPath& path) {
    if (!MayUse(path, path.path, IsFolder(path.path) ? R_OK | X_OK : R_OK)) return;
    const Policy policy = ReadPolicy({path.path});
    if (!policy.error.empty()) return Refuse(path, policy.error);
    if (policy.module) return;
    Refuse(path, DescribeCount(CountFindings(policy.findings)) + " in this policy",
           "`portvakt check " + path.path + "` tells them");
  }

  void LookAtState(const server::ConfigPath& path) {
    std::error_code ignored;
    if (!Exists(path.path)) {
      // It will be made, in the nearest folder above that there is.
      fs::path above = fs::absolute(path.path, ignored).parent_path();
      while (!fs::exists(above, ignored) && above.has_relative_path()) above = above.parent_path();
      MayUse(path, above.string(), W_OK | X_OK);
    } else if (!IsFolder(path.path)) {
      Refuse(path, "a file, where a folder is needed");
    } else {
      MayUse(path, path.path, R_OK | W_OK | X_OK);
    }
  }

  void LookAtWritten(const server::ConfigPath& path) {
    const auto looked = server::LookAtWrittenFile(path.path);
    if (!looked) Add(dsl::Severity::kError, path.span, looked.error().message, "");
  }

  server::ConfigRead& read_;
};

FindingCount Count(const std::vector<dsl::Notice>& findings) {
  FindingCount count;
  for (const dsl::Notice& finding : findings) {
    ++(finding.severity == dsl::Severity::kError ? count.errors : count.warnings);
  }
  return count;
}

}  // namespace

int Run(const ConfigCheckCommand& command, Console& console) {
  if (!Exists(command.path)) return Complain(console, command.path + ": there is no such file");
  server::ConfigRead read = server::ReadConfig(command.path);
  if (read.sources.size() == 0) return Complain(console, read.findings.front().message);
  Inspection(read).Run();
  const FindingCount count = Count(read.findings);
  if (command.format == Format::kJson) {
    server::JsonValue findings = server::JsonValue::Array();
    for (const dsl::Notice& finding : read.findings) {
      findings.Append(server::NoticeJson(finding, read.sources));
    }
    console.out << server::WriteJson(findings, server::JsonStyle::kPretty) << '\n';
  } else {
    PrintNotices(read.findings, read.sources, console.out, console.color);
    const std::string described = DescribeCount(count);
    console.out << command.path << ": "
                << (count.errors > 0 ? described
                                     : "ok" + (described.empty() ? "" : ", " + described))
                << '\n';
  }
  return count.errors > 0 ? kExitFindings : kExitOk;
}

}  // namespace portvakt::cli
