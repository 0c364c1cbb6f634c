// `portvakt can`: one question, answered from a store or from files.
#include <cstdlib>
#include <optional>
#include <utility>

#include "cli/answer.h"
#include "cli/commands.h"
#include "cli/instant.h"
#include "cli/question.h"
#include "cli/supplied.h"
#include "cli/world.h"
#include "server/decision_json.h"

namespace portvakt::cli {

namespace {

int OpenAsked(const CanCommand& command, std::optional<int64_t> now_us, World& world,
              Console& console) {
  WorldOptions options;
  options.store = command.store;
  options.create = false;
  options.policy = command.policy;
  options.data = command.data;
  if (now_us) options.now_us = [now = *now_us] { return now; };
  if (command.store.empty() && command.policy.empty()) {
    const char* store = std::getenv("PORTVAKT_STORE");
    if (store == nullptr || *store == '\0') {
      return Complain(console,
                      "nothing to ask: name a store with --store FOLDER (or PORTVAKT_STORE), or "
                      "files with --policy PATH and --data FILE");
    }
    options.store = store;
  }
  return OpenWorld(options, world, console);
}

engine::Result<engine::Request> RequestOf(const CanCommand& command, const World& world,
                                          const engine::Snapshot& snapshot) {
  const dsl::Module& module = *world.module;
  const Question question{ReadEntity(module, command.subject), command.permission,
                          ReadEntity(module, command.object)};
  auto request = Resolve(module, snapshot, question);
  if (!request) return request;
  const auto status = ApplySupplied(module, command.supplied, *request);
  if (!status) return status.error();
  return request;
}

void PrintJson(const engine::Explanation& explanation, bool why, Console& console) {
  const server::JsonValue value =
      why ? server::ExplanationJson(explanation) : server::DecisionJson(explanation.decision);
  console.out << server::WriteJson(value, server::JsonStyle::kPretty) << '\n';
}

}  // namespace

int Run(const CanCommand& command, Console& console) {
  std::optional<int64_t> now_us;
  if (!command.now.empty()) {
    now_us = ReadInstant(command.now);
    if (!now_us) return Complain(console, WhatIsNoInstant(command.now));
  }
  World world;
  const int exit_code = OpenAsked(command, now_us, world, console);
  if (exit_code != kExitOk) return kExitUsage;  // 1 would read as a deny
  auto session = world.engine->NewSession();
  if (!session) return Complain(console, session.error().message);
  const auto refreshed = session->Refresh();
  if (!refreshed) return Complain(console, refreshed.error().message);
  auto request = RequestOf(command, world, session->snapshot());
  if (!request) return Complain(console, request.error().message);
  request->now_us = now_us;

  const engine::Explanation explanation = session->Explain(*request);
  if (command.format == Format::kJson) {
    PrintJson(explanation, command.why, console);
  } else {
    console.out << DescribeAnswer(explanation, {command.why, world.policy_root});
    for (const std::string& hint : MisspeltNames(*world.module, session->snapshot(), *request)) {
      console.out << "  hint: " << hint << '\n';
    }
  }
  return explanation.decision.permit ? kExitOk : kExitFindings;
}

}  // namespace portvakt::cli
