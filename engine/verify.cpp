// Sections and records; verify_conditions.cpp holds the conditions.
#include "engine/verify.h"

#include <bit>
#include <cstring>
#include <string>

#include "dsl/module.h"
#include "engine/store.h"
#include "engine/verifier.h"

namespace portvakt::engine {

struct ProgramReader {
  // Points the program's spans into the bytes. False when a section lies outside of them.
  static bool Open(std::string_view bytes, Program& program) {
    program.header_ = reinterpret_cast<const ProgramHeader*>(bytes.data());
    uint32_t first = 0;
    for (size_t space = 0; space < kSymbolSpaces; ++space) {
      const uint32_t words = program.header_->mask_words[space];
      if (words == 0 || words > kMaxMaskWords) return false;
      program.symbol_first_[space] = first;
      first += words * 64;
    }
    std::span<const char> strings;
    const bool open =
        Map(bytes, Section::kStrings, strings) && Map(bytes, Section::kLists, program.lists) &&
        Map(bytes, Section::kMasks, program.masks) && Map(bytes, Section::kTypes, program.types) &&
        Map(bytes, Section::kTypeOfNumber, program.type_of_number) &&
        Map(bytes, Section::kValueTypes, program.value_types) &&
        Map(bytes, Section::kLabels, program.labels) &&
        Map(bytes, Section::kEnums, program.enums) &&
        Map(bytes, Section::kInputs, program.inputs) &&
        Map(bytes, Section::kSteps, program.steps) && Map(bytes, Section::kTerms, program.terms) &&
        Map(bytes, Section::kFacts, program.facts) && Map(bytes, Section::kRoles, program.roles) &&
        Map(bytes, Section::kLicences, program.licences) &&
        Map(bytes, Section::kPermissions, program.permissions) &&
        Map(bytes, Section::kPrograms, program.programs) &&
        Map(bytes, Section::kSymbolOfNumber, program.symbol_of_number) &&
        Map(bytes, Section::kTables, program.tables) &&
        Map(bytes, Section::kNodes, program.nodes) &&
        Map(bytes, Section::kSources, program.sources) &&
        Map(bytes, Section::kPieces, program.pieces) &&
        Map(bytes, Section::kReasons, program.reasons) &&
        Map(bytes, Section::kPlaces, program.places) &&
        Map(bytes, Section::kVariables, program.variables) &&
        Map(bytes, Section::kDefines, program.defines) &&
        Map(bytes, Section::kRules, program.rules) &&
        Map(bytes, Section::kChangeRules, program.change_rules) &&
        Map(bytes, Section::kDispatches, program.dispatches) &&
        Map(bytes, Section::kDispatchSlots, program.dispatch_slots) &&
        Map(bytes, Section::kChangeDispatches, program.change_dispatches) &&
        Map(bytes, Section::kChangeDispatchSlots, program.change_dispatch_slots) &&
        Map(bytes, Section::kTriggerEnds, program.trigger_ends) &&
        Map(bytes, Section::kTriggers, program.triggers) &&
        Map(bytes, Section::kLimits, program.limits) &&
        Map(bytes, Section::kPairs, program.pairs) &&
        Map(bytes, Section::kTypeNames, program.type_names) &&
        Map(bytes, Section::kPermissionNames, program.permission_names);
    program.strings_ = strings.data();
    return open && program.symbol_of_number.size() == first;
  }

