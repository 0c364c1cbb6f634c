// The text of a configuration file as plain nodes, and the places of these nodes in the text. YAML
// is read by the engine's reader, so that configuration and data know the same small part of it:
// maps, lists and scalars; a key stands once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dsl/render.h"
#include "engine/data_node.h"

namespace portvakt::server {

using ConfigNode = engine::DataNode;

// One file: its nodes, its text for showing, and what is wrong with it so far. Not safe to share.
class ConfigText {
 public:
  // `path` is for messages, and relative paths in the file count from its folder.
  ConfigText(std::string path, std::string text);

  // What YAML itself says against the text is a finding, and the root is then null.
  const ConfigNode& root() const { return root_; }
  const std::string& path() const { return path_; }
  const dsl::SourceSet& sources() const { return sources_; }
  const std::vector<dsl::Notice>& findings() const { return findings_; }
  bool has_errors() const;

  // The bytes that a reader should look at: a scalar with its quotes; the first key of a map, the
  // opening sign of a list.
  dsl::Span SpanOf(const ConfigNode& node) const;
  void Add(dsl::Notice finding) { findings_.push_back(std::move(finding)); }
  // By place, errors and warnings together.
  void Sort();

 private:
  uint32_t OffsetOf(engine::DataPlace place) const;

  std::string path_;
  dsl::SourceSet sources_;
  std::vector<uint32_t> line_starts_;
  std::vector<dsl::Notice> findings_;
  ConfigNode root_;
};

}  // namespace portvakt::server
