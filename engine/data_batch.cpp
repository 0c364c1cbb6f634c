// From names to numbers: entities and sentences of a load on their way into a Writer.
#include "engine/data_batch.h"

#include <algorithm>

#include "engine/lasting.h"

namespace portvakt::engine {

template <class T>
bool DataBatch::Good(const Result<T>& result, DataPlace place) {
  if (!result.ok()) findings_.Add(place, result.error().message);
  return result.ok();
}

// ---- entities ---------------------------------------------------------------------------------

void DataBatch::DeclareEntity(dsl::TypeId type, const DataNode& id) {
  const auto number = names_.TypeNumber(writer_, type);
  if (!Good(number, id.place)) return;
  Good(writer_.NumberEntity(number.value(), id.text), id.place);
}

bool DataBatch::CheckAttribute(const dsl::Type& type, const DataNode& key,
                               const dsl::Attribute*& out) {
  std::vector<std::string> names;
  for (const dsl::Attribute& attribute : type.attributes) {
    if (attribute.name == key.text) {
      out = &attribute;
      if (!attribute.from_request) return true;
      findings_.Add(key.place, Quoted(key.text) + " comes with requests and is not stored",
                    "the policy says `from request`; leave it out");
      return false;
    }
    if (!attribute.from_request) names.push_back(attribute.name);
  }
  std::string help = DidYouMean(key.text, names);
  if (help.empty() && names.empty()) help = "the type has no attributes to store";
  findings_.Add(key.place, Quoted(type.name) + " has no attribute " + Quoted(key.text), help);
  return false;
}

void DataBatch::CheckRequired(const dsl::Type& type, const DataNode& id,
                              const DataNode& attributes) {
  for (const dsl::Attribute& attribute : type.attributes) {
    if (attribute.optional || attribute.from_request) continue;
    bool present = false;
    for (size_t i = 0; i < attributes.entry_count(); ++i) {
      present |= attributes.key(i).text == attribute.name;
    }
    if (present) continue;
    findings_.Add(id.place, type.name + " " + Quoted(id.text) + " lacks " + Quoted(attribute.name),
                  "every " + type.name + " has one: it is not `optional`");
  }
}

void DataBatch::PutEntity(dsl::TypeId type_id, const DataNode& id, const DataNode& attributes) {
  ++statements_;
  const dsl::Type& type = names_.type(type_id);
  if (attributes.kind != DataNode::Kind::kNull && attributes.kind != DataNode::Kind::kMap) {
    findings_.Add(
        attributes.place,
        std::string("here stands ") + NameOfKind(attributes.kind) + " instead of attributes",
        "write { name: value } or nothing");
    return;
  }
  const auto number = names_.TypeNumber(writer_, type_id);
  if (!Good(number, id.place)) return;
  const ValueContext context{
      names_.module(), [&](const EntityWord& word) { return Find(word, true); },
      [&](const std::string& label, DataPlace place) -> std::optional<uint16_t> {
        const auto label_number = names_.Number(writer_, Space::kLabel, label);
        if (!Good(label_number, place)) return std::nullopt;
        return label_number.value();
      },
      findings_};
  std::vector<StoredAttribute> stored;
  for (size_t i = 0; i < attributes.entry_count(); ++i) {
    const DataNode& key = attributes.key(i);
    const dsl::Attribute* attribute = nullptr;
    if (!CheckAttribute(type, key, attribute)) continue;
    if (attributes.value(i).kind == DataNode::Kind::kNull) {
      findings_.Add(key.place, Quoted(key.text) + " has no value",
                    attribute->optional ? "leave it out" : "give it one");
      continue;
    }
    auto value = ReadValue(attributes.value(i), attribute->type, context);
    const auto attribute_number = names_.Number(writer_, Space::kAttribute, attribute->name);
    if (!value || !Good(attribute_number, key.place)) continue;
    stored.push_back({attribute_number.value(), std::move(*value)});
  }
  CheckRequired(type, id, attributes);
  PutRecord(number.value(), id.text, std::move(stored), id.place);
}

std::optional<EntityId> DataBatch::PutRecord(uint16_t type, std::string_view id,
                                             std::vector<StoredAttribute> attributes,
                                             DataPlace place) {
  const size_t before = writer_.change_count();
  bool existed = false;
  std::vector<StoredAttribute> copy;
  if (limits_ != nullptr) {
    const auto known = writer_.FindEntity(type, id);
    existed = known && writer_.FindRecord(*known).exists();
    copy = attributes;
  }
  const auto put = writer_.PutEntity(type, id, std::move(attributes));
  if (!Good(put, place)) return std::nullopt;
  if (writer_.change_count() == before) return *put;
  ++changed_;
  if (limits_ == nullptr) return *put;
  Operation& operation = gathered_.emplace_back();
  operation.kind = existed ? Operation::Kind::kSetAttributes : Operation::Kind::kCreate;
  operation.entity = *put;
  operation.id = id;
  operation.attributes = std::move(copy);
  return *put;
}

void DataBatch::CheckLimits(DataPlace place) {
  if (limits_ != nullptr) limits_->Check(std::move(gathered_), findings_, place);
}

// ---- finding entities -------------------------------------------------------------------------

std::optional<EntityId> DataBatch::Find(const EntityWord& word, bool create) {
  std::optional<EntityId> found;
  dsl::TypeId found_type = dsl::kNone;
  dsl::TypeId open_type = dsl::kNone;
  size_t open_types = 0;
  for (const dsl::TypeId type : word.types) {
    const auto number = names_.TypeNumber(writer_, type);
    if (!Good(number, word.place)) return std::nullopt;
    if (const auto entity = writer_.FindEntity(number.value(), word.id)) {
      if (found) {
        const std::string first = names_.type(found_type).name;
        const std::string second = names_.type(type).name;
        const std::string id(word.id);
        findings_.Add(word.place, Quoted(id) + " is both " + first + " and " + second + " here",
                      "write " + Quoted(first + ":" + id) + " or " + Quoted(second + ":" + id));
        return std::nullopt;
      }
      found = entity;
      found_type = type;
    }
    if (names_.type(type).open) {
      open_type = type;
      ++open_types;
    }
  }
  if (found) return found;
  if (!create || open_types != 1) {
    ReportUnknown(word);
    return std::nullopt;
  }
  const auto number = names_.TypeNumber(writer_, open_type);
  if (!Good(number, word.place)) return std::nullopt;
  const auto created = PutRecord(number.value(), word.id, {}, word.place);
  // It comes with the sentence or record that names it, and is counted with that.
  if (created) --changed_;
  return created;
}

void DataBatch::ReportUnknown(const EntityWord& word) {
  std::string help = "declare it among the entities first";
  for (dsl::TypeId type = 0; type < names_.module().types.size(); ++type) {
    if (names_.type(type).is_union) continue;
    const auto number = names_.TypeNumber(writer_, type);
    if (!number.ok() || !writer_.FindEntity(number.value(), word.id)) continue;
    help = Quoted(word.id) + " is of type " + names_.type(type).name + ", not " +
           NamesOf(names_.module(), word.types);
  }
  findings_.Add(word.place,
                "there is no " + NamesOf(names_.module(), word.types) + " " + Quoted(word.id),
                help);
}

// ---- sentences --------------------------------------------------------------------------------

std::optional<FactKey> DataBatch::ReadKey(const DataSentence& sentence, bool create) {
  FactKey key;
  const auto relation = names_.Number(writer_, Space::kRelation, sentence.relation);
  if (!Good(relation, sentence.place)) return std::nullopt;
  key.relation = relation.value();
  if (sentence.has_symbol) {
    const auto symbol = names_.SymbolNumber(writer_, sentence.symbol_kind, sentence.symbol);
    if (!Good(symbol, sentence.place)) return std::nullopt;
    key.symbol = symbol.value();
  }
  const auto subject = Find(sentence.subject, create);
  std::optional<EntityId> object = kNoEntity;
  if (sentence.object) object = Find(*sentence.object, create);
  if (!subject || !object) return std::nullopt;
  key.subject = *subject;
  key.object = *object;
  return key;
}

std::optional<Validity> DataBatch::ReadValidity(const DataSentence& sentence, const FactKey& key) {
  std::optional<Validity> standing;
  if (sentence.fact != nullptr && sentence.fact->lasting_us) {
    standing = StandingValidity(writer_, key, now_us_);
  }
  Validity validity;
  const auto fault = FixValidity(sentence.fact, {sentence.from_us, sentence.until_us}, now_us_,
                                 standing, validity);
  if (!fault) return validity;
  findings_.Add(sentence.place, fault->message, fault->help);
  return std::nullopt;
}

void DataBatch::Count(size_t before, const Operation& operation) {
  if (writer_.change_count() == before) return;
  ++changed_;
  if (limits_ != nullptr) gathered_.push_back(operation);
}

void DataBatch::Add(const DataSentence& sentence) {
  ++statements_;
  const size_t before = writer_.change_count();
  Operation operation;
  if (sentence.kind == DataSentence::Kind::kSeats) {
    const auto licence = names_.SymbolNumber(writer_, dsl::SymbolKind::kLicence, sentence.symbol);
    if (!Good(licence, sentence.place)) return;
    const auto tenant = Find(sentence.subject, true);
    if (!tenant) return;
    if (!Good(writer_.SetSeats(*tenant, licence.value(), sentence.seats), sentence.place)) return;
    operation.kind = Operation::Kind::kSetSeats;
    operation.entity = *tenant;
    operation.licence = licence.value();
    operation.seats = sentence.seats;
  } else {
    const auto key = ReadKey(sentence, true);
    if (!key) return;
    const auto validity = ReadValidity(sentence, *key);
    if (!validity || !Good(writer_.AddFact(*key, *validity), sentence.place)) return;
    operation.fact = *key;
    operation.validity = *validity;
  }
  Count(before, operation);
}

void DataBatch::Remove(const DataSentence& sentence) {
  ++statements_;
  if (sentence.kind == DataSentence::Kind::kSeats) {
    findings_.Add(sentence.place, "seats are set, not removed", "load `seats of .. is 0`");
    return;
  }
  if (sentence.from_us || sentence.until_us) {
    findings_.Add(sentence.place, "a fact is removed whole", "leave out `from` and `until`");
    return;
  }
  const size_t before = writer_.change_count();
  const auto key = ReadKey(sentence, false);
  if (!key || !Good(writer_.RemoveFact(*key), sentence.place)) return;
  Operation operation;
  operation.kind = Operation::Kind::kRemoveFact;
  operation.fact = *key;
  Count(before, operation);
}

}  // namespace portvakt::engine
