// Loading data: YAML for people, and one sentence a line for bulk. Both are read against a checked
// module, so that every type, attribute, verb and symbol is known before it is written. A load is
// one revision (bulk text: one a batch of kSentencesPerRevision lines) and is refused whole when
// anything in it is wrong, or when it would take a limit of the active policy further from being
// kept. Loading the same twice changes nothing.
//
// YAML (docs/data.md has the reference):
//   entities:
//     client:
//       alfa: { status: active, attest_on: true }
//   facts:
//     - norr serves alfa
//     - seats of kh in norr is 2
//     - { fact: bo stands_in_for anna, from: 2026-01-01, until: 2026-01-20 }
//
// Text: one of these a line, `#` begins a comment line:
//   client alfa { status: active, attest_on: true }
//   norr serves alfa
//   bo stands_in_for anna from 2026-01-01 until 2026-01-20
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/module.h"
#include "engine/engine.h"

namespace portvakt::engine {

// Lines of bulk text in one write transaction: large enough to spread a sync, small enough to keep
// a transaction's dirty pages in memory.
inline constexpr size_t kSentencesPerRevision = 100'000;
// Bytes of one YAML file: people write it; bulk goes as text.
inline constexpr size_t kMaxYamlBytes = 64u << 20;
// Findings listed of one load.
inline constexpr size_t kMaxDataFindings = 50;

struct DataFinding {
  std::string file;
  uint32_t line = 0;    // from 1
  uint32_t column = 0;  // from 1, of the value or sentence; 0 when unknown
  std::string message;
  std::string help;  // "" when there is none
};

struct LoadReport {
  std::vector<DataFinding> findings;  // not empty: nothing was written (bulk: nothing of the batch)
  uint64_t revision = 0;              // after the load
  uint64_t statements = 0;            // entities and facts read
  uint64_t changed = 0;               // of these, those that were new or different
  // Limits that are not kept after it: new entities, whom no limit held before.
  std::vector<std::string> warnings;
  bool ok() const { return findings.empty(); }
};

struct LoadOptions {
  std::string actor = "operator";
  std::string reason;
};

LoadReport LoadYaml(Engine& engine, const dsl::Module& module, const std::string& file_name,
                    std::string_view text, const LoadOptions& options = {});
LoadReport LoadText(Engine& engine, const dsl::Module& module, const std::string& file_name,
                    std::istream& text, const LoadOptions& options = {});
// By its extension: .yaml and .yml are YAML, all else text.
LoadReport LoadFile(Engine& engine, const dsl::Module& module, const std::string& path,
                    const LoadOptions& options = {});
// Takes single facts away again (sentences without validity); for scenario tests.
LoadReport RemoveSentences(Engine& engine, const dsl::Module& module,
                           const std::vector<std::string>& sentences,
                           const LoadOptions& options = {});

}  // namespace portvakt::engine
