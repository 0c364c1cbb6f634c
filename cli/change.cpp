// `portvakt change`: changes that the policy judges, made all or none.
#include <fstream>
#include <istream>
#include <utility>

#include "cli/asker.h"
#include "cli/change_text.h"
#include "cli/reports.h"
#include "cli/supplied.h"
#include "cli/text.h"
#include "server/change_json.h"

namespace portvakt::cli {

namespace {

// Names told of who may make a refused change; `portvakt find` tells all.
constexpr uint32_t kMaxWhoTold = 5;

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

// One a line; blank lines and those that begin with `#` say nothing.
void ReadLines(std::istream& lines, std::vector<std::string>& changes) {
  for (std::string line; std::getline(lines, line);) {
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    changes.push_back(WholeChange(line.substr(0, line.find_last_not_of(" \t\r") + 1)));
  }
}

engine::Result<std::vector<std::string>> AllOf(const ChangeCommand& command, Console& console) {
  std::vector<std::string> changes;
  for (const std::string& text : command.changes) changes.push_back(WholeChange(text));
  if (command.file == "-") {
    ReadLines(console.in, changes);
  } else if (!command.file.empty()) {
    std::ifstream file(command.file, std::ios::binary);
    if (!file) return Wrong(command.file + ": there is no such file");
    ReadLines(file, changes);
  }
  if (changes.empty()) return Wrong("nothing to change: write a sentence, or name a file");
  return changes;
}

engine::Result<engine::ChangeRequest> RequestOf(const ChangeCommand& command, const Asker& asker,
                                                const std::vector<std::string>& changes) {
  engine::ChangeRequest request;
  auto actor = ReadOptionalActor(asker, command.actor);
  if (!actor) return actor.error();
  auto second = ReadOptionalActor(asker, command.second);
  if (!second) return second.error();
  auto context = ReadContext(asker.module(), command.context);
  if (!context) return context.error();
  request.actor = *std::move(actor);
  request.second = *std::move(second);
  request.context = *std::move(context);
  request.idempotency_key = command.idempotency_key;
  request.expected_revision = command.expected_revision;
  request.reason = command.reason;
  request.ticket = command.ticket;
  request.dry_run = command.dry_run;
  for (const std::string& change : changes) {
    auto item = ReadChange(asker.module(), asker.known(), change, request.changes);
    if (!item) return Wrong("`" + change + "`: " + item.error().message);
    request.changes.push_back(*std::move(item));
  }
  return request;
}

// `bo, anna and others`, who may make a change; "" when nobody may, or it cannot be asked: of what
// is created there is nothing to search through yet.
std::string WhoMay(const std::string& change, const engine::InputValues& context, Asker& asker) {
  auto query = ReadChangeSearch(asker.module(), asker.known(), change, "?");
  if (!query) return "";
  query->request.context = context;
  query->with_depends = false;
  query->limit = kMaxWhoTold + 1;
  const auto page = asker.Search(*query);
  if (!page || !page.value().error.empty()) return "";
  std::vector<engine::EntityName> who;
  for (const engine::SearchResult& result : page.value().results) who.push_back(result.entity);
  const bool more = who.size() > kMaxWhoTold;
  if (more) who.resize(kMaxWhoTold);
  return NameList(who, more);
}

// Who else may make the refused changes, where rules and not limits stand against them.
void AppendWho(const engine::ChangeRequest& request, const engine::ChangeResult& result,
               const std::vector<std::string>& changes, Asker& asker, std::string& text) {
  if (!request.actor) return;
  for (size_t i = 0; i < result.verdicts.size(); ++i) {
    const engine::ChangeVerdict& verdict = result.verdicts[i];
    if (verdict.outcome != engine::ChangeVerdict::Outcome::kRefused) continue;
    if (!verdict.limits.empty()) continue;
    const std::string who = WhoMay(changes[i], request.context, asker);
    if (!who.empty()) text += "who may " + changes[i] + ": " + who + "\n";
  }
}

}  // namespace

int Run(const ChangeCommand& command, Console& console) {
  if (command.actor.empty() == !command.by_operator) {
    return Complain(console, "say who changes this: --actor NAME, or --operator on a store");
  }
  const auto changes = AllOf(command, console);
  if (!changes) return Complain(console, changes.error().message);
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto request = RequestOf(command, *asker, changes.value());
  if (!request) return Complain(console, request.error().message);
  const auto result = asker->Change(request.value());
  if (!result) return Complain(console, result.error().message);
  if (command.format == Format::kJson) {
    console.out << server::WriteJson(server::ChangeResultJson(result.value()),
                                     server::JsonStyle::kPretty)
                << '\n';
    return ExitCodeOf(result.value());
  }
  std::string text = DescribeChange(result.value(), changes.value(), {true, asker->policy_root()});
  AppendWho(request.value(), result.value(), changes.value(), *asker, text);
  console.out << text;
  return ExitCodeOf(result.value());
}

}  // namespace portvakt::cli
