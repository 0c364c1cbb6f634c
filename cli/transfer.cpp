// `portvakt onboard` and `portvakt offboard`: many changes made from what is stored.
#include <utility>

#include "cli/asker.h"
#include "cli/change_text.h"
#include "cli/reports.h"
#include "cli/supplied.h"
#include "server/change_json.h"

namespace portvakt::cli {

namespace {

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

bool SaysWho(const Governed& governed) { return governed.actor.empty() == governed.by_operator; }

constexpr const char* kSayWho = "say who changes this: --actor NAME, or --operator on a store";

// What both queries have of a command.
template <class Query>
engine::Status Fill(const Governed& governed, const Asker& asker, Query& query) {
  auto actor = ReadOptionalActor(asker, governed.actor);
  if (!actor) return actor.error();
  auto context = ReadContext(asker.module(), governed.context);
  if (!context) return context.error();
  query.actor = *std::move(actor);
  query.context = *std::move(context);
  query.reason = governed.reason;
  query.ticket = governed.ticket;
  query.dry_run = governed.dry_run;
  return engine::Done{};
}

engine::Result<engine::OnboardQuery> QueryOf(const OnboardCommand& command, const Asker& asker) {
  engine::OnboardQuery query;
  const auto status = Fill(command, asker, query);
  if (!status) return status.error();
  const auto people = AdmittedTypes(asker.module(), "", QuestionPlace::kSubject);
  auto like = ReadName(asker, command.like, people);
  if (!like) return like.error();
  auto subject = ReadName(asker, command.subject, people);
  if (!subject) return subject.error();
  query.like = *std::move(like);
  query.subject = *std::move(subject);
  query.relations = command.relations;
  for (const std::string& text : command.objects) {
    auto object = ReadName(asker, text, AllTypes(asker.module()));
    if (!object) return object.error();
    query.objects.push_back(*std::move(object));
  }
  return query;
}

engine::Result<engine::OffboardQuery> QueryOf(const OffboardCommand& command, const Asker& asker) {
  engine::OffboardQuery query;
  const auto status = Fill(command, asker, query);
  if (!status) return status.error();
  const auto people = AdmittedTypes(asker.module(), "", QuestionPlace::kSubject);
  auto subject = ReadName(asker, command.subject, people);
  if (!subject) return subject.error();
  auto successor = ReadOptionalName(asker, command.successor, people);
  if (!successor) return successor.error();
  query.subject = *std::move(subject);
  query.successor = *std::move(successor);
  query.relations = command.relations;
  for (const std::string& sentence : command.closing) {
    auto item = ReadChange(asker.module(), asker.known(), WholeChange(sentence));
    if (!item) return Wrong("`" + sentence + "`: " + item.error().message);
    query.closing.push_back(*std::move(item));
  }
  return query;
}

int Print(const engine::Result<engine::TransferResult>& transfer, Format format,
          const std::string& policy_root, Console& console) {
  if (!transfer) return Complain(console, transfer.error().message);
  if (format == Format::kJson) {
    console.out << server::WriteJson(server::TransferJson(transfer.value()),
                                     server::JsonStyle::kPretty)
                << '\n';
  } else {
    console.out << DescribeTransfer(transfer.value(), {false, policy_root});
  }
  const int exit_code = ExitCodeOf(transfer.value().result);
  // What is left to others is not done.
  return exit_code == kExitOk && !transfer.value().todo.empty() ? kExitFindings : exit_code;
}

}  // namespace

int Run(const OnboardCommand& command, Console& console) {
  if (!SaysWho(command)) return Complain(console, kSayWho);
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto query = QueryOf(command, *asker);
  if (!query) return Complain(console, query.error().message);
  return Print(asker->Onboard(query.value()), command.format, asker->policy_root(), console);
}

int Run(const OffboardCommand& command, Console& console) {
  if (!SaysWho(command)) return Complain(console, kSayWho);
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto query = QueryOf(command, *asker);
  if (!query) return Complain(console, query.error().message);
  return Print(asker->Offboard(query.value()), command.format, asker->policy_root(), console);
}

}  // namespace portvakt::cli
