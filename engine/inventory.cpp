// Listing entities, with their attributes by the types that the policy declares.
#include "engine/inventory.h"

#include <algorithm>

#include "dsl/module.h"
#include "engine/address.h"
#include "engine/data_findings.h"
#include "engine/history_words.h"
#include "engine/search_run.h"
#include "engine/session_state.h"

namespace portvakt::engine {
namespace {

using dsl::ValueKind;

InputValue TextValue(std::string text) {
  InputValue value;
  value.kind = InputValue::Kind::kString;
  value.text = std::move(text);
  return value;
}

// Stored values as a request would give them.
class AttributeValues {
 public:
  AttributeValues(const Program& program, const HistoryWords& words, const View& view)
      : program_(program), words_(words), view_(view) {}

  InputValues Of(const dsl::Type& type, const Record& record) const {
    InputValues values;
    const std::vector<StoredAttribute> all = record.All();
    for (const dsl::Attribute& attribute : type.attributes) {
      const auto number = view_.FindNumber(Space::kAttribute, attribute.name);
      const auto stored = std::find_if(all.begin(), all.end(), [&](const StoredAttribute& one) {
        return number && one.attribute == *number;
      });
      if (stored == all.end() || attribute.from_request) continue;
      values.emplace_back(attribute.name, ValueOf(attribute.type, stored->value));
    }
    return values;
  }

 private:
  InputValue ValueOf(const dsl::ValueType& type, const StoredValue& stored) const {
    if (stored.kind != StoredValue::Kind::kSet) return ScalarOf(type, stored);
    InputValue list;
    list.kind = InputValue::Kind::kList;
    for (const StoredValue& member : stored.set) list.list.push_back(ScalarOf(type, member));
    return list;
  }
  InputValue ScalarOf(const dsl::ValueType& type, const StoredValue& stored) const {
    InputValue value;
    switch (type.kind) {
      case ValueKind::kBool:
        value.kind = InputValue::Kind::kBool;
        value.boolean = stored.number != 0;
        return value;
      case ValueKind::kInt:
        value.kind = InputValue::Kind::kInteger;
        value.integer = stored.number;
        return value;
      case ValueKind::kString: return TextValue(stored.text);
      case ValueKind::kIp: return TextValue(FormatAddress(stored.text));
      case ValueKind::kEnum:
        return TextValue(
            std::string(view_.NameOf(Space::kLabel, static_cast<uint32_t>(stored.number))));
      case ValueKind::kEntity: {
        const EntityName name = words_.NameOf(stored.entity());
        // Where several types may stand, an id alone would not say which.
        return TextValue(type.entity_types.size() > 1 ? name.type + ":" + name.id : name.id);
      }
      default: break;
    }
    ValueTypeRecord record;
    record.kind = static_cast<uint8_t>(type.kind);
    return TextValue(NumberText(program_, record, stored.number));
  }

  const Program& program_;
  const HistoryWords& words_;
  const View& view_;
};

// Entity types that the name stands for, as the view's numbers, ascending.
std::vector<uint16_t> NumbersOf(const DataNames& names, const dsl::Type& type, const View& view) {
  std::vector<uint16_t> numbers;
  for (const dsl::TypeId member : type.members) {
    const auto number = view.FindNumber(Space::kType, names.type(member).name);
    if (number) numbers.push_back(static_cast<uint16_t>(*number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<EntityId> CandidatesOf(const std::vector<uint16_t>& types,
                                   const std::vector<std::string>& ids, const View& view) {
  std::vector<EntityId> found;
  for (const uint16_t type : types) {
    if (ids.empty()) view.Entities(type, found);
    for (const std::string& id : ids) {
      if (id.empty() || id.size() > kMaxIdBytes) continue;
      if (const auto entity = view.FindEntity(type, id)) found.push_back(*entity);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

EntityPage Session::ListEntities(const EntityQuery& query) {
  State& state = *state_;
  EntityPage page;
  const auto fail = [&](const char* code, std::string message) {
    page.error_code = code;
    page.error = std::move(message);
    return page;
  };
  if (state.program.empty()) return fail("no_policy", "there is no policy");
  const auto policy = state.policies->Get(state.snapshot, state.version);
  if (!policy) return fail("no_policy", policy.error().message);
  const DataNames& names = (*policy)->names;
  const dsl::TypeId type_id = names.FindType(query.type);
  if (type_id == dsl::kNone) {
    const std::string help = DidYouMean(query.type, names.entity_types());
    return fail("bad_query", "the policy has no entity type " + Quoted(query.type) +
                                 (help.empty() ? "" : "; " + help));
  }
  const View& view = state.view();
  Evaluator& evaluator = state.evaluator;
  evaluator.Begin(state.program, view, *state.clock, nullptr, std::nullopt, kMaxSearchSteps);
  Viewer viewer(evaluator, query.viewer);
  if (!viewer.exists()) return page;

  const HistoryWords words(state.program, state.snapshot);
  const AttributeValues values(state.program, words, view);
  const std::vector<EntityId> candidates =
      CandidatesOf(NumbersOf(names, names.type(type_id), view), query.ids, view);
  const size_t limit = std::clamp(query.limit, uint32_t{1}, kMaxInventoryPage);
  const auto first = std::lower_bound(candidates.begin(), candidates.end(), query.after);
  for (auto at = first; at != candidates.end(); ++at) {
    if (page.entities.size() == limit) {
      page.next = *at;
      break;
    }
    const bool seen = viewer.Sees(*at);
    if (evaluator.exhausted()) {
      if (at != first) page.next = *at;
      return fail("budget", std::string(kViewerBudget));
    }
    if (!seen) continue;
    ListedEntity& entity = page.entities.emplace_back();
    entity.entity.type = view.NameOf(Space::kType, TypeOf(*at));
    const Record record = view.FindRecord(*at);
    entity.entity.id = record.id();
    entity.attributes = values.Of(names.type(names.FindType(entity.entity.type)), record);
  }
  return page;
}

}  // namespace portvakt::engine
