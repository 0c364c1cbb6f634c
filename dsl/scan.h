// The first look at a file, before the grammar: is it UTF-8, where do declarations begin, which
// comments are there, are texts closed. The grammar may then rely on all that.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/tree.h"

namespace portvakt::dsl {

// From a first column to the next declaration's; `begin` is its first word.
struct Chunk {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool broken = false;  // has a finding already; the grammar would only repeat it
};

struct Scan {
  std::vector<Chunk> chunks;
  std::vector<Comment> comments;
  bool broken = false;  // has findings
};

// No chunks when the file cannot be read as text at all (too large, not UTF-8).
Scan ScanFile(uint32_t file, std::string_view text, Diagnostics& findings);

}  // namespace portvakt::dsl
