// The decision program: what a checked module becomes before it is run. Flat bytes without
// pointers: a header, then sections of fixed-size little-endian records that refer to each other by
// index. They are stored in LMDB and run where they lie. engine/engine.h is the room's front door.
//
// Rules that Verify() holds, so that the evaluator need not look:
//   every index and range lies inside its section; every enum has a known value;
//   nodes stand after their children, sources after theirs, and a call's define before the call;
//   a variable is smaller than its owner's variable_count, and read as what it is bound as;
//   masks have the width of their kind.
//
// Types, attributes, relations, symbols and labels are the store's numbers (engine/store.h), so
// that cells and records are tested as they are. A list is a Range in section `lists` unless said
// otherwise, a text a Range in `strings`, a mask the index of its first word in `masks`.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/change_records.h"
#include "engine/program_records.h"

namespace portvakt::engine {

static_assert(std::endian::native == std::endian::little, "programs are little-endian");

// Raised whenever a record or its meaning changes; programs of other formats are compiled again.
inline constexpr uint32_t kProgramFormat = 7;
inline constexpr std::array<char, 8> kProgramMagic = {'P', 'V', 'P', 'R', 'O', 'G', 'R', 'M'};
// Bytes of one program: a hundred times the agency's, and offsets fit 32 bits.
inline constexpr size_t kMaxProgramBytes = size_t{256} << 20;

enum class Section : uint32_t {
  kStrings,
  kLists,
  kMasks,
  kTypes,
  kTypeOfNumber,  // uint32_t: store number -> type, kNoIndex
  kValueTypes,
  kLabels,
  kEnums,
  kInputs,
  kSteps,
  kTerms,
  kFacts,
  kRoles,
  kLicences,
  kPermissions,
  kPrograms,
  kSymbolOfNumber,  // uint32_t, by space one after the other, mask_words[space] * 64 each
  kTables,
  kNodes,
  kSources,
  kPieces,
  kReasons,
  kPlaces,
  kVariables,
  kDefines,
  kRules,
  kChangeRules,
  kDispatches,
  kDispatchSlots,
  kChangeDispatches,
  kChangeDispatchSlots,
  kTriggerEnds,
  kTriggers,
  kLimits,
  kPairs,
  kTypeNames,        // NameSlot -> types
  kPermissionNames,  // NameSlot -> permissions
  kCount,
};
inline constexpr size_t kSectionCount = static_cast<size_t>(Section::kCount);

struct ProgramHeader {
  std::array<char, 8> magic = kProgramMagic;
  uint32_t format = kProgramFormat;
  uint32_t total_bytes = 0;
  uint64_t checksum = 0;                             // of all bytes, this field as zero
  std::array<uint32_t, kSymbolSpaces> mask_words{};  // by SymbolSpace, at least 1
  std::array<uint32_t, kSymbolSpaces> declared{};    // masks of the policy's own symbols
  uint32_t is_relation = 0;                          // store number of "is"
  uint32_t holds_relation = 0;                       // of "holds"
  Range time_zone;
  Range policy;
  std::array<Range, kSectionCount> sections{};  // first: byte offset, 8-byte aligned
};

uint32_t HashName(std::string_view name);
uint32_t HashDispatch(uint32_t permission, uint32_t subject_type, uint32_t object_type);
uint32_t HashChange(const ChangeDispatchSlot& key);
uint64_t ProgramChecksum(std::string_view bytes);

// A verified program, read in place. Cheap to copy; dies with the bytes.
class Program {
 public:
  Program() = default;

  bool empty() const { return header_ == nullptr; }
  const ProgramHeader& header() const { return *header_; }

  std::span<const uint32_t> lists;
  std::span<const uint64_t> masks;
  std::span<const TypeRecord> types;
  std::span<const uint32_t> type_of_number;
  std::span<const ValueTypeRecord> value_types;
  std::span<const LabelRecord> labels;
  std::span<const EnumRecord> enums;
  std::span<const InputRecord> inputs;
  std::span<const StepRecord> steps;
  std::span<const TermRecord> terms;
  std::span<const FactRecord> facts;
  std::span<const RoleRecord> roles;
  std::span<const LicenceRecord> licences;
  std::span<const PermissionRecord> permissions;
  std::span<const ProgramRecord> programs;
  std::span<const uint32_t> symbol_of_number;
  std::span<const TableRecord> tables;
  std::span<const NodeRecord> nodes;
  std::span<const SourceRecord> sources;
  std::span<const PieceRecord> pieces;
  std::span<const ReasonRecord> reasons;
  std::span<const PlaceRecord> places;
  std::span<const VariableRecord> variables;
  std::span<const DefineRecord> defines;
  std::span<const RuleRecord> rules;
  std::span<const ChangeRuleRecord> change_rules;
  std::span<const DispatchRecord> dispatches;
  std::span<const DispatchSlot> dispatch_slots;
  std::span<const DispatchRecord> change_dispatches;
  std::span<const ChangeDispatchSlot> change_dispatch_slots;
  std::span<const TriggerEndRecord> trigger_ends;
  std::span<const TriggerRecord> triggers;
  std::span<const LimitRecord> limits;
  std::span<const PairRecord> pairs;
  std::span<const NameSlot> type_names;
  std::span<const NameSlot> permission_names;

  std::string_view Text(Range range) const { return {strings_ + range.first, range.count}; }
  std::span<const uint32_t> List(Range range) const {
    return lists.subspan(range.first, range.count);
  }
  uint32_t mask_words(uint32_t space) const { return header_->mask_words[space]; }
  bool Bit(uint32_t mask, uint32_t number) const {
    return (masks[mask + number / 64] >> (number % 64) & 1) != 0;
  }
  // The row of a static table.
  const uint64_t* Row(uint32_t table, uint32_t symbol) const {
    return &masks[tables[table].first_word + size_t{symbol} * tables[table].row_words];
  }
  // Index of the type, role, licence, permission or program with a store number, or kNoIndex.
  uint32_t TypeOfNumber(uint32_t number) const {
    return number < type_of_number.size() ? type_of_number[number] : kNoIndex;
  }
  uint32_t SymbolOfNumber(uint32_t space, uint32_t number) const {
    return number < mask_words(space) * 64 ? symbol_of_number[symbol_first_[space] + number]
                                           : kNoIndex;
  }
  std::string_view SymbolName(uint32_t space, uint32_t number) const;
  // By name; kNoIndex when there is none.
  uint32_t FindType(std::string_view name) const;
  uint32_t FindPermission(std::string_view name) const;
  // Null when no rule can touch it. Arguments are store numbers.
  const DispatchRecord* FindDispatch(uint32_t permission, uint32_t subject_type,
                                     uint32_t object_type) const;
  // Null when no change rule can touch it. `key.dispatch` is not read.
  const DispatchRecord* FindChangeDispatch(const ChangeDispatchSlot& key) const;
  // Null when no rule can touch any permission of theirs.
  const PairRecord* FindPair(uint32_t subject_type, uint32_t object_type) const;

 private:
  friend struct ProgramReader;
  const ProgramHeader* header_ = nullptr;
  const char* strings_ = nullptr;
  std::array<uint32_t, kSymbolSpaces> symbol_first_{};
};

}  // namespace portvakt::engine
