// Naming what the history holds as numbers.
#include "engine/history_words.h"

#include <algorithm>

#include "dsl/module.h"
#include "engine/address.h"

namespace portvakt::engine {
namespace {

constexpr std::string_view kRole = "is";
constexpr std::string_view kHolds = "holds";
constexpr std::string_view kFor = " for";

Space SpaceOf(uint32_t symbol_space) {
  switch (symbol_space) {
    case kRoleSpace: return Space::kRole;
    case kLicenceSpace: return Space::kLicence;
    case kProgramSpace: return Space::kProgram;
    default: return Space::kPermission;
  }
}

// `is ROLE for`: the relation of a role that is held for a program.
std::string_view RoleForProgram(std::string_view relation) {
  if (relation.size() <= kRole.size() + 1 + kFor.size() || !relation.starts_with(kRole) ||
      relation[kRole.size()] != ' ' || !relation.ends_with(kFor)) {
    return {};
  }
  relation.remove_prefix(kRole.size() + 1);
  relation.remove_suffix(kFor.size());
  return relation;
}

}  // namespace

EntityName HistoryWords::NameOf(EntityId entity) const {
  EntityName name;
  name.type = snapshot_.NameOf(Space::kType, TypeOf(entity));
  std::string_view record = ReadRecord(tables_.transaction, entity);
  Cursor past(tables_.transaction, StoreTable::kPastRecords);
  Key last;
  last.Add(entity).Add(~uint64_t{0});
  if (record.empty() && past.SeekBefore(last) && GetBig<EntityId>(past.key(), 0) == entity) {
    record = WithoutSince(past.value());
  }
  // One that came and went in one revision left no record.
  name.id = record.empty() ? "#" + std::to_string(entity & (kTransientIndex - 1))
                           : std::string(Record(record).id());
  return name;
}

std::string HistoryWords::SymbolName(Space space, uint32_t number) const {
  const std::string_view name = snapshot_.NameOf(space, number);
  return name.empty() ? "#" + std::to_string(number) : std::string(name);
}

const FactRecord* HistoryWords::FindFact(uint32_t relation) const {
  if (program_.empty()) return nullptr;
  for (const FactRecord& fact : program_.facts) {
    if (fact.relation == relation) return &fact;
  }
  return nullptr;
}

FactName HistoryWords::NameOf(const FactKey& fact) const {
  FactName name;
  name.subject = NameOf(fact.subject);
  if (fact.object != kNoEntity) name.object = NameOf(fact.object);
  name.relation = snapshot_.NameOf(Space::kRelation, fact.relation);
  if (const std::string role(RoleForProgram(name.relation)); !role.empty()) {
    name.relation = kRole;
    name.symbol = role;
    name.program = SymbolName(Space::kProgram, fact.symbol);
  } else if (name.relation == kRole) {
    name.symbol = SymbolName(Space::kRole, fact.symbol);
  } else if (name.relation == kHolds) {
    name.symbol = SymbolName(Space::kLicence, fact.symbol);
  } else if (const FactRecord* known = FindFact(fact.relation)) {
    if (known->has_symbol != 0) name.symbol = SymbolName(SpaceOf(known->symbol_space), fact.symbol);
  } else if (fact.symbol != 0) {
    name.symbol = "#" + std::to_string(fact.symbol);  // of a fact that this policy does not know
  }
  return name;
}

std::string HistoryWords::Sentence(const FactName& fact) const {
  const auto with = [](const char* word, const std::string& text) {
    return text.empty() ? "" : std::string(" ") + word + " " + text;
  };
  const std::string object = fact.object ? fact.object->id : "";
  if (fact.relation == kRole) {
    return fact.subject.id + " is " + fact.symbol + with("for", fact.program) + with("on", object);
  }
  if (fact.relation == kHolds) {
    return fact.subject.id + " holds " + fact.symbol + with("from", object);
  }
  const auto relation = snapshot_.FindNumber(Space::kRelation, fact.relation);
  const FactRecord* known = relation ? FindFact(*relation) : nullptr;
  if (known == nullptr) {
    return fact.subject.id + " " + fact.relation + (fact.symbol.empty() ? "" : " ") + fact.symbol +
           (object.empty() ? "" : " ") + object;
  }
  std::string text;
  const std::string_view format = program_.Text(known->format);
  for (size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '{' || at + 2 >= format.size() || format[at + 2] != '}') {
      text += format[at];
      continue;
    }
    text += format[at + 1] == '0' ? fact.subject.id : format[at + 1] == '1' ? object : fact.symbol;
    at += 2;
  }
  return text;
}

