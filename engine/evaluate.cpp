// Conditions over facts, roles, licences and definitions.
#include <algorithm>

#include "engine/evaluator.h"
#include "engine/fits.h"

namespace portvakt::engine {
namespace {

constexpr size_t kClosureSlots = 64;
// Marks a whole decision among what is remembered; smaller numbers are definitions.
constexpr uint32_t kMayMark = 0xffffffffu;

}  // namespace

Evaluator::Evaluator()
    : registers_(new uint64_t[kMaxRegisters]),
      masks_(new uint64_t[kMaxMaskPool]),
      remembered_(kRememberedSlots),
      closures_(kClosureSlots) {}

uint64_t* Evaluator::PushFrame(uint32_t variable_count) {
  if (registers_used_ + variable_count > kMaxRegisters) {
    exhausted_ = true;
    return nullptr;
  }
  uint64_t* frame = registers_.get() + registers_used_;
  registers_used_ += variable_count;
  return frame;
}

bool Evaluator::Admits(Range types, EntityId entity) const {
  if (!IsEntity(entity)) return false;
  const uint16_t type = TypeOf(entity);
  for (uint32_t each : program_->List(types)) {
    if (each == type) return true;
  }
  return false;
}

// Whether an unknown entity of the term's declared types could stand in the slot.
bool Evaluator::MayAdmit(Range types, uint32_t term) const {
  const uint32_t value_type = program_->terms[term].value_type;
  const auto admitted = program_->List(types);
  for (uint32_t type : program_->List(program_->value_types[value_type].entity_types)) {
    if (std::find(admitted.begin(), admitted.end(), type) != admitted.end()) return true;
  }
  return false;
}

// Whether every entity of the term's declared types could.
bool Evaluator::MustAdmit(Range types, uint32_t term) const {
  const uint32_t value_type = program_->terms[term].value_type;
  const auto admitted = program_->List(types);
  const auto declared = program_->List(program_->value_types[value_type].entity_types);
  return std::all_of(declared.begin(), declared.end(), [&](uint32_t type) {
    return std::find(admitted.begin(), admitted.end(), type) != admitted.end();
  });
}

Tri Evaluator::LookForAdmission(Range types, uint32_t term, EntityId entity) const {
  if (entity == kUnknownEntity) return MayAdmit(types, term) ? Tri::kUnknown : Tri::kFalse;
  return From(Admits(types, entity));
}

Tri Evaluator::Test(uint32_t id, uint64_t* frame) {
  const Depth depth(*this);
  if (exhausted_ || !Step()) return Tri::kUnknown;
  const NodeRecord& node = program_->nodes[id];
  switch (node.op) {
    case Op::kTrue: return Tri::kTrue;
    case Op::kAnd:
    case Op::kOr: return TestChildren(node, frame);
    case Op::kNot: return Not(Test(program_->lists[node.children.first], frame));
    case Op::kSomeEntity: return TestSomeEntity(node, frame);
    case Op::kSomeSymbol: return TestSomeSymbol(node, frame);
    case Op::kFact: return TestFact(node, frame);
    case Op::kRole: return TestRole(node, frame);
    case Op::kHolds: return TestHolds(node, frame);
    case Op::kDefine: return TestDefine(node, frame);
    case Op::kMay: return TestMay(node, frame);
    case Op::kCompare: return TestCompare(node, frame);
    case Op::kPresent:
    case Op::kAbsent: return TestPresence(node, frame);
    case Op::kIsType: return TestIsType(node, frame);
    case Op::kFlag: return TestFlag(node, frame);
    case Op::kContains: return TestContains(node, frame);
    case Op::kSeatFree: return TestSeatFree(node, frame);
    case Op::kTable:
    case Op::kSymbolIs:
    case Op::kSameSymbol: return TestStatic(node, frame);
  }
  return Tri::kUnknown;
}

Tri Evaluator::TestChildren(const NodeRecord& node, uint64_t* frame) {
  const bool is_and = node.op == Op::kAnd;
  const Tri decided = is_and ? Tri::kFalse : Tri::kTrue;
  Tri value = Not(decided);
  for (uint32_t child : program_->List(node.children)) {
    const Tri part = Test(child, frame);
    value = is_and ? And(value, part) : Or(value, part);
    if (value == decided) break;
  }
  return value;
}

Tri Evaluator::TestSomeEntity(const NodeRecord& node, uint64_t* frame) {
  std::vector<EntityId>& candidates = TakeBuffer();
  Candidates(node, node.source, frame, candidates);
  Tri value = Tri::kFalse;
  for (EntityId candidate : candidates) {
    if (!Step()) break;
    frame[node.variable] = candidate;
    value = Or(value, Test(program_->lists[node.children.first], frame));
    if (value == Tri::kTrue) break;
  }
  GiveBuffer();
  return exhausted_ ? Tri::kUnknown : value;
}

bool Evaluator::SlotsRefuse(const NodeRecord& node, const uint64_t* frame) {
  Range subjects;
  Range objects;
  const uint32_t symbol = node.symbol == kNoIndex ? 0 : SymbolOf(node.symbol, frame);
  if (node.op == Op::kFact) {
    const FactRecord& fact = program_->facts[node.index];
    subjects = fact.subject_types;
    objects = fact.object_types;
    if (fact.has_symbol != 0) {
      if (symbol == kNoSymbol) return true;
      if (fact.allowed != kNoIndex && !program_->Bit(fact.allowed, symbol)) return true;
    }
  } else {
    const bool role = node.op == Op::kRole;
    const uint32_t index = program_->SymbolOfNumber(role ? kRoleSpace : kLicenceSpace, symbol);
    if (index == kNoIndex) return true;
    if (role) {
      const EntityId subject = EntityOf(node.subject, frame);
      const EntityId object = node.object == kNoIndex ? kNoEntity : EntityOf(node.object, frame);
      return RoleAdmission(node, program_->roles[index], subject, object) == Tri::kFalse;
    }
    subjects = program_->licences[index].held_by;
    objects = program_->licences[index].from;
    if ((objects.count == 0) != (node.object == kNoIndex)) return true;
  }
  if (Admission(subjects, node.subject, EntityOf(node.subject, frame)) == Tri::kFalse) return true;
  return node.object != kNoIndex &&
         Admission(objects, node.object, EntityOf(node.object, frame)) == Tri::kFalse;
}

Tri Evaluator::TestFact(const NodeRecord& node, const uint64_t* frame) {
  const FactRecord& fact = program_->facts[node.index];
  const EntityId subject = EntityOf(node.subject, frame);
  Tri known = Admission(fact.subject_types, node.subject, subject, (node.fits & kSubjectFits) != 0);
  if (known == Tri::kFalse) return Tri::kFalse;
  EntityId object = kNoEntity;
  if (node.object != kNoIndex) {
    object = EntityOf(node.object, frame);
    known = And(known,
                Admission(fact.object_types, node.object, object, (node.fits & kObjectFits) != 0));
    if (known == Tri::kFalse) return Tri::kFalse;
  }
  uint32_t symbol = 0;
  if (fact.has_symbol != 0) {
    symbol = SymbolOf(node.symbol, frame);
    if (symbol == kNoSymbol) return Tri::kFalse;
    if (fact.allowed != kNoIndex && !program_->Bit(fact.allowed, symbol)) return Tri::kFalse;
  }
  if (known == Tri::kUnknown) return Tri::kUnknown;
  if (fact.transitive != 0 && node.directly == 0) {
    const Closure& closure = FindClosure(node.index, symbol, subject, Direction::kObjectsOf);
    return From(std::binary_search(closure.reached.begin(), closure.reached.end(), object));
  }
  return From(reader_.Holds(static_cast<uint16_t>(fact.relation), symbol, subject, object));
}

// The slots of a role are its own and those of the roles that include it.
Tri Evaluator::RoleAdmission(const NodeRecord& node, const RoleRecord& role, EntityId subject,
                             EntityId object) const {
  Tri known = Tri::kFalse;
  for (uint32_t other : program_->List(role.included_by)) {
    const RoleRecord& held = program_->roles[other];
    if ((held.on.count == 0) != (node.object == kNoIndex)) continue;
    Tri slots = Admission(held.held_by, node.subject, subject);
    if (node.object != kNoIndex) slots = And(slots, Admission(held.on, node.object, object));
    known = Or(known, slots);
  }
  return known;
}

// A role is held directly or through one that includes it, about the same things.
bool Evaluator::RoleHeld(uint32_t number, uint32_t program, bool on, EntityId subject,
                         EntityId object) {
  const auto is = static_cast<uint16_t>(program_->header().is_relation);
  const uint32_t index = program_->SymbolOfNumber(kRoleSpace, number);
  if (index == kNoIndex) return false;
  const RoleRecord& role = program_->roles[index];
  for (uint32_t other : program_->List(role.included_by)) {
    const RoleRecord& held = program_->roles[other];
    if ((held.on.count != 0) != on) continue;
    if (held.for_program != 0) {
      const auto relation = static_cast<uint16_t>(held.program_relation);
      if (program == kAnySymbol ? reader_.HoldsAny(relation, subject, object)
                                : reader_.Holds(relation, program, subject, object)) {
        return true;
      }
    } else if (program == kAnySymbol && reader_.Holds(is, held.number, subject, object)) {
      return true;
    }
  }
  return false;
}

Tri Evaluator::TestRoleOf(const NodeRecord& node, uint32_t number, uint32_t program,
                          EntityId subject, EntityId object) {
  const uint32_t index = program_->SymbolOfNumber(kRoleSpace, number);
  if (index == kNoIndex) return Tri::kFalse;
  const Tri known = RoleAdmission(node, program_->roles[index], subject, object);
  if (known != Tri::kTrue) return known;
  return From(RoleHeld(number, program, node.object != kNoIndex, subject, object));
}

Tri Evaluator::TestRole(const NodeRecord& node, const uint64_t* frame) {
  const EntityId subject = EntityOf(node.subject, frame);
  const EntityId object = node.object == kNoIndex ? kNoEntity : EntityOf(node.object, frame);
  const uint32_t program = node.program == kNoIndex ? kAnySymbol : SymbolOf(node.program, frame);
  if (program == kNoSymbol) return Tri::kFalse;
  return TestRoleOf(node, SymbolOf(node.symbol, frame), program, subject, object);
}

Tri Evaluator::TestLicence(const NodeRecord& node, uint32_t number, EntityId subject,
                           EntityId object) {
  const uint32_t index = program_->SymbolOfNumber(kLicenceSpace, number);
  if (index == kNoIndex) return Tri::kFalse;
  const LicenceRecord& licence = program_->licences[index];
  if ((licence.from.count == 0) != (node.object == kNoIndex)) return Tri::kFalse;
  Tri known = Admission(licence.held_by, node.subject, subject, (node.fits & kSubjectFits) != 0);
  if (node.object != kNoIndex) {
    known =
        And(known, Admission(licence.from, node.object, object, (node.fits & kObjectFits) != 0));
  }
  if (known != Tri::kTrue) return known;
  const auto holds = static_cast<uint16_t>(program_->header().holds_relation);
  return From(reader_.Holds(holds, number, subject, object));
}

Tri Evaluator::TestHolds(const NodeRecord& node, const uint64_t* frame) {
  const EntityId subject = EntityOf(node.subject, frame);
  const EntityId object = node.object == kNoIndex ? kNoEntity : EntityOf(node.object, frame);
  return TestLicence(node, SymbolOf(node.symbol, frame), subject, object);
}

// More seats are owned than are taken now.
Tri Evaluator::TestSeatFree(const NodeRecord& node, const uint64_t* frame) {
  const EntityId pool = EntityOf(node.object, frame);
  const uint32_t number = SymbolOf(node.symbol, frame);
  const uint32_t index = program_->SymbolOfNumber(kLicenceSpace, number);
  if (index == kNoIndex) return Tri::kFalse;
  const LicenceRecord& licence = program_->licences[index];
  const Tri known = Admission(licence.from, node.object, pool);
  if (known != Tri::kTrue) return known;
  if (IsTransient(pool)) return Tri::kFalse;
  const uint32_t owned = reader_.view().FindSeats(pool, static_cast<uint16_t>(number));
  uint32_t taken = 0;
  std::vector<EntityId>& holders = TakeBuffer();
  for (uint32_t type : program_->List(licence.held_by)) {
    reader_.view().Neighbours(Direction::kSubjectsOf, pool, static_cast<uint16_t>(type), holders);
  }
  const auto holds = static_cast<uint16_t>(program_->header().holds_relation);
  for (EntityId holder : holders) {
    if (!Step() || taken >= owned) break;
    if (reader_.Holds(holds, number, holder, pool)) ++taken;
  }
  GiveBuffer();
  return From(owned > taken);
}

uint64_t* Evaluator::PushCall(const NodeRecord& node, const uint64_t* frame, Tri& verdict) {
  const DefineRecord& define = program_->defines[node.index];
  uint64_t* callee = PushFrame(define.variables.count);
  if (callee == nullptr) {
    verdict = Tri::kUnknown;
    return nullptr;
  }
  verdict = Tri::kTrue;
  for (uint32_t i = 0; i < node.arguments.count; ++i) {
    const uint32_t term = program_->lists[node.arguments.first + i];
    const VariableRecord& parameter = program_->variables[define.variables.first + i];
    if (parameter.is_symbol != 0) {
      callee[i] = SymbolOf(term, frame);
      continue;
    }
    callee[i] = EntityOf(term, frame);
    const bool fits = i < kFittingArguments && (node.fits >> i & 1) != 0;
    if (Admission(parameter.types, term, callee[i], fits) == Tri::kFalse) {
      PopFrame(callee);
      verdict = Tri::kFalse;
      return nullptr;
    }
    if (callee[i] == kUnknownEntity && !fits && !MustAdmit(parameter.types, term)) {
      verdict = Tri::kUnknown;
    }
  }
  return callee;
}

Tri Evaluator::TestDefinition(const DefineRecord& define, std::span<const uint64_t> arguments) {
  for (uint32_t i = 0; i < define.parameter_count; ++i) {
    const VariableRecord& parameter = program_->variables[define.variables.first + i];
    const bool fits = parameter.is_symbol == 0 ? Admits(parameter.types, arguments[i])
                      : parameter.allowed != kNoIndex
                          ? program_->Bit(parameter.allowed, static_cast<uint32_t>(arguments[i]))
                          : true;
    if (!fits) return Tri::kFalse;
  }
  uint64_t* frame = PushFrame(define.variables.count);
  if (frame == nullptr) return Tri::kUnknown;
  std::copy(arguments.begin(), arguments.end(), frame);
  const Tri value = Test(define.condition, frame);
  PopFrame(frame);
  return exhausted_ ? Tri::kUnknown : value;
}

Evaluator::Remembered& Evaluator::SlotOf(uint32_t what, const uint64_t* arguments, uint32_t count) {
  uint64_t hash = what;
  for (uint32_t i = 0; i < count; ++i) hash = Mix(hash, arguments[i]);
  return remembered_[hash % kRememberedSlots];
}

Tri Evaluator::TestDefine(const NodeRecord& node, uint64_t* frame) {
  Tri admitted = Tri::kUnknown;
  uint64_t* callee = PushCall(node, frame, admitted);
  if (callee == nullptr) return admitted;
  Tri value = Tri::kUnknown;
  const DefineRecord& define = program_->defines[node.index];
  const uint32_t count = define.parameter_count;
  const bool remember = define.remembered != 0 && count <= 4;
  if (!remember) {
    value = Test(define.condition, callee);
  } else if (Remembered& slot = SlotOf(node.index, callee, count);
             slot.Is(generation_, node.index, callee, count)) {
    value = slot.value;
  } else {
    value = Test(define.condition, callee);
    if (!exhausted_) slot.Keep(generation_, node.index, callee, count, value);
  }
  PopFrame(callee);
  return And(admitted, value);
}

Tri Evaluator::TestMay(const NodeRecord& node, const uint64_t* frame) {
  const EntityId subject = EntityOf(node.subject, frame);
  const EntityId object = EntityOf(node.object, frame);
  if (subject == kUnknownEntity || object == kUnknownEntity) return Tri::kUnknown;
  if (!IsEntity(subject) || !IsEntity(object)) return Tri::kFalse;
  const uint32_t permission = SymbolOf(node.symbol, frame);
  const uint64_t arguments[] = {subject, permission, object};
  Remembered& slot = SlotOf(kMayMark, arguments, 3);
  if (slot.Is(generation_, kMayMark, arguments, 3)) return slot.value;
  const Tri value = Decide(subject, permission, object);
  if (!exhausted_) slot.Keep(generation_, kMayMark, arguments, 3, value);
  return value;
}

Tri Evaluator::TestIsType(const NodeRecord& node, const uint64_t* frame) {
  const EntityId entity = EntityOf(node.subject, frame);
  return entity == kUnknownEntity ? Tri::kUnknown : From(Admits(node.types, entity));
}

Tri Evaluator::TestStatic(const NodeRecord& node, const uint64_t* frame) const {
  const uint32_t symbol = SymbolOf(node.symbol, frame);
  if (symbol == kNoSymbol) return Tri::kFalse;
  if (node.op == Op::kSymbolIs) return From(program_->Bit(node.mask, symbol));
  const uint32_t other = SymbolOf(node.other, frame);
  if (other == kNoSymbol) return Tri::kFalse;
  if (node.op == Op::kSameSymbol) return From(symbol == other);
  const uint64_t* row = program_->Row(node.index, symbol);
  return From((row[other / 64] >> (other % 64) & 1) != 0);
}

}  // namespace portvakt::engine
