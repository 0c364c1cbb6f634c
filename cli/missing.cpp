// `portvakt missing`: what turns a no into a yes, and who can do it.
#include <utility>

#include "cli/asker.h"
#include "cli/reports.h"
#include "cli/supplied.h"
#include "server/missing_json.h"

namespace portvakt::cli {

namespace {

engine::Result<engine::MissingQuery> QueryOf(const MissingCommand& command, const Asker& asker) {
  const dsl::Module& module = asker.module();
  const Question question{ReadEntity(module, command.subject), command.permission,
                          ReadEntity(module, command.object)};
  auto request = Resolve(module, asker.known(), question);
  if (!request) return request.error();
  const auto status = ApplySupplied(module, command.supplied, *request);
  if (!status) return status.error();
  auto actor = ReadOptionalActor(asker, command.actor);
  if (!actor) return actor.error();
  engine::MissingQuery query;
  query.request = *std::move(request);
  query.request.now_us = NowOf(command);
  query.actor = *std::move(actor);
  query.max_plans = command.plans.value_or(query.max_plans);
  return query;
}

}  // namespace

int Run(const MissingCommand& command, Console& console) {
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto query = QueryOf(command, *asker);
  if (!query) return Complain(console, query.error().message);
  const auto answer = asker->Missing(query.value());
  if (!answer) return Complain(console, answer.error().message);
  const int exit_code = answer.value().permitted ? kExitOk : kExitFindings;
  if (command.format == Format::kJson) {
    console.out << server::WriteJson(server::MissingJson(answer.value()),
                                     server::JsonStyle::kPretty)
                << '\n';
    return exit_code;
  }
  console.out << DescribeMissing(answer.value(), command.actor);
  const engine::Request& request = query.value().request;
  for (const std::string& hint : MisspeltNames(asker->module(), asker->known(), request)) {
    console.out << "  hint: " << hint << '\n';
  }
  return exit_code;
}

}  // namespace portvakt::cli
