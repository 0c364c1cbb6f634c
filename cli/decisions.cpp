// `portvakt decisions`: what was decided, from the files of the decision log.
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "cli/commands.h"
#include "cli/decision_reader.h"
#include "cli/instant.h"
#include "cli/json_members.h"
#include "server/json_text.h"

namespace portvakt::cli {
namespace {

using server::JsonValue;

constexpr int kLookAgainMs = 200;
constexpr const char* kColumns =
    "time,verdict,decided_by,subject_type,subject_id,action,resource_type,resource_id,context,"
    "policy,revision,caller,endpoint,duration_us,request_id,trace_id\n";

// The filters, as the log writes what they are compared with.
struct Wanted {
  std::string since;  // instants of the log sort as text
  std::string until;
};

std::optional<std::string> InstantOf(const std::string& text) {
  if (text.empty()) return "";
  const std::optional<int64_t> instant_us = ReadInstant(text);
  if (!instant_us) return std::nullopt;
  std::string written;
  server::AppendJsonInstant(*instant_us, written);
  return written.substr(1, written.size() - 2);
}

// `wanted` is an id, or type:id.
bool IsEntity(const std::string& wanted, const JsonValue& entity) {
  const std::string id = TextIn(entity, "id");
  return wanted.empty() || wanted == id || wanted == TextIn(entity, "type") + ":" + id;
}

bool IsVerdict(const std::string& wanted, const std::string& verdict) {
  // What is unknown was answered with a deny.
  return wanted.empty() || wanted == verdict || (wanted == "deny" && verdict == "unknown");
}

bool IsWanted(const DecisionsCommand& command, const Wanted& wanted, const JsonValue& line) {
  const std::string time = TextIn(line, "time");
  if (!wanted.since.empty() && time < wanted.since) return false;
  if (!wanted.until.empty() && time >= wanted.until) return false;
  if (!IsVerdict(command.verdict, TextIn(line, "verdict"))) return false;
  if (!command.caller.empty() && command.caller != TextIn(line, "caller")) return false;
  if (!command.action.empty() && command.action != TextIn(In(line, "action"), "name")) return false;
  return IsEntity(command.subject, In(line, "subject")) &&
         IsEntity(command.resource, In(line, "resource"));
}

// By RFC 4180.
std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"') quoted.push_back('"');
    quoted.push_back(letter);
  }
  return quoted + "\"";
}

std::string NumberText(const JsonValue& line, const char* name) {
  const JsonValue* value = line.Find(name);
  return value == nullptr ? "" : server::WriteJson(*value);
}

std::string Row(const JsonValue& line) {
  const JsonValue& subject = In(line, "subject");
  const JsonValue& resource = In(line, "resource");
  const JsonValue* context = line.Find("context");
  std::string row;
  bool is_first = true;
  for (const std::string& text :
       {TextIn(line, "time"), TextIn(line, "verdict"), TextIn(line, "decided_by"),
        TextIn(subject, "type"), TextIn(subject, "id"), TextIn(In(line, "action"), "name"),
        TextIn(resource, "type"), TextIn(resource, "id"),
        context == nullptr ? "" : server::WriteJson(*context), NumberText(line, "policy"),
        NumberText(line, "revision"), TextIn(line, "caller"), TextIn(line, "endpoint"),
        NumberText(line, "duration_us"), TextIn(line, "request_id"), TextIn(line, "trace_id")}) {
    row.append(is_first ? "" : ",").append(Cell(text));
    is_first = false;
  }
  return row + "\n";
}

std::string Sentence(const JsonValue& line) {
  const auto name = [&](const char* member) {
    const JsonValue& entity = In(line, member);
    return TextIn(entity, "type") + ":" + TextIn(entity, "id");
  };
  std::string text = TextIn(line, "time") + "  " + TextIn(line, "verdict");
  text.resize(std::max(text.size(), TextIn(line, "time").size() + 9), ' ');
  text += "  " + name("subject") + " " + TextIn(In(line, "action"), "name") + " " +
          name("resource") + "  by " + TextIn(line, "decided_by");
  const std::string caller = TextIn(line, "caller");
  return text + (caller.empty() ? "" : "  for " + caller) + "\n";
}

std::string Shown(const DecisionsCommand& command, const std::string& text, const JsonValue& line) {
  switch (command.shown) {
    case DecisionsCommand::Shown::kJson: return text + "\n";
    case DecisionsCommand::Shown::kCsv: return Row(line);
    case DecisionsCommand::Shown::kPretty: return Sentence(line);
  }
  return "";
}

// Writes what is wanted of what is there; false when a line was no decision.
bool ShowAll(const DecisionsCommand& command, const Wanted& wanted, DecisionReader& reader,
             Console& console) {
  bool is_clean = true;
  while (const auto read = reader.Next()) {
    const server::JsonRead line = server::ReadJson(read->text);
    const bool is_decision = !read->is_too_long && line.value && line.value->Find("verdict");
    if (is_decision) {
      if (IsWanted(command, wanted, *line.value)) {
        console.out << Shown(command, read->text, *line.value);
      }
      continue;
    }
    is_clean = false;
    console.err << read->place << ": no line of a decision log: "
                << (read->is_too_long
                        ? "longer than " + std::to_string(kMaxReadLineBytes) + " bytes"
                    : line.value ? "it has no `verdict`"
                                 : line.error.message)
                << '\n';
  }
  return is_clean;
}

}  // namespace

int Run(const DecisionsCommand& command, Console& console) {
  Wanted wanted;
  for (const auto& [given, target] : std::initializer_list<std::pair<std::string, std::string*>>{
           {command.since, &wanted.since}, {command.until, &wanted.until}}) {
    const std::optional<std::string> instant = InstantOf(given);
    if (!instant) return Complain(console, WhatIsNoInstant(given));
    *target = *instant;
  }
  std::error_code error;
  if (!std::filesystem::is_directory(command.directory, error)) {
    return Complain(console, "there is no folder " + command.directory);
  }
  if (command.shown == DecisionsCommand::Shown::kCsv) console.out << kColumns;
  DecisionReader reader(command.directory);
  bool is_clean = true;
  while (true) {
    is_clean &= ShowAll(command, wanted, reader, console);
    console.out.flush();
    if (!command.follow || !console.out) return is_clean ? kExitOk : kExitFindings;
    ::poll(nullptr, 0, kLookAgainMs);
  }
}

}  // namespace portvakt::cli
