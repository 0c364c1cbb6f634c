// For each (permission, subject type, object type): the rules that can touch it; and the same for
// each pair of types. A rule whose static conditions are false for them is no rule of theirs.
#include <algorithm>
#include <set>

#include "engine/compiler.h"

namespace portvakt::engine {
namespace {

struct Lists {
  std::vector<uint32_t> permits;
  std::vector<uint32_t> forbids;
  std::vector<uint32_t> notes;
  friend auto operator<=>(const Lists&, const Lists&) = default;
};

}  // namespace

void Compiler::AddDispatches() {
  std::vector<uint32_t> by_name(module_.acts.size());
  for (uint32_t i = 0; i < by_name.size(); ++i) by_name[i] = i;
  std::stable_sort(by_name.begin(), by_name.end(), [&](uint32_t a, uint32_t b) {
    return module_.acts[a].name < module_.acts[b].name;
  });
  std::map<std::array<uint32_t, 3>, Lists> lists;
  for (uint32_t index : by_name) {
    const dsl::ActRule& rule = module_.acts[index];
    for (dsl::PermissionId permission : rule.permissions) {
      const auto& on = module_.permissions[permission].on;
      for (dsl::TypeId object : rule.variables[2].types) {
        if (!std::binary_search(on.begin(), on.end(), object)) continue;
        for (dsl::TypeId subject : rule.variables[0].types) {
          if (truth_.Of(rule, permission, subject, object) == StaticValue::kFalse) continue;
          Lists& list = lists[{numbers_.symbols[kPermissionSpace][permission],
                               numbers_.types[subject], numbers_.types[object]}];
          (rule.effect == dsl::Effect::kPermit   ? list.permits
           : rule.effect == dsl::Effect::kForbid ? list.forbids
                                                 : list.notes)
              .push_back(index);
        }
      }
    }
  }
  std::map<Lists, uint32_t> known;
  builder_.dispatch_slots.resize(SlotCount(lists.size()));
  const size_t mask = builder_.dispatch_slots.size() - 1;
  for (const auto& [key, list] : lists) {
    const auto [at, fresh] =
        known.try_emplace(list, static_cast<uint32_t>(builder_.dispatches.size()));
    if (fresh) {
      builder_.dispatches.push_back({builder_.AddList(list.permits), builder_.AddList(list.forbids),
                                     builder_.AddList(list.notes)});
    }
    size_t slot = HashDispatch(key[0], key[1], key[2]) & mask;
    while (builder_.dispatch_slots[slot].permission != kNoIndex) slot = (slot + 1) & mask;
    builder_.dispatch_slots[slot] = {key[0], key[1], key[2], at->second};
  }
}

void Compiler::AddPairs() {
  using Masks = std::map<uint32_t, std::vector<uint64_t>>;  // by rule
  struct Pair {
    Masks permits;
    Masks forbids;
    std::vector<uint64_t> requiring;
    bool requires_any = false;
  };
  std::map<std::pair<uint32_t, uint32_t>, Pair> pairs;
  const uint32_t words = builder_.header.mask_words[kPermissionSpace];
  std::set<uint32_t> requiring;
  for (dsl::PermissionId id = 0; id < module_.permissions.size(); ++id) {
    if (module_.permissions[id].requires_permissions.empty()) continue;
    requiring.insert(numbers_.symbols[kPermissionSpace][id]);
  }
  for (const DispatchSlot& slot : builder_.dispatch_slots) {
    if (slot.permission == kNoIndex) continue;
    Pair& pair = pairs[{slot.subject_type, slot.object_type}];
    const uint64_t bit = uint64_t{1} << (slot.permission % 64);
    const auto add = [&](Masks& masks, Range rules) {
      for (uint32_t rule : builder_.List(rules)) {
        std::vector<uint64_t>& mask = masks[rule];
        mask.resize(words);
        mask[slot.permission / 64] |= bit;
      }
    };
    add(pair.permits, builder_.dispatches[slot.dispatch].permits);
    add(pair.forbids, builder_.dispatches[slot.dispatch].forbids);
    pair.requiring.resize(words);
    if (requiring.count(slot.permission) == 0) continue;
    pair.requiring[slot.permission / 64] |= bit;
    pair.requires_any = true;
  }
  const auto write = [&](const Masks& masks, Range& rules, Range& rule_masks) {
    std::vector<uint32_t> numbers;
    std::vector<uint32_t> places;
    for (const auto& [rule, mask] : masks) {
      numbers.push_back(rule);
      places.push_back(builder_.AddMask(mask));
    }
    rules = builder_.AddList(numbers);
    rule_masks = builder_.AddList(places);
  };
  for (const auto& [types, pair] : pairs) {
    PairRecord record;
    record.subject_type = types.first;
    record.object_type = types.second;
    write(pair.permits, record.permits, record.permit_masks);
    write(pair.forbids, record.forbids, record.forbid_masks);
    if (pair.requires_any) record.requiring = builder_.AddMask(pair.requiring);
    builder_.pairs.push_back(record);
  }
}

}  // namespace portvakt::engine
