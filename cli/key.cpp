// `portvakt key`: makes, lists and revokes the API keys of a keys file, which a running server
// reads again by itself. Two commands at once wait for each other; a reader sees the file before or
// after.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/instant.h"
#include "cli/text.h"
#include "engine/engine.h"
#include "server/key_file.h"
#include "server/names_json.h"

namespace portvakt::cli {

namespace {

using server::ApiKey;
using server::JsonValue;

// The keys of the file; none where there is no file and `may_be_new`. Nothing after telling why.
std::optional<std::vector<ApiKey>> ReadKeys(const std::string& path, bool may_be_new,
                                            Console& console) {
  if (may_be_new && !Exists(path)) return std::vector<ApiKey>();
  std::string error;
  const auto text = ReadWholeFile(path, server::kMaxKeyFileBytes, error);
  if (!text) {
    Complain(console, path + ": " + error);
    return std::nullopt;
  }
  auto keys = server::ParseKeyFile(*text);
  if (keys) return std::move(keys.value());
  Complain(console, path + ": " + keys.error().message);
  return std::nullopt;
}

bool WriteKeys(const std::string& path, const std::vector<ApiKey>& keys, Console& console) {
  std::string error;
  if (WriteSecretFile(path, server::KeyFileText(keys), error)) return true;
  Complain(console, path + ": " + error);
  return false;
}

std::string ActorText(const server::Caller& caller) {
  if (caller.names_actor) return "whom it names";
  return caller.actor ? Shown(*caller.actor, true) : "-";
}

std::string InstantText(int64_t instant_us) { return server::InstantJson(instant_us).text(); }

bool HasExpired(const ApiKey& key) {
  return key.expires_us && *key.expires_us <= engine::SystemNow();
}

// All that may be shown: not the hash, of which nobody needs to know.
JsonValue KeyJson(const ApiKey& key) {
  JsonValue object = JsonValue::Object();
  object.Set("id", key.id).Set("name", key.caller.name);
  object.Set("scopes", server::TextsJson(server::ScopeNames(key.caller.scopes)));
  if (key.caller.actor) object.Set("actor", server::EntityJson(*key.caller.actor));
  if (key.caller.names_actor) object.Set("names_actor", true);
  object.Set("created", server::InstantJson(key.created_us));
  if (key.expires_us) {
    object.Set("expires", server::InstantJson(*key.expires_us)).Set("expired", HasExpired(key));
  }
  return object;
}

void PrintJson(const JsonValue& value, Console& console) {
  console.out << server::WriteJson(value, server::JsonStyle::kPretty) << '\n';
}

// What the options say of the caller; nothing after telling what is wrong.
std::optional<server::Caller> CallerOf(const KeyCommand& command, Console& console) {
  const auto wrong = [&](const std::string& message) {
    Complain(console, message);
    return std::nullopt;
  };
  server::Caller caller;
  caller.name = command.name;
  if (!server::IsCallerName(caller.name)) {
    return wrong("--name takes " + std::string(server::kCallerNameRule));
  }
  for (const std::string& name : command.scopes) {
    const auto scope = server::ScopeOf(name);
    if (!scope) {
      return wrong("there is no scope `" + name + "`; there are " +
                   Join(server::ScopeNames(server::Scopes::All())));
    }
    caller.scopes.Add(*scope);
  }
  if (!command.actor.empty()) {
    caller.actor = server::ActorOf(command.actor);
    if (!caller.actor) return wrong("--actor takes TYPE:ID, as user:eva");
  }
  caller.names_actor = command.names_actor;
  if (caller.scopes.Has(server::Scope::kChange) && !caller.actor && !caller.names_actor) {
    return wrong(
        "the scope `change` needs --actor or --names-actor: changes are always by somebody whom "
        "the policy knows");
  }
  return caller;
}

int Create(const KeyCommand& command, Console& console) {
  const auto caller = CallerOf(command, console);
  if (!caller) return kExitUsage;
  std::optional<int64_t> expires_us;
  if (!command.expires.empty()) {
    expires_us = ReadInstant(command.expires);
    if (!expires_us) return Complain(console, WhatIsNoInstant(command.expires));
    if (*expires_us <= engine::SystemNow()) return Complain(console, "--expires is in the past");
  }
  auto keys = ReadKeys(command.keys_file, true, console);
  if (!keys) return kExitUsage;
  if (keys->size() >= server::kMaxApiKeys) {
    return Complain(console, command.keys_file + " has as many keys as it may have; revoke some");
  }
  const auto made = server::MakeApiKey(*caller, engine::SystemNow(), expires_us);
  if (!made) return Complain(console, "the system gives no random numbers");
  keys->push_back(made->key);
  if (!WriteKeys(command.keys_file, *keys, console)) return kExitUsage;
  if (command.format == Format::kJson) {
    JsonValue answer = KeyJson(made->key);
    PrintJson(answer.Set("key", made->text), console);
    return kExitOk;
  }
  // Apart, so that a script can take the key alone.
  console.err << "key " << made->key.id << " of " << caller->name
              << "; it is shown this once, since only its hash is kept\n";
  console.out << made->text << '\n';
  return kExitOk;
}

int List(const KeyCommand& command, Console& console) {
  const auto keys = ReadKeys(command.keys_file, false, console);
  if (!keys) return kExitUsage;
  if (command.format == Format::kJson) {
    JsonValue answer = JsonValue::Array();
    for (const ApiKey& key : *keys) answer.Append(KeyJson(key));
    PrintJson(answer, console);
    return kExitOk;
  }
  std::vector<std::vector<std::string>> rows = {
      {"id", "name", "scopes", "changes by", "created", "expires"}};
  for (const ApiKey& key : *keys) {
    const std::string expires = key.expires_us ? InstantText(*key.expires_us) : "never";
    rows.push_back({key.id, key.caller.name, Join(server::ScopeNames(key.caller.scopes)),
                    ActorText(key.caller), InstantText(key.created_us),
                    expires + (HasExpired(key) ? " (expired)" : "")});
  }
  console.out << Table(rows);
  return kExitOk;
}

int Revoke(const KeyCommand& command, Console& console) {
  auto keys = ReadKeys(command.keys_file, false, console);
  if (!keys) return kExitUsage;
  for (const std::string& id : command.ids) {
    const auto found =
        std::find_if(keys->begin(), keys->end(), [&](const ApiKey& key) { return key.id == id; });
    if (found != keys->end()) {
      keys->erase(found);
      continue;
    }
    std::vector<std::string> of_name;
    for (const ApiKey& key : *keys) {
      if (key.caller.name == id) of_name.push_back(key.id);
    }
    // Not repeated unless it is a name: it may be a key, pasted whole.
    return Complain(console,
                    of_name.empty()
                        ? "no key has one of these ids; `portvakt key list` shows them"
                        : "`" + id + "` is the name of " + Join(of_name) + "; say which by its id");
  }
  if (!WriteKeys(command.keys_file, *keys, console)) return kExitUsage;
  if (command.format == Format::kJson) {
    PrintJson(JsonValue::Object({{"revoked", server::TextsJson(command.ids)}}), console);
  } else {
    console.out << "revoked " << Join(command.ids) << '\n';
  }
  return kExitOk;
}

}  // namespace

int Run(const KeyCommand& command, Console& console) {
  if (command.what == KeyCommand::What::kList) return List(command, console);
  std::string error;
  const auto lock = FolderLock::Of(command.keys_file, error);
  if (!lock) return Complain(console, command.keys_file + ": " + error);
  return command.what == KeyCommand::What::kCreate ? Create(command, console)
                                                   : Revoke(command, console);
}

}  // namespace portvakt::cli
