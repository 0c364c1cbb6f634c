// YAML text as a tree of texts. What people write data in is a small part of YAML: mappings, lists
// and scalars; keys are texts and stand once. Anchors and aliases are followed within limits.
#pragma once

#include <optional>
#include <string_view>

#include "engine/data_findings.h"
#include "engine/data_node.h"

namespace portvakt::engine {

// Values inside each other: bounds the stack of every walk over the tree.
inline constexpr size_t kMaxYamlDepth = 16;
// Values in all, those that aliases repeat counted each time: some ten times what fits on paper,
// and a few hundred MiB of memory at worst.
inline constexpr size_t kMaxYamlNodes = 2'000'000;

// Empty after a finding.
std::optional<DataNode> ReadYaml(std::string_view text, DataFindings& findings);

}  // namespace portvakt::engine