  template <class Record>
  static bool Map(std::string_view bytes, Section section, std::span<const Record>& records) {
    ProgramHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    const Range range = header.sections[static_cast<size_t>(section)];
    if (range.first % 8 != 0 || range.first > bytes.size()) return false;
    if (uint64_t{range.count} * sizeof(Record) > bytes.size() - range.first) return false;
    records = {reinterpret_cast<const Record*>(bytes.data() + range.first), range.count};
    return true;
  }
};

namespace {

constexpr uint32_t kMaxNumber = 0xffff;  // store numbers are kept in 16 bits

Error Corrupt(const std::string& what) {
  return {Error::Code::kCorrupt, "the decision program is damaged: " + what};
}

}  // namespace

void Verifier::Fail(const char* what) {
  if (failure_.empty()) failure_ = what;
}
bool Verifier::Text(Range range) {
  ProgramHeader header = program_.header();
  return Inside(range, header.sections[static_cast<size_t>(Section::kStrings)].count, "a text");
}
bool Verifier::Inside(Range range, size_t size, const char* what) {
  if (range.first <= size && range.count <= size - range.first) return true;
  Fail(what);
  return false;
}
bool Verifier::Index(uint32_t index, size_t size, const char* what) {
  if (index < size) return true;
  Fail(what);
  return false;
}
bool Verifier::Optional(uint32_t index, size_t size, const char* what) {
  return index == kNoIndex || Index(index, size, what);
}
bool Verifier::List(Range range, size_t size, const char* what) {
  if (!Inside(range, program_.lists.size(), what)) return false;
  for (uint32_t each : program_.List(range)) {
    if (!Index(each, size, what)) return false;
  }
  return true;
}
bool Verifier::Types(Range range) { return List(range, kMaxNumber + 1, "a list of types"); }
bool Verifier::Mask(uint32_t mask, uint32_t space) {
  return Inside({mask, program_.mask_words(space)}, program_.masks.size(), "a mask");
}
bool Verifier::Symbol(uint32_t number, uint32_t space) {
  return Index(number, size_t{program_.mask_words(space)} * 64, "a symbol");
}

void Verifier::CheckTypes() {
  for (const TypeRecord& type : program_.types) {
    Text(type.name);
    Index(type.number, kMaxNumber, "a type's number");
    Inside(type.inputs, program_.inputs.size(), "a type's inputs");
  }
  for (uint32_t type : program_.type_of_number) Optional(type, program_.types.size(), "a type");
  for (const ValueTypeRecord& type : program_.value_types) {
    if (type.kind > static_cast<uint8_t>(dsl::ValueKind::kEntity)) Fail("a kind of value");
    if (type.kind == static_cast<uint8_t>(dsl::ValueKind::kEnum)) {
      Index(type.enum_index, program_.enums.size(), "an enum");
    }
    Types(type.entity_types);
  }
  for (const LabelRecord& label : program_.labels) Text(label.name);
  for (const EnumRecord& each : program_.enums) {
    Inside(each.labels, program_.labels.size(), "an enum's labels");
  }
  for (const InputRecord& input : program_.inputs) {
    Text(input.name);
    if (input.from > InputRecord::From::kProperty) Fail("an input");
    Index(input.value_type, program_.value_types.size(), "an input's type");
  }
  for (const StepRecord& step : program_.steps) {
    Text(step.name);
    Index(step.value_type, program_.value_types.size(), "a step's type");
  }
}

void Verifier::CheckSymbols() {
  for (const FactRecord& fact : program_.facts) {
    Text(fact.format);
    Types(fact.subject_types);
    Types(fact.object_types);
    if (fact.symbol_space >= kSymbolSpaces) return Fail("a fact's symbol");
    if (fact.allowed != kNoIndex) Mask(fact.allowed, fact.symbol_space);
  }
  for (const RoleRecord& role : program_.roles) {
    Text(role.name);
    Symbol(role.number, kRoleSpace);
    Types(role.on);
    Types(role.held_by);
    List(role.included_by, program_.roles.size(), "a role's inclusion");
  }
  for (const LicenceRecord& licence : program_.licences) {
    Text(licence.name);
    Symbol(licence.number, kLicenceSpace);
    Types(licence.held_by);
    Types(licence.from);
  }
  for (const PermissionRecord& permission : program_.permissions) {
    Text(permission.name);
    Symbol(permission.number, kPermissionSpace);
    if (permission.program != kNoIndex) Symbol(permission.program, kProgramSpace);
    Types(permission.on);
    const size_t numbers = size_t{program_.mask_words(kPermissionSpace)} * 64;
    if (!List(permission.requires_permissions, numbers, "a required permission")) return;
    for (uint32_t number : program_.List(permission.requires_permissions)) {
      if (program_.SymbolOfNumber(kPermissionSpace, number) == kNoIndex) {
        Fail("a required permission");
      }
    }
  }
  for (const ProgramRecord& each : program_.programs) {
    Text(each.name);
    Symbol(each.number, kProgramSpace);
    Mask(each.permissions, kPermissionSpace);
  }
  CheckTables();
}

void Verifier::CheckTables() {
  const size_t counts[] = {program_.permissions.size(), program_.roles.size(),
                           program_.licences.size(), program_.programs.size()};
  size_t at = 0;
  for (uint32_t space = 0; space < kSymbolSpaces; ++space) {
    Mask(program_.header().declared[space], space);
    for (size_t i = 0; i < size_t{program_.mask_words(space)} * 64; ++i) {
      Optional(program_.symbol_of_number[at++], counts[space], "a symbol's record");
    }
  }
  static constexpr uint32_t kSpaces[][2] = {
      {kPermissionSpace, kPermissionSpace}, {kPermissionSpace, kPermissionSpace},
      {kLicenceSpace, kPermissionSpace},    {kPermissionSpace, kLicenceSpace},
      {kRoleSpace, kPermissionSpace},       {kPermissionSpace, kRoleSpace}};
  if (program_.tables.size() != static_cast<size_t>(Table::kCount)) return Fail("the tables");
  for (size_t i = 0; i < program_.tables.size(); ++i) {
    const TableRecord& table = program_.tables[i];
    const uint32_t rows = program_.mask_words(kSpaces[i][0]) * 64;
    const uint32_t words = program_.mask_words(kSpaces[i][1]);
    if (table.rows != rows || table.row_words != words) return Fail("a table's size");
    Inside({table.first_word, rows * words}, program_.masks.size(), "a table");
  }
}

// A permission that requires itself, however long the way round, would never end.
void Verifier::CheckRequirements() {
  std::vector<uint8_t> state(program_.permissions.size(), 0);  // 1: on the way, 2: done
  std::vector<std::pair<uint32_t, uint32_t>> way;
  for (uint32_t root = 0; root < state.size(); ++root) {
    if (state[root] != 0) continue;
    way.push_back({root, 0});
    state[root] = 1;
    while (!way.empty()) {
      auto& [permission, next] = way.back();
      const auto required = program_.List(program_.permissions[permission].requires_permissions);
      if (next == required.size()) {
        state[permission] = 2;
        way.pop_back();
        continue;
      }
      const uint32_t other = program_.SymbolOfNumber(kPermissionSpace, required[next++]);
      if (state[other] == 1) return Fail("a permission that requires itself");
      if (state[other] == 0) {
        state[other] = 1;
        way.push_back({other, 0});
      }
    }
  }
}

void Verifier::CheckNames() {
  const auto check = [&](std::span<const NameSlot> slots, size_t size) {
    if (!std::has_single_bit(slots.size())) return Fail("a table of names");
    size_t used = 0;
    for (const NameSlot& slot : slots) {
      Optional(slot.index, size, "a name");
      used += slot.index == kNoIndex ? 0 : 1;
    }
    if (used * 2 > slots.size()) Fail("a table of names");
  };
  check(program_.type_names, program_.types.size());
  check(program_.permission_names, program_.permissions.size());
}

void Verifier::CheckDispatch() {
  if (!std::has_single_bit(program_.dispatch_slots.size())) return Fail("the table of rules");
  size_t used = 0;
  for (const DispatchSlot& slot : program_.dispatch_slots) {
    if (slot.permission == kNoIndex) continue;
    ++used;
    Index(slot.dispatch, program_.dispatches.size(), "a list of rules");
    Index(slot.subject_type, kMaxNumber, "a type");
    Index(slot.object_type, kMaxNumber, "a type");
    if (program_.SymbolOfNumber(kPermissionSpace, slot.permission) == kNoIndex) {
      Fail("a permission without a record");
    }
  }
  if (used * 2 > program_.dispatch_slots.size()) Fail("the table of rules");
  const auto rules = [&](Range range, dsl::Effect effect) {
    if (!List(range, program_.rules.size(), "a rule")) return;
    for (uint32_t rule : program_.List(range)) {
      if (program_.rules[rule].effect != static_cast<uint32_t>(effect)) Fail("a rule's effect");
    }
  };
  for (const DispatchRecord& dispatch : program_.dispatches) {
    rules(dispatch.permits, dsl::Effect::kPermit);
    rules(dispatch.forbids, dsl::Effect::kForbid);
    rules(dispatch.notes, dsl::Effect::kNote);
  }
  const auto masked = [&](Range range, Range masks, dsl::Effect effect) {
    rules(range, effect);
    if (range.count != masks.count || !Inside(masks, program_.lists.size(), "masks of rules")) {
      return Fail("masks of rules");
    }
    for (uint32_t mask : program_.List(masks)) PermissionMask(mask);
  };
  for (const PairRecord& pair : program_.pairs) {
    masked(pair.permits, pair.permit_masks, dsl::Effect::kPermit);
    masked(pair.forbids, pair.forbid_masks, dsl::Effect::kForbid);
    if (pair.requiring != kNoIndex) PermissionMask(pair.requiring);
  }
}

// Of permissions that have records.
void Verifier::PermissionMask(uint32_t mask) {
  if (!Mask(mask, kPermissionSpace)) return;
  for (uint32_t number = 0; number < program_.mask_words(kPermissionSpace) * 64; ++number) {
    if (program_.Bit(mask, number) &&
        program_.SymbolOfNumber(kPermissionSpace, number) == kNoIndex) {
      return Fail("a permission without a record");
    }
  }
}

std::string Verifier::Run() {
  using Check = void (Verifier::*)();
  Text(program_.header().time_zone);
  Text(program_.header().policy);
  Index(program_.header().is_relation, kMaxNumber, "a relation");
  Index(program_.header().holds_relation, kMaxNumber, "a relation");
  for (Check check : {&Verifier::CheckTypes, &Verifier::CheckSymbols, &Verifier::CheckRequirements,
                      &Verifier::CheckNames, &Verifier::CheckTerms, &Verifier::CheckTexts,
                      &Verifier::CheckNodes, &Verifier::CheckOwners, &Verifier::CheckDispatch,
                      &Verifier::CheckChanges, &Verifier::CheckLimits}) {
    if (failure_.empty()) (this->*check)();
  }
  return failure_;
}

Result<Program> ReadProgramUnsummed(std::string_view bytes) {
  ProgramHeader header;
  if (bytes.size() < sizeof(header)) return Corrupt("too short");
  if (reinterpret_cast<uintptr_t>(bytes.data()) % 8 != 0) return Corrupt("not aligned");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kProgramMagic) return Corrupt("not a program");
  if (header.format != kProgramFormat) {
    return Error{Error::Code::kTooNew, "the decision program has format " +
                                           std::to_string(header.format) + ", this Portvakt runs " +
                                           std::to_string(kProgramFormat)};
  }
  if (header.total_bytes != bytes.size()) return Corrupt("cut short");
  Program program;
  if (!ProgramReader::Open(bytes, program)) return Corrupt("a section lies outside");
  const std::string failure = Verifier(program).Run();
  if (!failure.empty()) return Corrupt(failure);
  return program;
}

Result<Program> ReadProgram(std::string_view bytes) {
  ProgramHeader header;
  if (bytes.size() >= sizeof(header)) {
    std::memcpy(&header, bytes.data(), sizeof(header));
    // Other formats may sum otherwise.
    if (header.magic == kProgramMagic && header.format == kProgramFormat &&
        header.checksum != ProgramChecksum(bytes)) {
      return Corrupt("its checksum is wrong");
    }
  }
  return ReadProgramUnsummed(bytes);
}

}  // namespace portvakt::engine
