// Loaded data as a tree of texts with their places, whatever format it was written in. A plain
// value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace portvakt::engine {

// A place in a data file, both from 1.
struct DataPlace {
  uint32_t line = 0;
  uint32_t column = 0;
};

struct DataNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  DataPlace place;
  std::string text;             // kScalar
  std::vector<DataNode> items;  // kList; kMap: key, value, key, value, ..

  size_t entry_count() const { return items.size() / 2; }
  const DataNode& key(size_t index) const { return items[2 * index]; }
  const DataNode& value(size_t index) const { return items[2 * index + 1]; }
};

// What `node` is, for messages.
const char* NameOfKind(DataNode::Kind kind);

}  // namespace portvakt::engine
