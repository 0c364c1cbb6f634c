// The names of a policy in the program: types, what a request may supply, symbols and the static
// relations between them.
#include <algorithm>

#include "engine/compiler.h"

namespace portvakt::engine {
namespace {

// Largest number + 1, as whole words of bits; at least one word.
uint32_t WordsFor(const std::vector<uint32_t>& numbers) {
  uint32_t highest = 0;
  for (uint32_t number : numbers) highest = std::max(highest, number);
  return highest / 64 + 1;
}

void SetBit(std::vector<uint64_t>& words, size_t bit) {
  words[bit / 64] |= uint64_t{1} << (bit % 64);
}

// Numbers one list of names in a space.
template <class Items>
Status NumberAll(const Items& items, Space space, const Numberer& number,
                 std::vector<uint32_t>& numbers) {
  for (const auto& item : items) {
    Result<uint32_t> given = number(space, item.name);
    if (!given) return given.error();
    numbers.push_back(*given);
  }
  return Done{};
}

Status NumberTypes(const dsl::Module& module, const Numberer& number, Numbers& numbers) {
  for (const dsl::Type& type : module.types) {
    if (type.is_union) {
      numbers.types.push_back(kNoIndex);
      continue;
    }
    Result<uint32_t> given = number(Space::kType, type.name);
    if (!given) return given.error();
    numbers.types.push_back(*given);
  }
  return Done{};
}

Status NumberAttributes(const dsl::Module& module, const Numberer& number, Numbers& numbers) {
  const auto add = [&](const std::vector<dsl::Attribute>& attributes) -> Status {
    for (const dsl::Attribute& attribute : attributes) {
      Result<uint32_t> given = number(Space::kAttribute, attribute.name);
      if (!given) return given.error();
      numbers.attributes[attribute.name] = *given;
    }
    return Done{};
  };
  for (const dsl::Type& type : module.types) {
    if (Status status = add(type.attributes); !status) return status;
  }
  if (Status status = add(module.context); !status) return status;
  if (Status status = add(module.action); !status) return status;
  for (const dsl::EnumType& type : module.enums) {
    for (const std::string& label : type.labels) {
      Result<uint32_t> given = number(Space::kLabel, label);
      if (!given) return given.error();
      numbers.labels[label] = *given;
    }
  }
  return Done{};
}

Status NumberRelations(const dsl::Module& module, const Numberer& number, Numbers& numbers) {
  for (const dsl::Fact& fact : module.facts) {
    Result<uint32_t> given = number(Space::kRelation, fact.shape.verb);
    if (!given) return given.error();
    numbers.relations.push_back(*given);
  }
  for (const dsl::Role& role : module.roles) {
    numbers.program_roles.push_back(kNoIndex);
    if (!role.for_program) continue;
    Result<uint32_t> given = number(Space::kRelation, ProgramRoleRelation(role.name));
    if (!given) return given.error();
    numbers.program_roles.back() = *given;
  }
  Result<uint32_t> is = number(Space::kRelation, "is");
  if (!is) return is.error();
  numbers.is = *is;
  Result<uint32_t> holds = number(Space::kRelation, "holds");
  if (!holds) return holds.error();
  numbers.holds = *holds;
  return Done{};
}

}  // namespace

std::string ProgramRoleRelation(std::string_view role) {
  return "is " + std::string(role) + " for";
}

Result<Numbers> NumberNames(const dsl::Module& module, const Numberer& number) {
  Numbers numbers;
  for (const Status& status :
       {NumberTypes(module, number, numbers), NumberAttributes(module, number, numbers),
        NumberRelations(module, number, numbers),
        NumberAll(module.permissions, Space::kPermission, number,
                  numbers.symbols[kPermissionSpace]),
        NumberAll(module.roles, Space::kRole, number, numbers.symbols[kRoleSpace]),
        NumberAll(module.licences, Space::kLicence, number, numbers.symbols[kLicenceSpace]),
        NumberAll(module.programs, Space::kProgram, number, numbers.symbols[kProgramSpace])}) {
    if (!status) return status.error();
  }
  return numbers;
}

std::string FormatOf(const dsl::SentenceShape& shape,
                     const std::function<uint32_t(uint32_t)>& number) {
  std::string format = "{" + std::to_string(number(0)) + "} " + shape.verb;
  const auto words = [&](size_t i) {
    if (i >= shape.words.size()) return;
    for (const std::string& word : shape.words[i]) format += " " + word;
  };
  words(0);
  for (uint32_t slot = 1; slot < shape.slots.size(); ++slot) {
    format += " {" + std::to_string(number(slot)) + "}";
    words(slot);
  }
  return format;
}

Status Compiler::SizeMasks() {
  static constexpr const char* kKinds[] = {"permissions", "roles", "licences", "programs"};
  for (size_t space = 0; space < kSymbolSpaces; ++space) {
    const uint32_t words = WordsFor(numbers_.symbols[space]);
    if (words > kMaxMaskWords) {
      return Error{Error::Code::kFull, "more than " + std::to_string(kMaxMaskWords * 64) + " " +
                                           kKinds[space] +
                                           " were ever numbered in this store; load the data into "
                                           "a new one"};
    }
    builder_.header.mask_words[space] = words;
    builder_.symbol_of_number.resize(builder_.symbol_of_number.size() + size_t{words} * 64,
                                     kNoIndex);
  }
  return Done{};
}

std::vector<uint32_t> Compiler::NumbersOf(uint32_t space, const std::vector<uint32_t>& ids) const {
  std::vector<uint32_t> result;
  for (uint32_t id : ids) result.push_back(numbers_.symbols[space][id]);
  std::sort(result.begin(), result.end());
  return result;
}

Range Compiler::AddTypeNumbers(const std::vector<dsl::TypeId>& types) {
  std::vector<uint32_t> result;
  for (dsl::TypeId type : types) result.push_back(numbers_.types[type]);
  std::sort(result.begin(), result.end());
  return builder_.AddList(result);
}

uint32_t Compiler::AddSymbolMask(uint32_t space, const std::vector<uint32_t>& ids) {
  std::vector<uint64_t> words(builder_.header.mask_words[space], 0);
  for (uint32_t id : ids) SetBit(words, numbers_.symbols[space][id]);
  return builder_.AddMask(words);
}

uint32_t Compiler::AddValueType(const dsl::ValueType& type) {
  std::string key = std::to_string(static_cast<int>(type.kind)) + (type.is_set ? "s" : "") + "/" +
                    std::to_string(type.enum_type);
  for (dsl::TypeId id : type.entity_types) key += "," + std::to_string(id);
  auto [known, fresh] =
      value_types_.try_emplace(key, static_cast<uint32_t>(builder_.value_types.size()));
  if (fresh) {
    ValueTypeRecord record;
    record.kind = static_cast<uint8_t>(type.kind);
    record.is_set = type.is_set ? 1 : 0;
    record.enum_index = type.kind == dsl::ValueKind::kEnum ? type.enum_type : kNoIndex;
    record.entity_types = AddTypeNumbers(type.entity_types);
    builder_.value_types.push_back(record);
  }
  return known->second;
}

void Compiler::AddValues() {
  for (const dsl::EnumType& type : module_.enums) {
    EnumRecord record;
    record.ordered = type.ordered ? 1 : 0;
    record.labels.first = static_cast<uint32_t>(builder_.labels.size());
    record.labels.count = static_cast<uint32_t>(type.labels.size());
    for (const std::string& label : type.labels) {
      builder_.labels.push_back({builder_.AddText(label), numbers_.labels.at(label), 0});
    }
    builder_.enums.push_back(record);
  }
  const auto add = [&](InputRecord::From from, const std::vector<dsl::Attribute>& attributes) {
    for (const dsl::Attribute& attribute : attributes) {
      InputRecord input;
      input.from = from;
      input.attribute = numbers_.attributes.at(attribute.name);
      input.value_type = AddValueType(attribute.type);
      input.name = builder_.AddText(attribute.name);
      builder_.inputs.push_back(input);
    }
  };
  add(InputRecord::From::kContext, module_.context);
  add(InputRecord::From::kAction, module_.action);
}

void Compiler::AddTypes() {
  for (dsl::TypeId id = 0; id < module_.types.size(); ++id) {
    const dsl::Type& type = module_.types[id];
    if (type.is_union) continue;
    TypeRecord record;
    record.name = builder_.AddText(type.name);
    record.number = numbers_.types[id];
    record.open = type.open ? 1 : 0;
    record.inputs.first = static_cast<uint32_t>(builder_.inputs.size());
    for (const dsl::Attribute& attribute : type.attributes) {
      if (!attribute.from_request) continue;
      InputRecord input;
      input.from = InputRecord::From::kProperty;
      input.attribute = numbers_.attributes.at(attribute.name);
      input.value_type = AddValueType(attribute.type);
      input.type = record.number;
      input.name = builder_.AddText(attribute.name);
      builder_.inputs.push_back(input);
      ++record.inputs.count;
    }
    if (builder_.type_of_number.size() <= record.number) {
      builder_.type_of_number.resize(record.number + 1, kNoIndex);
    }
    builder_.type_of_number[record.number] = static_cast<uint32_t>(builder_.types.size());
    builder_.types.push_back(record);
  }
}

void Compiler::AddSymbols() {
  size_t first = 0;
  for (uint32_t space = 0; space < kSymbolSpaces; ++space) {
    std::vector<uint64_t> declared(builder_.header.mask_words[space], 0);
    for (uint32_t number : numbers_.symbols[space]) SetBit(declared, number);
    builder_.header.declared[space] = builder_.AddMask(declared);
    for (uint32_t id = 0; id < numbers_.symbols[space].size(); ++id) {
      builder_.symbol_of_number[first + numbers_.symbols[space][id]] = id;
    }
    first += size_t{builder_.header.mask_words[space]} * 64;
  }
  for (dsl::PermissionId id = 0; id < module_.permissions.size(); ++id) {
    const dsl::Permission& permission = module_.permissions[id];
    PermissionRecord record;
    record.name = builder_.AddText(permission.name);
    record.number = numbers_.symbols[kPermissionSpace][id];
    if (permission.program != dsl::kNone) {
      record.program = numbers_.symbols[kProgramSpace][permission.program];
    }
    record.on = AddTypeNumbers(permission.on);
    std::vector<uint32_t> required;
    for (uint32_t other : permission.requires_permissions) {
      required.push_back(numbers_.symbols[kPermissionSpace][other]);
    }
    record.requires_permissions = builder_.AddList(required);
    builder_.permissions.push_back(record);
  }
  for (dsl::RoleId id = 0; id < module_.roles.size(); ++id) {
    const dsl::Role& role = module_.roles[id];
    RoleRecord record;
    record.name = builder_.AddText(role.name);
    record.number = numbers_.symbols[kRoleSpace][id];
    record.for_program = role.for_program ? 1 : 0;
    record.on = AddTypeNumbers(role.on);
    record.held_by = AddTypeNumbers(role.held_by);
    record.program_relation = numbers_.program_roles[id];
    std::vector<uint32_t> included_by;
    for (dsl::RoleId other = 0; other < module_.roles.size(); ++other) {
      const auto& includes = module_.roles[other].includes;
      if (std::binary_search(includes.begin(), includes.end(), id)) included_by.push_back(other);
    }
    record.included_by = builder_.AddList(included_by);
    builder_.roles.push_back(record);
  }
  for (dsl::LicenceId id = 0; id < module_.licences.size(); ++id) {
    const dsl::Licence& licence = module_.licences[id];
    LicenceRecord record;
    record.name = builder_.AddText(licence.name);
    record.number = numbers_.symbols[kLicenceSpace][id];
    record.held_by = AddTypeNumbers(licence.held_by);
    record.from = AddTypeNumbers(licence.from);
    builder_.licences.push_back(record);
  }
  for (dsl::ProgramId id = 0; id < module_.programs.size(); ++id) {
    const dsl::Program& program = module_.programs[id];
    ProgramRecord record;
    record.name = builder_.AddText(program.name);
    record.number = numbers_.symbols[kProgramSpace][id];
    record.permissions = AddSymbolMask(kPermissionSpace, program.permissions);
    builder_.programs.push_back(record);
  }
}

void Compiler::AddTables() {
  // Row x of `space` has the bits of `ids(x)` in `other`; and the same turned about.
  const auto add = [&](uint32_t space, uint32_t other, const auto& ids) {
    const auto words = [&](uint32_t s) { return builder_.header.mask_words[s]; };
    std::vector<uint64_t> rows(size_t{words(space)} * 64 * words(other), 0);
    std::vector<uint64_t> turned(size_t{words(other)} * 64 * words(space), 0);
    for (uint32_t id = 0; id < numbers_.symbols[space].size(); ++id) {
      const size_t x = numbers_.symbols[space][id];
      for (uint32_t other_id : ids(id)) {
        const size_t y = numbers_.symbols[other][other_id];
        SetBit(rows, x * words(other) * 64 + y);
        SetBit(turned, y * words(space) * 64 + x);
      }
    }
    builder_.tables.push_back({builder_.AddRows(rows), words(other), words(space) * 64, 0});
    builder_.tables.push_back({builder_.AddRows(turned), words(space), words(other) * 64, 0});
  };
  add(
      kPermissionSpace, kPermissionSpace, [&](uint32_t id) -> const auto& {
        return module_.permissions[id].includes;
      });
  add(
      kLicenceSpace,
      kPermissionSpace, [&](uint32_t id) -> const auto& { return module_.licences[id].covers; });
  add(
      kRoleSpace,
      kPermissionSpace, [&](uint32_t id) -> const auto& { return module_.roles[id].gives; });
}

void Compiler::AddFacts() {
  for (dsl::FactId id = 0; id < module_.facts.size(); ++id) {
    const dsl::Fact& fact = module_.facts[id];
    FactRecord record;
    record.relation = numbers_.relations[id];
    record.transitive = fact.transitive ? 1 : 0;
    record.lasting_us = fact.lasting_us.value_or(0);
    record.ends = fact.lasting_us && fact.lasting_at_most ? 1 : 0;
    record.subject_types = AddTypeNumbers(fact.shape.slots[fact.subject_slot].types);
    if (fact.object_slot != dsl::kNone) {
      record.object_types = AddTypeNumbers(fact.shape.slots[fact.object_slot].types);
    }
    if (fact.symbol_slot != dsl::kNone) {
      const dsl::Slot& slot = fact.shape.slots[fact.symbol_slot];
      record.has_symbol = 1;
      record.symbol_space = static_cast<uint32_t>(slot.symbol_kind);
      if (!slot.allowed.empty()) {
        record.allowed = AddSymbolMask(record.symbol_space, slot.allowed);
      }
    }
    record.format = builder_.AddText(FormatOf(fact.shape, [&](uint32_t slot) {
      return slot == fact.subject_slot ? 0u : slot == fact.object_slot ? 1u : 2u;
    }));
    builder_.facts.push_back(record);
  }
}

}  // namespace portvakt::engine
