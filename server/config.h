// The configuration file of `portvakt serve`: YAML, every key of which docs/configuration.md
// explains. What is wrong is told with its place, all of it at once; a misspelt key with the right
// one.
//
//   listen: 127.0.0.1:8080
//   store: /var/lib/portvakt
//   policy: policies/byra
//   data: [examples/norr/after.yaml]
//   workers: 2
//   trust_callers: true
//   limits: { body_bytes: 1048576, idle_ms: 75000 }
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/render.h"
#include "server/config_reader.h"
#include "server/server.h"

namespace portvakt::server {

// Bytes of a configuration file: people write it.
inline constexpr size_t kMaxConfigBytes = 1u << 20;

struct Config {
  Server::Options server;
  bool has_listen = false;            // the file says where to listen
  std::optional<std::string> store;   // directory
  std::optional<std::string> policy;  // file or folder
  std::vector<std::string> data;      // files
  bool watch = false;                 // `policy` is activated again when it changes
};

struct ConfigRead {
  std::optional<Config> config;       // empty when one of the findings is an error
  dsl::SourceSet sources;             // the file, for dsl::Render; empty when it was not read
  std::vector<dsl::Notice> findings;  // by place
  std::vector<ConfigPath> paths;      // that the file names
  ConfigPlaces places;                // of its keys
};

// Relative paths in the file count from the file's own folder.
ConfigRead ReadConfig(const std::string& path);
// The same from text; `path` is for messages and for relative paths.
ConfigRead ParseConfig(std::string_view text, const std::string& path);

// Whether a server would start with this configuration, which is that of `read` or has other values
// in the place of some: what goes against that is added to the findings, at the place of its key
// where the file names it and nothing is found there yet. Without `read.config` after an error.
// Warnings tell what would start and yet let nobody through.
void CheckConfig(const Config& config, ConfigRead& read);

// `file:line:column: message`, for logs.
std::string FindingLine(const dsl::Notice& finding, const dsl::SourceSet& sources);

}  // namespace portvakt::server
