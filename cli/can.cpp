// `portvakt can`: one question, answered from a store, from files or by a server.
#include <utility>

#include "cli/answer.h"
#include "cli/asker.h"
#include "cli/supplied.h"
#include "server/decision_json.h"

namespace portvakt::cli {

namespace {

engine::Result<engine::Request> RequestOf(const CanCommand& command, const Asker& asker) {
  const dsl::Module& module = asker.module();
  const Question question{ReadEntity(module, command.subject), command.permission,
                          ReadEntity(module, command.object)};
  auto request = Resolve(module, asker.known(), question);
  if (!request) return request;
  const auto status = ApplySupplied(module, command.supplied, *request);
  if (!status) return status.error();
  request->now_us = NowOf(command);
  return request;
}

void PrintJson(const engine::Explanation& explanation, bool why, Console& console) {
  const server::JsonValue value =
      why ? server::ExplanationJson(explanation) : server::DecisionJson(explanation.decision);
  console.out << server::WriteJson(value, server::JsonStyle::kPretty) << '\n';
}

}  // namespace

int Run(const CanCommand& command, Console& console) {
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;  // 1 would read as a deny
  auto request = RequestOf(command, *asker);
  if (!request) return Complain(console, request.error().message);
  const auto explanation = asker->Explain(*request);
  if (!explanation) return Complain(console, explanation.error().message);
  const bool permit = explanation.value().decision.permit;
  if (command.format == Format::kJson) {
    PrintJson(explanation.value(), command.why, console);
    return permit ? kExitOk : kExitFindings;
  }
  console.out << DescribeAnswer(explanation.value(), {command.why, asker->policy_root()});
  for (const std::string& hint : MisspeltNames(asker->module(), asker->known(), *request)) {
    console.out << "  hint: " << hint << '\n';
  }
  return permit ? kExitOk : kExitFindings;
}

}  // namespace portvakt::cli
