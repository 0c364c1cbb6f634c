// `portvakt policy`: the life of policies in a store or a server.
#include <optional>
#include <string>
#include <utility>

#include "cli/json_members.h"
#include "cli/policy.h"
#include "cli/policy_desk.h"
#include "cli/report_policy.h"
#include "cli/supplied.h"
#include "dsl/dsl.h"

namespace portvakt::cli {
namespace {

using server::JsonValue;
using What = PolicyCommand::What;

int Print(const JsonValue& answer, const PolicyCommand& command, Console& console,
          std::string (*describe)(const JsonValue&)) {
  if (command.format == Format::kJson) {
    console.out << server::WriteJson(answer, server::JsonStyle::kPretty) << '\n';
  } else {
    console.out << describe(answer);
  }
  return kExitOk;
}

int PrintOrComplain(const PolicyDesk::Answer& answer, const PolicyCommand& command,
                    Console& console, std::string (*describe)(const JsonValue&)) {
  if (!answer) return Complain(console, answer.error().message);
  return Print(*answer, command, console, describe);
}

int Upload(PolicyDesk& desk, const PolicyCommand& command, Console& console) {
  const Policy policy = ReadPolicy(command.paths);
  const int exit_code = RequirePolicy(policy, console);
  if (exit_code != kExitOk) return exit_code;
  return PrintOrComplain(desk.Upload(policy.sources, command.reason), command, console,
                         DescribePolicy);
}

int Diff(PolicyDesk& desk, const PolicyCommand& command, Console& console) {
  const auto answer = desk.Diff(command.other.empty() ? "active" : command.other, command.version);
  if (!answer) return Complain(console, answer.error().message);
  Print(*answer, command, console, DescribeDiff);
  return ListIn(*answer, "changes").empty() ? kExitOk : kExitFindings;
}

// Values of the context are read as the version declares them.
engine::Result<engine::InputValues> ContextOf(PolicyDesk& desk, const PolicyCommand& command) {
  if (command.context.empty()) return engine::InputValues();
  const auto shown = desk.Show(command.version);
  if (!shown) return shown.error();
  dsl::SourceSet sources;
  for (const JsonValue& file : ListIn(*shown, "files")) {
    sources.Add(TextIn(file, "name"), TextIn(file, "text"));
  }
  dsl::Diagnostics findings;
  const auto module = dsl::Compile(sources, findings);
  if (!module) {
    return engine::Error{engine::Error::Code::kInvalid,
                         "policy version " + command.version + " does not check here"};
  }
  return ReadContext(*module, command.context);
}

int Impact(PolicyDesk& desk, const PolicyCommand& command, Console& console) {
  const auto context = ContextOf(desk, command);
  if (!context) return Complain(console, context.error().message);
  std::optional<uint32_t> before;
  if (!command.other.empty()) {
    const auto shown = desk.Show(command.other);
    if (!shown) return Complain(console, shown.error().message);
    before = static_cast<uint32_t>(NumberIn(*shown, "version"));
  }
  uint64_t told = 0;
  const auto progress = [&](uint64_t done, uint64_t all) {
    const uint64_t percent = all == 0 ? 0 : done * 100 / all;
    if (!console.color || percent == told) return;
    told = percent;
    console.err << '\r' << percent << " %" << (percent == 100 ? "\n" : "") << std::flush;
  };
  const auto answer = desk.Impact(command.version, before, *context, progress);
  if (!answer) return Complain(console, answer.error().message);
  Print(*answer, command, console, DescribeImpact);
  return ListIn(*answer, "holders").empty() ? kExitOk : kExitFindings;
}

// The digest of what is active, "" for nothing; and what was active before it.
struct Standing {
  std::string digest;
  std::string before;
};
engine::Result<Standing> StandingOf(PolicyDesk& desk) {
  const auto list = desk.List();
  if (!list) return list.error();
  Standing standing;
  int64_t last = 0;
  for (const JsonValue& version : ListIn(*list, "policies")) {
    const int64_t revision = NumberIn(In(version, "activated"), "revision");
    if (FlagIn(version, "active")) {
      standing.digest = TextIn(version, "digest");
    } else if (revision > last) {
      last = revision;
      standing.before = std::to_string(NumberIn(version, "version"));
    }
  }
  return standing;
}

int Activate(PolicyDesk& desk, const PolicyCommand& command, Console& console) {
  const auto standing = StandingOf(desk);
  if (!standing) return Complain(console, standing.error().message);
  const bool back = command.what == What::kRollback;
  const std::string version = back ? standing->before : command.version;
  if (version.empty()) return Complain(console, "no other version was active before");
  const auto answer = desk.Activate(
      version, command.expected.empty() ? standing->digest : command.expected, command.reason);
  if (answer) return Print(*answer, command, console, DescribePolicy);
  Complain(console, answer.error().message);
  return answer.error().code == engine::Error::Code::kConflict ? kExitFindings : kExitUsage;
}

}  // namespace

int Run(const PolicyCommand& command, Console& console) {
  const auto desk = OpenPolicyDesk(command, console);
  if (!desk) return kExitUsage;
  switch (command.what) {
    case What::kUpload: return Upload(*desk, command, console);
    case What::kList: return PrintOrComplain(desk->List(), command, console, DescribePolicies);
    case What::kShow:
      return PrintOrComplain(desk->Show(command.version), command, console, DescribeSources);
    case What::kDiff: return Diff(*desk, command, console);
    case What::kImpact: return Impact(*desk, command, console);
    case What::kActivate:
    case What::kRollback: return Activate(*desk, command, console);
  }
  return kExitUsage;
}

}  // namespace portvakt::cli
