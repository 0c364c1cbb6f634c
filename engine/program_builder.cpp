#include "engine/program_builder.h"

#include <cstring>

namespace portvakt::engine {
namespace {

template <class Record>
void Put(std::string& bytes, ProgramHeader& header, Section section,
         const std::vector<Record>& records) {
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  header.sections[static_cast<size_t>(section)] = {static_cast<uint32_t>(bytes.size()),
                                                   static_cast<uint32_t>(records.size())};
  bytes.append(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record));
}

template <class Record, class Name>
std::vector<NameSlot> IndexNames(const std::vector<Record>& records, const Name& name) {
  std::vector<NameSlot> slots(SlotCount(records.size()));
  for (uint32_t index = 0; index < records.size(); ++index) {
    const uint32_t hash = HashName(name(records[index]));
    size_t at = hash & (slots.size() - 1);
    while (slots[at].index != kNoIndex) at = (at + 1) & (slots.size() - 1);
    slots[at] = {hash, index};
  }
  return slots;
}

}  // namespace

size_t SlotCount(size_t count) { return std::bit_ceil(2 * count + 2); }

Range ProgramBuilder::AddText(std::string_view text) {
  if (text.empty()) return {};
  if (auto known = known_texts_.find(text); known != known_texts_.end()) return known->second;
  const Range range{static_cast<uint32_t>(strings_.size()), static_cast<uint32_t>(text.size())};
  strings_ += text;
  known_texts_.emplace(text, range);
  return range;
}

Range ProgramBuilder::AddList(const std::vector<uint32_t>& list) {
  if (list.empty()) return {};
  auto [known, fresh] = known_lists_.try_emplace(list);
  if (fresh) {
    known->second = {static_cast<uint32_t>(lists_.size()), static_cast<uint32_t>(list.size())};
    lists_.insert(lists_.end(), list.begin(), list.end());
  }
  return known->second;
}

uint32_t ProgramBuilder::AddMask(const std::vector<uint64_t>& words) {
  auto [known, fresh] = known_masks_.try_emplace(words);
  if (fresh) known->second = AddRows(words);
  return known->second;
}

uint32_t ProgramBuilder::AddRows(const std::vector<uint64_t>& words) {
  const uint32_t first = static_cast<uint32_t>(masks_.size());
  masks_.insert(masks_.end(), words.begin(), words.end());
  return first;
}

std::string ProgramBuilder::Finish() {
  const auto type_names = IndexNames(
      types, [&](const TypeRecord& r) { return strings_.substr(r.name.first, r.name.count); });
  const auto permission_names = IndexNames(permissions, [&](const PermissionRecord& r) {
    return strings_.substr(r.name.first, r.name.count);
  });
  std::string bytes(sizeof(ProgramHeader), '\0');
  Put(bytes, header, Section::kStrings, std::vector<char>(strings_.begin(), strings_.end()));
  Put(bytes, header, Section::kLists, lists_);
  Put(bytes, header, Section::kMasks, masks_);
  Put(bytes, header, Section::kTypes, types);
  Put(bytes, header, Section::kTypeOfNumber, type_of_number);
  Put(bytes, header, Section::kValueTypes, value_types);
  Put(bytes, header, Section::kLabels, labels);
  Put(bytes, header, Section::kEnums, enums);
  Put(bytes, header, Section::kInputs, inputs);
  Put(bytes, header, Section::kSteps, steps);
  Put(bytes, header, Section::kTerms, terms);
  Put(bytes, header, Section::kFacts, facts);
  Put(bytes, header, Section::kRoles, roles);
  Put(bytes, header, Section::kLicences, licences);
  Put(bytes, header, Section::kPermissions, permissions);
  Put(bytes, header, Section::kPrograms, programs);
  Put(bytes, header, Section::kSymbolOfNumber, symbol_of_number);
  Put(bytes, header, Section::kTables, tables);
  Put(bytes, header, Section::kNodes, nodes);
  Put(bytes, header, Section::kSources, sources);
  Put(bytes, header, Section::kPieces, pieces);
  Put(bytes, header, Section::kReasons, reasons);
  Put(bytes, header, Section::kPlaces, places);
  Put(bytes, header, Section::kVariables, variables);
  Put(bytes, header, Section::kDefines, defines);
  Put(bytes, header, Section::kRules, rules);
  Put(bytes, header, Section::kChangeRules, change_rules);
  Put(bytes, header, Section::kDispatches, dispatches);
  Put(bytes, header, Section::kDispatchSlots, dispatch_slots);
  Put(bytes, header, Section::kChangeDispatches, change_dispatches);
  Put(bytes, header, Section::kChangeDispatchSlots, change_dispatch_slots);
  Put(bytes, header, Section::kTriggerEnds, trigger_ends);
  Put(bytes, header, Section::kTriggers, triggers);
  Put(bytes, header, Section::kLimits, limits);
  Put(bytes, header, Section::kPairs, pairs);
  Put(bytes, header, Section::kTypeNames, type_names);
  Put(bytes, header, Section::kPermissionNames, permission_names);
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  if (bytes.size() > kMaxProgramBytes) return {};
  header.total_bytes = static_cast<uint32_t>(bytes.size());
  header.checksum = 0;
  std::memcpy(bytes.data(), &header, sizeof(header));
  header.checksum = ProgramChecksum(bytes);
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

}  // namespace portvakt::engine
