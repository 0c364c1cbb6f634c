// From names to numbers: entities and sentences of a load on their way into a Writer.
#include "engine/data_batch.h"

#include <algorithm>
#include <limits>

#include "engine/calendar.h"

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
  const size_t before = writer_.change_count();
  if (!Good(writer_.PutEntity(number.value(), id.text, std::move(stored)), id.place)) return;
  if (writer_.change_count() != before) ++changed_;
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
  const auto created = writer_.PutEntity(number.value(), word.id, {});
  if (!Good(created, word.place)) return std::nullopt;
  return created.value();
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

bool DataBatch::StillHolds(const FactKey& key) const {
  const Cell::Row row = writer_.FindCell(key.subject, key.object)
                            .Find(key.relation, static_cast<uint16_t>(key.symbol / 64));
  if (((row.timed >> (key.symbol % 64)) & 1) == 0) return false;
  return writer_.FindValidity(key).At(now_us_);
}

// A fact that lasts for a time is not renewed by loading it again while it holds: loading the same
// twice changes nothing.
std::optional<Validity> DataBatch::ReadValidity(const DataSentence& sentence, const FactKey& key) {
  Validity validity;
  if (sentence.from_us) validity.from_us = *sentence.from_us;
  if (sentence.until_us) validity.until_us = *sentence.until_us;
  const dsl::Fact* fact = sentence.fact;
  if (fact != nullptr && fact->lasting_us) {
    const int64_t start = sentence.from_us.value_or(now_us_);
    const int64_t limit = *fact->lasting_us > std::numeric_limits<int64_t>::max() - start
                              ? Validity::kForEver
                              : start + *fact->lasting_us;
    const std::string lasts = "lasts " + FormatDuration(*fact->lasting_us);
    if (!sentence.until_us && fact->lasting_at_most) {
      findings_.Add(sentence.place, Quoted(fact->shape.verb) + " needs an `until`",
                    "the policy says that it " + lasts + " at most");
      return std::nullopt;
    }
    if (!sentence.until_us && !sentence.from_us && StillHolds(key)) {
      return writer_.FindValidity(key);
    }
    if (!sentence.until_us) validity.until_us = limit;
    if (validity.until_us > limit) {
      findings_.Add(
          sentence.place,
          Quoted(fact->shape.verb) + " ends at " + FormatInstant(limit) + " at the latest",
          "the policy says that it " + lasts);
      return std::nullopt;
    }
  }
  if (validity.from_us >= validity.until_us) {
    findings_.Add(sentence.place, "`until` is not after `from`",
                  "a fact holds from the one until just before the other");
    return std::nullopt;
  }
  return validity;
}

void DataBatch::Add(const DataSentence& sentence) {
  ++statements_;
  const size_t before = writer_.change_count();
  if (sentence.kind == DataSentence::Kind::kSeats) {
    const auto licence = names_.SymbolNumber(writer_, dsl::SymbolKind::kLicence, sentence.symbol);
    if (!Good(licence, sentence.place)) return;
    const auto tenant = Find(sentence.subject, true);
    if (!tenant) return;
    if (!Good(writer_.SetSeats(*tenant, licence.value(), sentence.seats), sentence.place)) return;
  } else {
    const auto key = ReadKey(sentence, true);
    if (!key) return;
    const auto validity = ReadValidity(sentence, *key);
    if (!validity || !Good(writer_.AddFact(*key, *validity), sentence.place)) return;
  }
  if (writer_.change_count() != before) ++changed_;
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
  if (writer_.change_count() != before) ++changed_;
}

}  // namespace portvakt::engine
