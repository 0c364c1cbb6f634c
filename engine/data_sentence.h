// One sentence of data, read against a module: what it says, by name. Pure; the store comes later
// (engine/data_batch.h).
//
// Forms: a declared fact's shape; `X is ROLE [for PROGRAM] [on Y]`; `X holds LICENCE [from T]`;
// `seats of LICENCE in T is N`; each but the last may end in `from WHEN` and `until WHEN`. Words
// are divided by blanks; "quotes" keep blanks in a word, and what is quoted is never a keyword;
// inside them \" and \\ stand for a quote and a backslash.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data_findings.h"
#include "engine/data_names.h"

namespace portvakt::engine {

// Words of one sentence: the longest shape needs fewer than half.
inline constexpr size_t kMaxSentenceWords = 64;

struct DataWord {
  std::string_view text;  // of the line, or of DataWords::unescaped
  uint32_t column = 0;    // bytes from the sentence's beginning
  bool quoted = false;
};
struct DataWords {
  std::vector<DataWord> words;
  std::vector<std::string> unescaped;  // texts that the line does not hold as they are
};

// False after a finding: a quote without its end, or too many words. Stops before `{` outside
// quotes, whose place is then in `rest`.
bool SplitWords(std::string_view line, DataPlace place, DataWords& out, size_t& rest,
                DataFindings& findings);

// An entity that a sentence names: one of `types`, told by the type that stands before its id or
// found by its id alone.
struct EntityWord {
  std::vector<dsl::TypeId> types;
  std::string_view id;
  DataPlace place;
};

struct DataSentence {
  enum class Kind { kFact, kSeats };
  Kind kind = Kind::kFact;
  std::string relation;  // its name in Space::kRelation; not kSeats
  bool has_symbol = false;
  dsl::SymbolKind symbol_kind = dsl::SymbolKind::kPermission;
  uint32_t symbol = 0;
  EntityWord subject;  // kSeats: the tenant
  std::optional<EntityWord> object;
  uint32_t seats = 0;
  const dsl::Fact* fact = nullptr;  // of a declared fact: its `lasting`
  std::optional<int64_t> from_us;
  std::optional<int64_t> until_us;
  DataPlace place;
};

// Empty after a finding.
std::optional<DataSentence> ReadSentence(const DataNames& names, const std::vector<DataWord>& words,
                                         DataPlace place, DataFindings& findings);

// "2026-01-31" (midnight in the module's zone) or "2026-01-31T12:00:00Z".
std::optional<int64_t> ReadWhen(std::string_view text, const dsl::Module& module);

// The entity that `text` names in a place for `types`: `type:id`, where the type is one of them, or
// an id.
EntityWord ReadEntityWord(const dsl::Module& module, const std::vector<dsl::TypeId>& types,
                          std::string_view text, DataPlace place);

}  // namespace portvakt::engine
