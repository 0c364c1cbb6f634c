// Many decisions at once: all permissions of some subjects over some resources, by masks.
// Session::FillMatrix (engine/engine.h) answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"

namespace portvakt::engine {

// Rows of one matrix: 20 consultants with a thousand clients each make 20,000.
inline constexpr size_t kMaxMatrixRows = 1'000'000;

struct MatrixQuery {
  std::vector<EntityName> subjects;      // empty: all of subject_type
  std::string subject_type;              // "" with no subjects: of every type that may be one
  std::vector<EntityName> resources;     // empty: all of resource_type
  std::string resource_type;             // "" with no resources: of every type
  std::vector<std::string> permissions;  // columns; empty: all that any row has
  InputValues context;
  std::optional<int64_t> now_us;
  std::optional<EntityName> viewer;  // as in SearchQuery
};

struct Matrix {
  struct Row {
    EntityName subject;
    EntityName resource;
    std::vector<Tri> verdicts;  // by permission
  };
  std::vector<std::string> permissions;
  std::vector<Row> rows;  // without those that have nothing; by subject, then resource
  bool complete = true;   // false: more rows than kMaxMatrixRows, or the budget ran out
  uint64_t revision = 0;
  uint32_t policy_version = 0;
};

// As text for people. CSV by RFC 4180 with a header line, values yes, no, depends; a field that a
// spreadsheet would take for a formula is quoted and begins with an apostrophe. Markdown: one
// table.
std::string MatrixCsv(const Matrix& matrix);
std::string MatrixMarkdown(const Matrix& matrix);

}  // namespace portvakt::engine
