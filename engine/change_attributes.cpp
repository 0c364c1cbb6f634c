// Attributes of a change: values as a request brings them, read by their declared types with the
// reader that loads use.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/change_plan.h"
#include "engine/data_value.h"
#include "engine/records.h"

namespace portvakt::engine {
namespace {

using dsl::ValueKind;

DataNode ScalarNode(std::string text) {
  DataNode node;
  node.kind = DataNode::Kind::kScalar;
  node.text = std::move(text);
  return node;
}

// As people would write it in data. nullopt when such a value cannot be of that kind.
std::optional<DataNode> NodeOf(const InputValue& value, ValueKind kind) {
  const bool number =
      kind == ValueKind::kInt || kind == ValueKind::kDecimal || kind == ValueKind::kDuration;
  const char* unit = kind == ValueKind::kDuration ? " seconds" : "";
  switch (value.kind) {
    case InputValue::Kind::kBool:
      if (kind != ValueKind::kBool) return std::nullopt;
      return ScalarNode(value.boolean ? "true" : "false");
    case InputValue::Kind::kInteger:
      if (!number) return std::nullopt;
      return ScalarNode(std::to_string(value.integer) + unit);
    case InputValue::Kind::kDouble: {
      if (!number || !std::isfinite(value.number)) return std::nullopt;
      char text[512];  // the longest double without an exponent has some 330 digits
      const auto end =
          std::to_chars(text, text + sizeof text, value.number, std::chars_format::fixed);
      return ScalarNode(std::string(text, end.ptr) + unit);
    }
    case InputValue::Kind::kString: return ScalarNode(value.text);
    case InputValue::Kind::kList: {
      DataNode list;
      list.kind = DataNode::Kind::kList;
      for (const InputValue& item : value.list) {
        auto node = NodeOf(item, kind);
        if (!node) return std::nullopt;
        list.items.push_back(std::move(*node));
      }
      return list;
    }
    case InputValue::Kind::kNull:
    case InputValue::Kind::kObject: break;
  }
  return std::nullopt;
}

class AttributePlanner {
 public:
  AttributePlanner(const DataNames& names, const View& view, const dsl::Type& type,
                   ChangePlan& plan, ChangeVerdict& verdict)
      : names_(names), view_(view), type_(type), plan_(plan), verdict_(verdict) {}

  const dsl::Attribute* Find(const std::string& name);
  std::optional<StoredValue> Read(const dsl::Attribute& attribute, const InputValue& value);

 private:
  std::optional<EntityId> FindEntity(const EntityWord& word, DataFindings& findings);

