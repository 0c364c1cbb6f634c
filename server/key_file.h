// The file of API keys, written by `portvakt key` and read by the server whenever it changes:
//
//   {"keys": [{"id": "90a1..", "name": "gateway", "secret_sha256": "5e88..", "scopes": ["decide"],
//              "created": "2026-11-23T16:40:00Z", "expires": "2027-05-23T00:00:00Z",
//              "actor": {"type": "user", "id": "boss"}, "names_actor": false}]}
//
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "server/api_key.h"

namespace portvakt::server {

// Keys of one file: far more than a platform has programs. Each is looked up by its id.
inline constexpr size_t kMaxApiKeys = 10'000;
// Bytes of the file: that many keys with long names.
inline constexpr size_t kMaxKeyFileBytes = 16u << 20;
// Bytes of a caller's name, which every line of a log may repeat.
inline constexpr size_t kMaxCallerNameBytes = 100;

// Letters, digits and `.-_@/:`, so that a name reads the same in every log and command.
bool IsCallerName(std::string_view name);
inline constexpr std::string_view kCallerNameRule =
    "1 to 100 letters, digits and any of `.`, `-`, `_`, `@`, `/` and `:`";

// Two keys may have one name (rotation), never one id. kInvalid: "what is wrong, where".
engine::Result<std::vector<ApiKey>> ParseKeyFile(std::string_view text);
std::string KeyFileText(const std::vector<ApiKey>& keys);

}  // namespace portvakt::server
