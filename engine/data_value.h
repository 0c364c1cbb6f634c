// Attribute values as people write them, by their declared type.
#pragma once

#include <functional>
#include <optional>

#include "engine/data_findings.h"
#include "engine/data_sentence.h"
#include "engine/store.h"

namespace portvakt::engine {

// What a value may need from the load that it is part of.
struct ValueContext {
  const dsl::Module& module;
  // nullopt after a finding.
  std::function<std::optional<EntityId>(const EntityWord&)> find_entity;
  std::function<std::optional<uint16_t>(const std::string&, DataPlace)> label_number;
  DataFindings& findings;
};

// nullopt after a finding.
std::optional<StoredValue> ReadValue(const DataNode& node, const dsl::ValueType& type,
                                     const ValueContext& context);

}  // namespace portvakt::engine
