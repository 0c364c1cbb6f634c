#include "engine/program.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace portvakt::engine {
namespace {

// Bytes without a meaning would differ from compilation to compilation, and so would the checksum.
template <class... Records>
constexpr bool kNoPadding = (std::has_unique_object_representations_v<Records> && ...);
static_assert(
    kNoPadding<TypeRecord, ValueTypeRecord, LabelRecord, EnumRecord, InputRecord, StepRecord,
               TermRecord, FactRecord, RoleRecord, LicenceRecord, PermissionRecord, ProgramRecord,
               TableRecord, NodeRecord, SourceRecord, PieceRecord, ReasonRecord, PlaceRecord,
               VariableRecord, DefineRecord, RuleRecord, ChangeRuleRecord, DispatchRecord,
               DispatchSlot, ChangeDispatchSlot, TriggerEndRecord, TriggerRecord, LimitRecord,
               NameSlot, ProgramHeader>);

}  // namespace

uint32_t HashName(std::string_view name) {
  // Eight bytes at a time: the names of every request are looked up. Only policies add names.
  uint64_t hash = name.size();
  const auto mix = [&](uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
  };
  for (; name.size() >= sizeof(uint64_t); name.remove_prefix(sizeof(uint64_t))) {
    uint64_t word = 0;
    std::memcpy(&word, name.data(), sizeof word);
    mix(word);
  }
  uint64_t last = 0;
  for (char letter : name) last = last << 8 | static_cast<uint8_t>(letter);
  mix(last);
  return static_cast<uint32_t>(hash);
}

uint32_t HashDispatch(uint32_t permission, uint32_t subject_type, uint32_t object_type) {
  uint64_t key = permission | uint64_t{subject_type} << 20 | uint64_t{object_type} << 40;
  key *= 0x9e3779b97f4a7c15ull;
  return static_cast<uint32_t>(key >> 32);
}

uint32_t HashChange(const ChangeDispatchSlot& key) {
  uint64_t hash = 0;
  for (uint32_t part : {key.target, key.number, key.symbol, key.subject_type, key.object_type}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
  }
  return static_cast<uint32_t>(hash);
}

uint64_t ProgramChecksum(std::string_view bytes) {
  constexpr size_t kField = offsetof(ProgramHeader, checksum);
  uint64_t sum = 0x243f6a8885a308d3ull ^ bytes.size();
  for (size_t at = 0; at < bytes.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, bytes.size() - at < 8 ? bytes.size() - at : 8);
    if (at == kField) word = 0;
    // Both steps are one-to-one in `word`: no single change goes unseen.
    sum = (sum ^ word) * 0x9e3779b97f4a7c15ull;
    sum ^= sum >> 29;
  }
  return sum;
}

std::string_view Program::SymbolName(uint32_t space, uint32_t number) const {
  const uint32_t index = SymbolOfNumber(space, number);
  if (index == kNoIndex) return "?";
  switch (space) {
    case kPermissionSpace: return Text(permissions[index].name);
    case kRoleSpace: return Text(roles[index].name);
    case kLicenceSpace: return Text(licences[index].name);
    default: return Text(programs[index].name);
  }
}

uint32_t Program::FindType(std::string_view name) const {
  const uint32_t hash = HashName(name);
  const size_t mask = type_names.size() - 1;
  for (size_t at = hash & mask; type_names[at].index != kNoIndex; at = (at + 1) & mask) {
    const NameSlot& slot = type_names[at];
    if (slot.hash == hash && Text(types[slot.index].name) == name) return slot.index;
  }
  return kNoIndex;
}

uint32_t Program::FindPermission(std::string_view name) const {
  const uint32_t hash = HashName(name);
  const size_t mask = permission_names.size() - 1;
  for (size_t at = hash & mask; permission_names[at].index != kNoIndex; at = (at + 1) & mask) {
    const NameSlot& slot = permission_names[at];
    if (slot.hash == hash && Text(permissions[slot.index].name) == name) return slot.index;
  }
  return kNoIndex;
}

const DispatchRecord* Program::FindDispatch(uint32_t permission, uint32_t subject_type,
                                            uint32_t object_type) const {
  const size_t mask = dispatch_slots.size() - 1;
  size_t at = HashDispatch(permission, subject_type, object_type) & mask;
  for (; dispatch_slots[at].permission != kNoIndex; at = (at + 1) & mask) {
    const DispatchSlot& slot = dispatch_slots[at];
    if (slot.permission == permission && slot.subject_type == subject_type &&
        slot.object_type == object_type) {
      return &dispatches[slot.dispatch];
    }
  }
  return nullptr;
}

const DispatchRecord* Program::FindChangeDispatch(const ChangeDispatchSlot& key) const {
  const size_t mask = change_dispatch_slots.size() - 1;
  size_t at = HashChange(key) & mask;
  for (; change_dispatch_slots[at].dispatch != kNoIndex; at = (at + 1) & mask) {
    const ChangeDispatchSlot& slot = change_dispatch_slots[at];
    if (slot.target == key.target && slot.number == key.number && slot.symbol == key.symbol &&
        slot.subject_type == key.subject_type && slot.object_type == key.object_type) {
      return &change_dispatches[slot.dispatch];
    }
  }
  return nullptr;
}

const PairRecord* Program::FindPair(uint32_t subject_type, uint32_t object_type) const {
  using Key = std::pair<uint32_t, uint32_t>;
  const Key key{subject_type, object_type};
  const auto key_of = [](const PairRecord& pair) {
    return Key{pair.subject_type, pair.object_type};
  };
  const auto at = std::partition_point(pairs.begin(), pairs.end(),
                                       [&](const PairRecord& pair) { return key_of(pair) < key; });
  return at != pairs.end() && key_of(*at) == key ? &*at : nullptr;
}

}  // namespace portvakt::engine