  const DataNames& names_;
  const View& view_;
  const dsl::Type& type_;
  ChangePlan& plan_;
  ChangeVerdict& verdict_;
  bool unknown_entity_ = false;
};

const dsl::Attribute* AttributePlanner::Find(const std::string& name) {
  std::vector<std::string> candidates;
  for (const dsl::Attribute& attribute : type_.attributes) {
    if (attribute.name == name && !attribute.from_request) return &attribute;
    if (attribute.name == name) {
      Invalid(verdict_, "wrong_value", Quoted(name) + " comes with requests and is not stored");
      return nullptr;
    }
    if (!attribute.from_request) candidates.push_back(attribute.name);
  }
  const std::string help = DidYouMean(name, candidates);
  Invalid(verdict_, "unknown_name",
          type_.name + " has no attribute " + Quoted(name) + (help.empty() ? "" : "; " + help));
  return nullptr;
}

// Also those that the same change creates; an id that only an open type can have is created.
std::optional<EntityId> AttributePlanner::FindEntity(const EntityWord& word,
                                                     DataFindings& findings) {
  std::vector<EntityId> found;
  std::vector<uint16_t> open;
  for (const dsl::TypeId type : word.types) {
    const auto wide = view_.FindNumber(Space::kType, names_.type(type).name);
    if (!wide) continue;
    const auto number = static_cast<uint16_t>(*wide);
    if (names_.type(type).open) open.push_back(number);
    if (word.id.empty() || word.id.size() > kMaxIdBytes) continue;
    if (const auto stored = view_.FindEntity(number, word.id)) found.push_back(*stored);
    for (size_t i = 0; i < plan_.created; ++i) {
      const Operation& made = plan_.operations[i];
      if (TypeOf(made.entity) == number && made.id == word.id) found.push_back(made.entity);
    }
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    findings.Add({}, Quoted(word.id) + " is the id of several types here", "write `type:id`");
    return std::nullopt;
  }
  if (open.size() == 1 && !word.id.empty() && word.id.size() <= kMaxIdBytes) {
    return PlanEntity(view_, open.front(), word.id, plan_);
  }
  unknown_entity_ = true;
  findings.Add({}, "there is no " + NamesOf(names_.module(), word.types) + " " + Quoted(word.id));
  return std::nullopt;
}

std::optional<StoredValue> AttributePlanner::Read(const dsl::Attribute& attribute,
                                                  const InputValue& value) {
  std::vector<DataFinding> list;
  DataFindings findings("", list);
  const ValueContext context{
      names_.module(), [&](const EntityWord& word) { return FindEntity(word, findings); },
      [&](const std::string& label, DataPlace place) -> std::optional<uint16_t> {
        if (const auto number = view_.FindNumber(Space::kLabel, label)) {
          return static_cast<uint16_t>(*number);
        }
        findings.Add(place, "the store has no number for " + Quoted(label));
        return std::nullopt;
      },
      findings};
  const auto node = NodeOf(value, attribute.type.kind);
  if (node) {
    if (auto read = ReadValue(*node, attribute.type, context)) return read;
  } else {
    findings.Add({}, "such a value does not fit the attribute's type");
  }
  std::string text = Quoted(attribute.name) + ": " + list.front().message;
  if (!list.front().help.empty()) text += "; " + list.front().help;
  Invalid(verdict_, unknown_entity_ ? "unknown_entity" : "wrong_value", std::move(text));
  return std::nullopt;
}

std::vector<StoredAttribute>::iterator FindStored(std::vector<StoredAttribute>& attributes,
                                                  uint16_t number) {
  return std::find_if(attributes.begin(), attributes.end(),
                      [&](const StoredAttribute& stored) { return stored.attribute == number; });
}

bool HasAllRequired(const dsl::Type& type, const InputValues& values, ChangeVerdict& verdict) {
  for (const dsl::Attribute& attribute : type.attributes) {
    if (attribute.optional || attribute.from_request) continue;
    const bool given = std::any_of(values.begin(), values.end(), [&](const auto& value) {
      return value.first == attribute.name && value.second.kind != InputValue::Kind::kNull;
    });
    if (!given) {
      return Invalid(verdict, "wrong_value", type.name + " needs a " + Quoted(attribute.name));
    }
  }
  return true;
}

}  // namespace

bool PlanAttributes(const DataNames& names, const View& view, dsl::TypeId type_id, EntityId entity,
                    const InputValues& values, bool creates, ChangePlan& plan,
                    std::vector<StoredAttribute>& attributes, ChangeVerdict& verdict) {
  const dsl::Type& type = names.type(type_id);
  AttributePlanner planner(names, view, type, plan, verdict);
  for (const auto& [name, value] : values) {
    const dsl::Attribute* attribute = planner.Find(name);
    if (attribute == nullptr) return false;
    const auto number = view.FindNumber(Space::kAttribute, name);
    if (!number) {
      return Invalid(verdict, "unknown_name", "the store has no number for " + Quoted(name));
    }
    const bool taken = value.kind == InputValue::Kind::kNull;
    if (taken && !attribute->optional) {
      return Invalid(verdict, "wrong_value", Quoted(name) + " cannot be taken away");
    }
    const auto stored = FindStored(attributes, static_cast<uint16_t>(*number));
    ProposedChange change;
    change.target = ProposedChange::Target::kAttribute;
    change.subject = entity;
    change.attribute = *number;
    change.adds = !taken;
    change.removes = taken || stored != attributes.end();
    if (!taken) {
      auto read = planner.Read(*attribute, value);
      if (!read) return false;
      const auto narrow = static_cast<uint16_t>(*number);
      if (stored == attributes.end()) {
        attributes.push_back({narrow, std::move(*read)});
      } else {
        stored->value = std::move(*read);
      }
    } else if (stored != attributes.end()) {
      attributes.erase(stored);
    }
    if (!creates) plan.asked.push_back(change);
    if (!creates || !taken) plan.touched.push_back(change);
  }
  if (creates && !HasAllRequired(type, values, verdict)) return false;
  if (const Status good = NormaliseAttributes(attributes); !good) {
    return Invalid(verdict, "wrong_value", good.error().message);
  }
  const size_t bytes = EncodeRecord(std::string(kMaxIdBytes, 'x'), attributes).size();
  if (bytes <= kMaxRecordBytes) return true;
  return Invalid(verdict, "wrong_value",
                 "the attributes take more than " + std::to_string(kMaxRecordBytes) + " bytes");
}

}  // namespace portvakt::engine