std::string HistoryWords::SeatsSentence(const std::string& licence, const EntityName& pool,
                                        uint32_t seats) {
  return "seats of " + licence + " in " + pool.id + " is " + std::to_string(seats);
}

std::string HistoryWords::ScalarText(const ValueTypeRecord* type, const StoredValue& value) const {
  switch (value.kind) {
    case StoredValue::Kind::kEntity: return NameOf(value.entity()).id;
    case StoredValue::Kind::kText:
      return type != nullptr && static_cast<dsl::ValueKind>(type->kind) == dsl::ValueKind::kIp
                 ? FormatAddress(value.text)
                 : value.text;
    default: break;
  }
  return type == nullptr ? std::to_string(value.number) : NumberText(program_, *type, value.number);
}

std::string HistoryWords::ValueText(uint16_t attribute, const StoredValue& value) const {
  const ValueTypeRecord* type = nullptr;
  if (!program_.empty()) {
    for (const StepRecord& step : program_.steps) {
      if (step.attribute == attribute) type = &program_.value_types[step.value_type];
    }
  }
  if (value.kind != StoredValue::Kind::kSet) return ScalarText(type, value);
  std::string list;
  for (const StoredValue& member : value.set) {
    list += (list.empty() ? "" : ", ") + ScalarText(type, member);
  }
  return "{" + list + "}";
}

PastChange::Attributes HistoryWords::AttributesIn(std::string_view record) const {
  PastChange::Attributes attributes;
  for (const StoredAttribute& attribute : Record(record).All()) {
    attributes.emplace_back(snapshot_.NameOf(Space::kAttribute, attribute.attribute),
                            ValueText(attribute.attribute, attribute.value));
  }
  return attributes;
}

PastChange HistoryWords::Describe(const Change& change) const {
  using Kind = PastChange::Kind;
  PastChange out;
  switch (change.kind) {
    case Change::Kind::kAddFact:
    case Change::Kind::kRemoveFact:
      out.kind = change.kind == Change::Kind::kRemoveFact ? Kind::kRemoved
                 : change.existed                         ? Kind::kProlonged
                                                          : Kind::kAdded;
      out.fact = NameOf(change.fact);
      out.validity = change.validity;
      out.validity_before = change.validity_before;
      out.text = Sentence(out.fact);
      break;
    case Change::Kind::kPutEntity:
    case Change::Kind::kRemoveEntity:
      out.kind = change.kind == Change::Kind::kRemoveEntity ? Kind::kDeleted
                 : change.record_before.empty()             ? Kind::kCreated
                                                            : Kind::kSet;
      out.entity.type = snapshot_.NameOf(Space::kType, TypeOf(change.entity));
      out.entity.id = Record(change.record.empty() ? change.record_before : change.record).id();
      out.attributes = AttributesIn(change.record);
      out.attributes_before = AttributesIn(change.record_before);
      out.text = out.entity.type + " " + out.entity.id;
      for (const auto& [name, value] : out.attributes) {
        const std::pair<std::string, std::string> same(name, value);
        const auto& before = out.attributes_before;
        if (std::find(before.begin(), before.end(), same) != before.end()) continue;
        out.text += ", " + name + " is " + value;
      }
      break;
    case Change::Kind::kSetSeats:
      out.kind = Kind::kSeats;
      out.entity = NameOf(change.entity);
      out.licence = SymbolName(Space::kLicence, change.licence);
      out.seats = change.number;
      out.seats_before = change.number_before;
      out.text = SeatsSentence(out.licence, out.entity, out.seats) +
                 " (before: " + std::to_string(out.seats_before) + ")";
      break;
    case Change::Kind::kInstallPolicy:
    case Change::Kind::kActivatePolicy:
    case Change::Kind::kDropPolicy:
      out.kind = change.kind == Change::Kind::kInstallPolicy    ? Kind::kInstalled
                 : change.kind == Change::Kind::kActivatePolicy ? Kind::kActivated
                                                                : Kind::kDropped;
      out.policy = change.number;
      out.policy_before = change.number_before;
      out.text = "policy version " + std::to_string(out.policy);
      break;
  }
  return out;
}

