// Collects the records of a decision program and writes them out as bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/program.h"

namespace portvakt::engine {

class ProgramBuilder {
 public:
  ProgramHeader header;
  std::vector<TypeRecord> types;
  std::vector<uint32_t> type_of_number;
  std::vector<ValueTypeRecord> value_types;
  std::vector<LabelRecord> labels;
  std::vector<EnumRecord> enums;
  std::vector<InputRecord> inputs;
  std::vector<StepRecord> steps;
  std::vector<TermRecord> terms;
  std::vector<FactRecord> facts;
  std::vector<RoleRecord> roles;
  std::vector<LicenceRecord> licences;
  std::vector<PermissionRecord> permissions;
  std::vector<ProgramRecord> programs;
  std::vector<uint32_t> symbol_of_number;
  std::vector<TableRecord> tables;
  std::vector<NodeRecord> nodes;
  std::vector<SourceRecord> sources;
  std::vector<PieceRecord> pieces;
  std::vector<ReasonRecord> reasons;
  std::vector<PlaceRecord> places;
  std::vector<VariableRecord> variables;
  std::vector<DefineRecord> defines;
  std::vector<RuleRecord> rules;
  std::vector<ChangeRuleRecord> change_rules;
  std::vector<DispatchRecord> dispatches;
  std::vector<DispatchSlot> dispatch_slots;
  std::vector<DispatchRecord> change_dispatches;
  std::vector<ChangeDispatchSlot> change_dispatch_slots;
  std::vector<TriggerEndRecord> trigger_ends;
  std::vector<TriggerRecord> triggers;
  std::vector<LimitRecord> limits;
  std::vector<PairRecord> pairs;

  // Equal texts, lists and masks are kept once.
  Range AddText(std::string_view text);
  Range AddList(const std::vector<uint32_t>& list);
  std::span<const uint32_t> List(Range range) const {
    return std::span(lists_).subspan(range.first, range.count);
  }
  uint32_t AddMask(const std::vector<uint64_t>& words);
  // Not shared: rows stand one after the other.
  uint32_t AddRows(const std::vector<uint64_t>& words);

  // Indexes names and writes everything. Empty when it would be larger than kMaxProgramBytes.
  std::string Finish();

 private:
  std::string strings_;
  std::vector<uint32_t> lists_;
  std::vector<uint64_t> masks_;
  std::map<std::string, Range, std::less<>> known_texts_;
  std::map<std::vector<uint32_t>, Range> known_lists_;
  std::map<std::vector<uint64_t>, uint32_t> known_masks_;
};

// Slots for `count` names: a power of two, at most half full.
size_t SlotCount(size_t count);

}  // namespace portvakt::engine
