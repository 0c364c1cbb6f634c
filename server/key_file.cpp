// Keys to JSON and back, strictly: a member that nobody knows may be a misspelt restriction.
#include "server/key_file.h"

#include <algorithm>
#include <set>

#include "server/names_json.h"
#include "server/object_reader.h"

namespace portvakt::server {
namespace {

void ReadScopes(ObjectReader& reader, Scopes& scopes) {
  std::vector<std::string> names;
  reader.Texts("scopes", names);
  for (const std::string& name : names) {
    const auto scope = ScopeOf(name);
    if (scope) {
      scopes.Add(*scope);
    } else {
      reader.reading().Complain("wrong_value",
                                "`" + reader.PathOf("scopes") + "` has no scope `" + name + "`");
    }
  }
}

ApiKey ReadKey(const JsonValue& value, const std::string& where, Reading& reading) {
  ApiKey key;
  ObjectReader reader(value, where, reading);
  std::string hash;
  if (reader.Text("id", Need::kRequired, key.id) && !IsApiKeyId(key.id)) {
    reading.Complain("wrong_value", "`" + reader.PathOf("id") + "` is no id of a key");
  }
  if (reader.Text("name", Need::kRequired, key.caller.name) && !IsCallerName(key.caller.name)) {
    reading.Complain("wrong_value",
                     "`" + reader.PathOf("name") + "` must be " + std::string(kCallerNameRule));
  }
  if (reader.Text("secret_sha256", Need::kRequired, hash)) {
    const auto read = ReadSecretHash(hash);
    if (read) {
      key.secret_hash = *read;
    } else {
      reading.Complain("wrong_value", "`" + reader.PathOf("secret_sha256") +
                                          "` must be 64 hexadecimal digits in lower case");
    }
  }
  ReadScopes(reader, key.caller.scopes);
  reader.Entity("actor", key.caller.actor);
  reader.Flag("names_actor", key.caller.names_actor);
  reader.Instant("created", Need::kRequired, key.created_us);
  int64_t expires_us = 0;
  if (reader.Instant("expires", Need::kOptional, expires_us)) key.expires_us = expires_us;
  reader.Close();
  if (key.caller.actor && key.caller.names_actor) {
    reading.Complain("wrong_value", "`" + where + "` has both `actor` and `names_actor`");
  }
  return key;
}

JsonValue KeyJson(const ApiKey& key) {
  JsonValue object = JsonValue::Object();
  object.Set("id", key.id).Set("name", key.caller.name);
  object.Set("secret_sha256", engine::ToHexadecimal(key.secret_hash));
  object.Set("scopes", TextsJson(ScopeNames(key.caller.scopes)));
  if (key.caller.actor) object.Set("actor", EntityJson(*key.caller.actor));
  if (key.caller.names_actor) object.Set("names_actor", true);
  object.Set("created", InstantJson(key.created_us));
  if (key.expires_us) object.Set("expires", InstantJson(*key.expires_us));
  return object;
}

}  // namespace

bool IsCallerName(std::string_view name) {
  const auto is_good = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view(".-_@/:").find(letter) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMaxCallerNameBytes &&
         std::all_of(name.begin(), name.end(), is_good);
}

engine::Result<std::vector<ApiKey>> ParseKeyFile(std::string_view text) {
  const auto invalid = [](std::string message) {
    return engine::Error{engine::Error::Code::kInvalid, std::move(message)};
  };
  const JsonRead read = ReadJson(text, {.max_depth = 8, .max_bytes = kMaxKeyFileBytes});
  if (!read.value) {
    return invalid(read.error.message + " (byte " + std::to_string(read.error.offset) + ")");
  }
  Reading reading;
  ObjectReader file(*read.value, "", reading);
  std::vector<ApiKey> keys;
  std::set<std::string_view> ids;
  if (const JsonValue* array = file.Array("keys", Need::kRequired)) {
    if (array->elements().size() > kMaxApiKeys) {
      return invalid("there are more than " + std::to_string(kMaxApiKeys) + " keys");
    }
    keys.reserve(array->elements().size());
    for (const JsonValue& element : array->elements()) {
      const std::string where = file.PathOf("keys") + "/" + std::to_string(keys.size());
      keys.push_back(ReadKey(element, where, reading));
      if (!ids.insert(keys.back().id).second) {
        reading.Complain("wrong_value", "`" + where + "/id` stands twice");
      }
    }
  }
  file.Close();
  if (reading.fault) return invalid(reading.fault->message);
  return keys;
}

std::string KeyFileText(const std::vector<ApiKey>& keys) {
  JsonValue array = JsonValue::Array();
  for (const ApiKey& key : keys) array.Append(KeyJson(key));
  JsonValue file = JsonValue::Object();
  return WriteJson(file.Set("keys", std::move(array)), JsonStyle::kPretty) + "\n";
}

}  // namespace portvakt::server