RevisionStamp HistoryWords::StampOf(const RevisionInfo& info) const {
  RevisionStamp stamp;
  stamp.revision = info.revision;
  stamp.instant_us = info.instant_us;
  if (info.actor_entity != kNoEntity) stamp.actor = NameOf(info.actor_entity);
  if (info.second != kNoEntity) stamp.second = NameOf(info.second);
  if (info.actor_entity == kNoEntity) stamp.operator_name = info.actor;
  stamp.reason = info.reason;
  stamp.ticket = info.ticket;
  return stamp;
}

std::string_view HistoryWords::RelationWord(uint16_t relation) const {
  const std::string_view name = snapshot_.NameOf(Space::kRelation, relation);
  return RoleForProgram(name).empty() ? name : kRole;
}

std::vector<EntityId> HistoryWords::Find(const EntityName& name) const {
  std::vector<EntityId> found;
  const auto type = snapshot_.FindNumber(Space::kType, name.type);
  if (!type || name.id.size() > kMaxIdBytes) return found;
  const auto number = static_cast<uint16_t>(*type);
  const Key from = PastIdKey(number, name.id, 0);
  const std::string_view prefix = from.view().substr(0, from.view().size() - sizeof(uint64_t));
  Cursor past(tables_.transaction, StoreTable::kPastIds);
  for (bool more = past.Seek(from); more && past.key().starts_with(prefix); more = past.Next()) {
    found.push_back(GetNumber<EntityId>(past.value()));
  }
  if (const auto now = snapshot_.FindEntity(number, name.id)) found.push_back(*now);
  return found;
}

Result<FactKey> HistoryWords::FindKey(const FactName& fact) const {
  FactKey key;
  std::string relation = fact.relation;
  Space space = Space::kPermission;
  std::string symbol = fact.symbol;
  const bool for_program = relation == kRole && !fact.program.empty();
  if (for_program) {
    relation = std::string(kRole) + " " + fact.symbol + std::string(kFor);
    space = Space::kProgram;
    symbol = fact.program;
  } else if (relation == kRole) {
    space = Space::kRole;
  } else if (relation == kHolds) {
    space = Space::kLicence;
  }
  const auto number = snapshot_.FindNumber(Space::kRelation, relation);
  if (!number) return Error{Error::Code::kNotFound, "no fact `" + relation + "` was ever stored"};
  key.relation = static_cast<uint16_t>(*number);
  if (relation != kRole && relation != kHolds && !for_program) {
    const FactRecord* known = FindFact(*number);
    if (known != nullptr) space = SpaceOf(known->symbol_space);
  }
  if (symbol.empty()) return key;
  const auto found = snapshot_.FindNumber(space, symbol);
  if (!found) return Error{Error::Code::kNotFound, "`" + symbol + "` was never stored"};
  key.symbol = static_cast<uint16_t>(*found);
  return key;
}

}  // namespace portvakt::engine
