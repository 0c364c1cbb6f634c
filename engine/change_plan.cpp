// Facts, roles, licences, seats and entities by their names. What is wrong is told in the words of
// the policy, with what would be right.
#include "engine/change_plan.h"

#include <algorithm>

#include "engine/compile.h"
#include "engine/lasting.h"

namespace portvakt::engine {
namespace {

using dsl::SymbolKind;

std::string Sentence(std::string message, const std::string& help) {
  return help.empty() ? message : std::move(message) + "; " + help;
}

bool Has(const std::vector<uint32_t>& list, uint32_t wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// What a fact's names stand for, before its entities are looked up.
struct FactForm {
  const dsl::Fact* fact = nullptr;  // of a declared fact
  ProposedChange::Target target = ProposedChange::Target::kFact;
  std::string relation;  // in Space::kRelation
  const std::vector<dsl::TypeId>* subjects = nullptr;
  const std::vector<dsl::TypeId>* objects = nullptr;  // null: about one entity
  bool has_symbol = false;
  SymbolKind symbol_kind = SymbolKind::kPermission;
  std::string symbol;  // what the bit stands for: of a role for a program, the program
  std::string text;    // how it is written
};

class ChangePlanner {
 public:
  ChangePlanner(const DataNames& names, const View& view, int64_t now_us, const ChangeItem& item,
                ChangePlan& plan, ChangeVerdict& verdict)
      : names_(names), view_(view), now_us_(now_us), item_(item), plan_(plan), verdict_(verdict) {}

  bool Plan() {
    switch (item_.kind) {
      case ChangeItem::Kind::kAdd:
      case ChangeItem::Kind::kRemove: return PlanFact();
      case ChangeItem::Kind::kSeats: return PlanSeats();
      case ChangeItem::Kind::kCreate: return PlanCreate();
      case ChangeItem::Kind::kDelete: return PlanDelete();
      case ChangeItem::Kind::kSet: return PlanSet();
    }
    return false;
  }

 private:
  const dsl::Module& module() const { return names_.module(); }
  bool Fail(const char* code, std::string text) { return Invalid(verdict_, code, std::move(text)); }
  bool UnknownName(const std::string& name, const std::string& kind,
                   const std::vector<std::string>& candidates) {
    return Fail("unknown_name",
                Sentence(Quoted(name) + " is no " + kind, DidYouMean(name, candidates)));
  }
  bool FindSymbol(SymbolKind kind, const std::string& name, uint32_t& symbol);
  bool FindNumber(Space space, const std::string& name, uint32_t& number);
  bool FindEntity(const EntityName& name, EntityId& entity);
  // Of a place that admits `types`.
  bool FindPart(const EntityName& name, const std::vector<dsl::TypeId>& types,
                const std::string& form, bool create, EntityId& entity);

  bool ReadForm(FactForm& form);
  bool ReadFactForm(const dsl::Fact& fact, FactForm& form);
  bool ReadRoleForm(FactForm& form);
  bool ReadHoldsForm(FactForm& form);
  bool PlanFact();
  bool PlanAddition(const FactForm& form, const FactKey& key, ProposedChange change);
  bool PlanSeats();
  bool PlanCreate();
  bool PlanDelete();
  bool PlanSet();

  const DataNames& names_;
  const View& view_;
  int64_t now_us_;
  const ChangeItem& item_;
  ChangePlan& plan_;
  ChangeVerdict& verdict_;
};

// ---- names ------------------------------------------------------------------------------------

bool ChangePlanner::FindSymbol(SymbolKind kind, const std::string& name, uint32_t& symbol) {
  symbol = names_.FindSymbol(kind, name);
  return symbol != dsl::kNone || UnknownName(name, NameOfKind(kind), names_.SymbolNames(kind));
}

bool ChangePlanner::FindNumber(Space space, const std::string& name, uint32_t& number) {
  const auto found = view_.FindNumber(space, name);
  if (!found) return Fail("unknown_name", "the store has no number for " + Quoted(name));
  number = *found;
  return true;
}

bool ChangePlanner::FindEntity(const EntityName& name, EntityId& entity) {
  std::string code;
  const Result<EntityId> found = FindNamed(names_, view_, name, code);
  if (!found) return Fail(code.c_str(), found.error().message);
  entity = *found;
  return true;
}

bool ChangePlanner::FindPart(const EntityName& name, const std::vector<dsl::TypeId>& types,
                             const std::string& form, bool create, EntityId& entity) {
  const dsl::TypeId type = names_.FindType(name.type);
  if (type != dsl::kNone && !names_.type(type).is_union && !Has(types, type)) {
    return Fail("wrong_shape", Quoted(name.type + " " + name.id) + " cannot stand here, only " +
                                   NamesOf(module(), types) + "; the policy says " + Quoted(form));
  }
  if (create && type != dsl::kNone && names_.type(type).open && !name.id.empty() &&
      name.id.size() <= kMaxIdBytes) {
    uint32_t number = 0;
    if (!FindNumber(Space::kType, name.type, number)) return false;
    entity = PlanEntity(view_, static_cast<uint16_t>(number), name.id, plan_);
    return true;
  }
  return FindEntity(name, entity);
}

// ---- facts ------------------------------------------------------------------------------------

bool ChangePlanner::ReadForm(FactForm& form) {
  const FactName& name = item_.fact;
  if (name.relation == "is") return ReadRoleForm(form);
  const dsl::FactId fact = names_.FindVerb(name.relation);
  if (name.relation != "holds" && fact == dsl::kNone) {
    std::vector<std::string> verbs = names_.verbs();
    verbs.insert(verbs.end(), {"is", "holds"});
    return Fail("unknown_name", Sentence("no fact is called " + Quoted(name.relation),
                                         DidYouMean(name.relation, verbs)));
  }
  if (!name.program.empty()) {
    return Fail("wrong_shape", "only a role is held for a program, not " + Quoted(name.relation));
  }
  return fact == dsl::kNone ? ReadHoldsForm(form) : ReadFactForm(module().facts[fact], form);
}

bool ChangePlanner::ReadFactForm(const dsl::Fact& fact, FactForm& form) {
  const dsl::SentenceShape& shape = fact.shape;
  form.fact = &fact;
  form.relation = shape.verb;
  form.text = shape.text;
  form.subjects = &shape.slots[fact.subject_slot].types;
  if (fact.object_slot != dsl::kNone) form.objects = &shape.slots[fact.object_slot].types;
  form.has_symbol = fact.symbol_slot != dsl::kNone;
  if (!form.has_symbol) return true;
  form.symbol = item_.fact.symbol;
  if (form.symbol.empty()) return true;
  const dsl::Slot& slot = shape.slots[fact.symbol_slot];
  form.symbol_kind = slot.symbol_kind;
  uint32_t symbol = 0;
  if (!FindSymbol(slot.symbol_kind, form.symbol, symbol)) return false;
  if (slot.allowed.empty() || Has(slot.allowed, symbol)) return true;
  return Fail("wrong_shape", Quoted(form.symbol) + " is not one of " + Quoted(slot.name) +
                                 "; the policy says " + Quoted(shape.text));
}

bool ChangePlanner::ReadRoleForm(FactForm& form) {
  const FactName& name = item_.fact;
  if (name.symbol.empty()) return Fail("wrong_shape", "the role is not named");
  uint32_t index = 0;
  if (!FindSymbol(SymbolKind::kRole, name.symbol, index)) return false;
  const dsl::Role& role = module().roles[index];
  form.target = ProposedChange::Target::kRole;
  form.text = NamesOf(module(), role.held_by) + " is " + role.name;
  if (role.for_program) form.text += " for PROGRAM";
  if (!role.on.empty()) form.text += " on " + NamesOf(module(), role.on);
  form.relation = role.for_program ? ProgramRoleRelation(role.name) : "is";
  form.subjects = &role.held_by;
  if (!role.on.empty()) form.objects = &role.on;
  form.has_symbol = true;
  form.symbol_kind = role.for_program ? SymbolKind::kProgram : SymbolKind::kRole;
  form.symbol = role.for_program ? name.program : name.symbol;
  if (role.for_program == name.program.empty()) {
    return Fail("wrong_shape",
                Quoted(role.name) +
                    (role.for_program ? " is held for a program" : " is not held for a program") +
                    "; write " + Quoted(form.text));
  }
  uint32_t program = 0;
  return !role.for_program || FindSymbol(SymbolKind::kProgram, name.program, program);
}

bool ChangePlanner::ReadHoldsForm(FactForm& form) {
  const FactName& name = item_.fact;
  if (name.symbol.empty()) return Fail("wrong_shape", "the licence is not named");
  uint32_t index = 0;
  if (!FindSymbol(SymbolKind::kLicence, name.symbol, index)) return false;
  const dsl::Licence& licence = module().licences[index];
  form.target = ProposedChange::Target::kHolds;
  form.text = NamesOf(module(), licence.held_by) + " holds " + licence.name;
  if (!licence.from.empty()) form.text += " from " + NamesOf(module(), licence.from);
  form.relation = "holds";
  form.subjects = &licence.held_by;
  if (!licence.from.empty()) form.objects = &licence.from;
  form.has_symbol = true;
  form.symbol_kind = SymbolKind::kLicence;
  form.symbol = name.symbol;
  return true;
}

bool ChangePlanner::PlanFact() {
  FactForm form;
  if (!ReadForm(form)) return false;
  const FactName& name = item_.fact;
  if (form.has_symbol == form.symbol.empty() ||
      (form.objects != nullptr) != name.object.has_value()) {
    return Fail("wrong_shape", "this is not how the fact is built; write " + Quoted(form.text));
  }
  if (!form.has_symbol && !name.symbol.empty()) {
    return Fail("wrong_shape", Quoted(name.symbol) + " has no place; write " + Quoted(form.text));
  }
  const bool adds = item_.kind == ChangeItem::Kind::kAdd;
  ProposedChange change;
  change.target = form.target;
  uint32_t relation = 0;
  uint32_t bit = 0;
  if (!FindNumber(Space::kRelation, form.relation, relation)) return false;
  if (form.has_symbol && !FindNumber(SpaceOf(form.symbol_kind), form.symbol, bit)) return false;
  if (form.has_symbol) change.symbol = bit;
  if (form.target == ProposedChange::Target::kFact) change.relation = relation;
  if (form.target == ProposedChange::Target::kRole && !name.program.empty()) {
    change.program = bit;
    if (!FindNumber(Space::kRole, name.symbol, change.symbol)) return false;
  }
  if (!FindPart(name.subject, *form.subjects, form.text, adds, change.subject)) return false;
  if (name.object && !FindPart(*name.object, *form.objects, form.text, adds, change.object)) {
    return false;
  }
  const FactKey key{static_cast<uint16_t>(relation), static_cast<uint16_t>(bit), change.subject,
                    change.object};
  if (adds) return PlanAddition(form, key, change);
  if (!item_.validity.always()) {
    return Fail("bad_validity", "a fact is removed whole; leave out `from` and `until`");
  }
  change.removes = true;
  plan_.asked.push_back(change);
  plan_.touched.push_back(change);
  Operation& operation = plan_.operations.emplace_back();
  operation.kind = Operation::Kind::kRemoveFact;
  operation.fact = key;
  return true;
}

// What is stored with another validity is given where the new one reaches further from now on, and
// taken where it reaches less: who may only add must not end what others gave.
bool ChangePlanner::PlanAddition(const FactForm& form, const FactKey& key, ProposedChange change) {
  WantedTime wanted;
  if (item_.validity.from_us != Validity::kAlways) wanted.from_us = item_.validity.from_us;
  if (item_.validity.until_us != Validity::kForEver) wanted.until_us = item_.validity.until_us;
  Operation operation;
  operation.fact = key;
  const auto fault = FixValidity(form.fact, wanted, now_us_, StandingValidity(view_, key, now_us_),
                                 operation.validity);
  if (fault) return Fail("bad_validity", Sentence(fault->message, fault->help));
  const Cell::Row row = view_.FindCell(key.subject, key.object)
                            .Find(key.relation, static_cast<uint16_t>(key.symbol / 64));
  const uint64_t mask = uint64_t{1} << (key.symbol % 64);
  change.adds = true;
  if ((row.bits & mask) != 0) {
    Validity old = (row.timed & mask) != 0 ? view_.FindValidity(key) : Validity{};
    Validity wide = operation.validity;
    old.from_us = std::max(old.from_us, now_us_);
    wide.from_us = std::max(wide.from_us, now_us_);
    const bool loses =
        old.from_us < old.until_us && (old.from_us < wide.from_us || wide.until_us < old.until_us);
    const bool gains = wide.from_us < wide.until_us &&
                       (wide.from_us < old.from_us || old.until_us < wide.until_us);
    if (loses) {
      ProposedChange taken = change;
      taken.adds = false;
      taken.removes = true;
      plan_.asked.push_back(taken);
      plan_.touched.push_back(taken);
      change.adds = gains;
    }
  }
  if (change.adds) {
    plan_.asked.push_back(change);
    plan_.touched.push_back(change);
  }
  plan_.operations.push_back(std::move(operation));
  return true;
}

// ---- seats ------------------------------------------------------------------------------------

bool ChangePlanner::PlanSeats() {
  uint32_t index = 0;
  if (!FindSymbol(SymbolKind::kLicence, item_.licence, index)) return false;
  const dsl::Licence& licence = module().licences[index];
  if (licence.from.empty()) {
    return Fail("wrong_shape", Quoted(licence.name) + " has no seats: it is held without `from`");
  }
  ProposedChange change;
  change.target = ProposedChange::Target::kSeats;
  if (!FindNumber(Space::kLicence, licence.name, change.symbol)) return false;
  const std::string form = "seats of " + licence.name + " in " + NamesOf(module(), licence.from);
  if (!FindPart(item_.entity, licence.from, form, true, change.subject)) return false;
  Operation& operation = plan_.operations.emplace_back();
  operation.kind = Operation::Kind::kSetSeats;
  operation.entity = change.subject;
  operation.licence = static_cast<uint16_t>(change.symbol);
  operation.seats = item_.seats;
  const uint32_t owned = view_.FindSeats(operation.entity, operation.licence);
  change.adds = item_.seats >= owned;
  change.removes = item_.seats < owned;
  plan_.asked.push_back(change);
  plan_.touched.push_back(change);
  return true;
}

// ---- entities ---------------------------------------------------------------------------------

bool ChangePlanner::PlanCreate() {
  const EntityName& name = item_.entity;
  std::string code;
  const Result<EntityId> found = FindNamed(names_, view_, name, code);
  if (!found && code == "unknown_type") return Fail(code.c_str(), found.error().message);
  if (found) return Fail("already_exists", "there is a " + name.type + " " + Quoted(name.id));
  if (name.id.empty() || name.id.size() > kMaxIdBytes) {
    return Fail("wrong_value", "an id has 1 to " + std::to_string(kMaxIdBytes) + " bytes");
  }
  uint32_t type = 0;
  if (!FindNumber(Space::kType, name.type, type)) return false;
  const EntityId entity = PlanEntity(view_, static_cast<uint16_t>(type), name.id, plan_);
  ProposedChange change;
  change.target = ProposedChange::Target::kEntity;
  change.adds = true;
  change.subject = entity;
  plan_.asked.push_back(change);
  plan_.touched.push_back(change);
  std::vector<StoredAttribute> attributes;
  if (!PlanAttributes(names_, view_, names_.FindType(name.type), entity, item_.attributes, true,
                      plan_, attributes, verdict_)) {
    return false;
  }
  plan_.operations.front().attributes = std::move(attributes);
  return true;
}

bool ChangePlanner::PlanDelete() {
  EntityId entity = kNoEntity;
  if (!FindEntity(item_.entity, entity)) return false;
  ProposedChange change;
  change.target = ProposedChange::Target::kEntity;
  change.removes = true;
  change.subject = entity;
  plan_.asked.push_back(change);
  PlanDeletion(names_, view_, entity, plan_);
  return true;
}

bool ChangePlanner::PlanSet() {
  EntityId entity = kNoEntity;
  if (!FindEntity(item_.entity, entity)) return false;
  if (item_.attributes.empty()) return Fail("wrong_shape", "no attribute is named");
  std::vector<StoredAttribute> attributes = view_.FindRecord(entity).All();
  if (!PlanAttributes(names_, view_, names_.FindType(item_.entity.type), entity, item_.attributes,
                      false, plan_, attributes, verdict_)) {
    return false;
  }
  Operation& operation = plan_.operations.emplace_back();
  operation.kind = Operation::Kind::kSetAttributes;
  operation.entity = entity;
  operation.attributes = std::move(attributes);
  return true;
}

}  // namespace

bool PlanChange(const DataNames& names, const View& view, int64_t now_us, const ChangeItem& item,
                ChangePlan& plan, ChangeVerdict& verdict) {
  return ChangePlanner(names, view, now_us, item, plan, verdict).Plan();
}

bool Invalid(ChangeVerdict& verdict, const char* code, std::string text) {
  verdict.outcome = ChangeVerdict::Outcome::kInvalid;
  verdict.reasons.push_back({code, std::move(text)});
  return false;
}

Result<EntityId> FindNamed(const DataNames& names, const View& view, const EntityName& name,
                           std::string& code) {
  const auto invalid = [](std::string message) {
    return Error{Error::Code::kInvalid, std::move(message)};
  };
  code = "unknown_type";
  const dsl::TypeId type = names.FindType(name.type);
  if (type == dsl::kNone) {
    return invalid(Sentence("there is no entity type " + Quoted(name.type),
                            DidYouMean(name.type, names.entity_types())));
  }
  if (names.type(type).is_union) {
    return invalid(Quoted(name.type) + " is a word for several types; write " +
                   NamesOf(names.module(), names.type(type).members));
  }
  code = "unknown_entity";
  const auto number = view.FindNumber(Space::kType, name.type);
  if (number && !name.id.empty() && name.id.size() <= kMaxIdBytes) {
    if (const auto entity = view.FindEntity(static_cast<uint16_t>(*number), name.id)) {
      return *entity;
    }
  }
  return invalid("there is no " + name.type + " " + Quoted(name.id));
}

}  // namespace portvakt::engine
