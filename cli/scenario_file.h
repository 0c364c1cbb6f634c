// A scenario file as read: what it says, with places, before any policy has been looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/load.h"

namespace portvakt::cli {

// Bytes of one scenario file: people write it.
inline constexpr size_t kMaxScenarioBytes = 4u << 20;
// Cases of one file: a report that nobody can read begins long before.
inline constexpr size_t kMaxCases = 10'000;
// Steps of one case: a story longer than this is several.
inline constexpr size_t kMaxSteps = 1'000;

struct FilePlace {
  uint32_t line = 0;  // both from 1
  uint32_t column = 0;
};

// A value of the context or of properties: a scalar, or a list of scalars.
struct WrittenValue {
  std::string name;
  FilePlace place;
  bool is_list = false;
  bool quoted = false;  // a scalar in quotation marks is text whatever it looks like
  std::string text;
  std::vector<std::string> list;
};

// A sentence as the loader reads it, on one line.
struct WrittenSentence {
  FilePlace place;
  std::string text;
};

// One thing that is asked or done, with what must come of it.
struct ScenarioStep {
  enum class Kind {
    kCan,      // a question; permit or deny
    kChange,   // changes by an actor; accepted or refused
    kFind,     // a search; `expected` are its results
    kMissing,  // what a question lacks; `expected` are the steps of the cheapest plan
  };
  Kind kind = Kind::kCan;
  FilePlace place;
  std::string question;  // all but kChange
  FilePlace question_place;
  std::vector<WrittenSentence> changes;  // kChange
  std::string actor;   // `by`: of a change, of a search through one, of missing; "": the operator
  std::string second;  // `with`: who confirms a change
  std::string viewer;  // `seen_by`: of a search
  std::string reason;  // of a change
  FilePlace actor_place;
  std::vector<WrittenValue> context;
  std::vector<WrittenValue> subject_properties;
  std::vector<WrittenValue> resource_properties;
  std::vector<WrittenValue> action_properties;
  std::optional<int64_t> now_us;                    // the clock, from this step on
  bool expect_yes = true;                           // permit, accepted
  std::optional<std::string> primary;               // `because` with one code
  std::optional<std::vector<std::string>> because;  // `because` with a list: all, in order
  std::optional<std::vector<std::string>> notes;
  std::vector<std::string> expected;  // `finds`, `takes`
};

struct ScenarioCase {
  FilePlace place;
  std::string name;
  std::string after;   // the state that it starts from; "": the data
  std::string leaves;  // what the state is called that it ends in; "": nobody asks
  FilePlace after_place;
  std::vector<WrittenSentence> facts;    // added for this case only
  std::vector<WrittenSentence> without;  // taken away for this case only, before those are added
  std::vector<ScenarioStep> steps;       // at least one
};

struct ScenarioFile {
  std::string policy;             // as seen from the working directory
  std::vector<std::string> data;  // likewise
  int64_t now_us = 0;
  std::vector<ScenarioCase> cases;
};

// Paths in the text are relative to `path`'s folder. Findings, and nothing read, when anything is
// wrong with the file.
std::optional<ScenarioFile> ReadScenarioFile(const std::string& path, std::string_view text,
                                             std::vector<engine::DataFinding>& findings);

}  // namespace portvakt::cli
