// Draws data and questions for a policy of random_policy.cpp, and writes data as sentences.
#include <algorithm>

#include "tests/agreement/generator.h"

namespace portvakt::agreement {
namespace {

using dsl::kNone;
using dsl::Module;
using dsl::ValueKind;

constexpr int64_t kDayUs = 86'400'000'000;

class WorldMaker {
 public:
  WorldMaker(const Module& module, Random& random) : module_(module), random_(random) {}

  World Make() {
    for (dsl::TypeId type = 0; type < module_.types.size(); ++type) {
      if (module_.types[type].is_union) continue;
      const size_t count = 2 + random_() % 3;
      for (size_t i = 0; i < count; ++i) AddEntity(type, i);
    }
    const size_t density = 15 + random_() % 40;  // percent of the possible facts, thinned below
    for (uint32_t i = 0; i < module_.facts.size(); ++i) AddFacts(i, density);
    for (uint32_t i = 0; i < module_.roles.size(); ++i) AddRoles(i, density);
    for (uint32_t i = 0; i < module_.licences.size(); ++i) AddLicences(i, density);
    return std::move(world_);
  }

 private:
  bool Chance(size_t percent) { return random_() % 100 < percent; }

  void AddEntity(dsl::TypeId type, size_t number) {
    Entity entity{type, module_.types[type].name + std::to_string(number), {}, true};
    for (const dsl::Attribute& attribute : module_.types[type].attributes) {
      if (attribute.from_request || (attribute.optional && Chance(50))) continue;
      auto value = Draw(attribute.type);
      if (value) entity.attributes[attribute.name] = *value;
    }
    world_.entities.push_back(std::move(entity));
  }

  // Nothing when a reference finds no entity yet: types are declared before they are referred to.
  std::optional<Value> Draw(const dsl::ValueType& type) {
    switch (type.kind) {
      case ValueKind::kBool: return Value{Chance(35) ? 1 : 0, ""};
      case ValueKind::kInt: return Value{static_cast<int64_t>(random_() % 5), ""};
      case ValueKind::kDecimal:
        return Value{static_cast<int64_t>(random_() % 5) * dsl::kDecimalScale, ""};
      case ValueKind::kEnum: {
        const auto& labels = module_.enums[type.enum_type].labels;
        return Value{0, labels[random_() % labels.size()]};
      }
      case ValueKind::kEntity: {
        auto found = All(type.entity_types);
        if (found.empty()) return std::nullopt;
        return Value{static_cast<int64_t>(found[random_() % found.size()]), ""};
      }
      default: return Value{0, "text" + std::to_string(random_() % 3)};
    }
  }

  std::vector<size_t> All(const std::vector<dsl::TypeId>& types) const {
    std::vector<size_t> found;
    for (size_t i = 0; i < world_.entities.size(); ++i) {
      if (Has(types, world_.entities[i].type)) found.push_back(i);
    }
    return found;
  }

  void Add(StoredFact fact) {
    if (Chance(15)) {
      fact.from_us = kNowUs + (static_cast<int64_t>(random_() % 5) - 3) * kDayUs;
      if (Chance(70))
        fact.until_us = *fact.from_us + (1 + static_cast<int64_t>(random_() % 4)) * kDayUs;
    }
    world_.facts.push_back(fact);
  }

  void AddFacts(uint32_t id, size_t density) {
    const dsl::Fact& fact = module_.facts[id];
    uint32_t symbols = 1;
    if (fact.symbol_slot != kNone) {
      auto kind = fact.shape.slots[fact.symbol_slot].symbol_kind;
      symbols =
          static_cast<uint32_t>(kind == dsl::SymbolKind::kPermission ? module_.permissions.size()
                                                                     : module_.programs.size());
      density = density / 3 + 2;
    }
    for (size_t subject : All(fact.shape.slots[fact.subject_slot].types)) {
      std::vector<std::optional<size_t>> objects{std::nullopt};
      if (fact.object_slot != kNone) {
        auto all = All(fact.shape.slots[fact.object_slot].types);
        objects.assign(all.begin(), all.end());
      }
      for (auto object : objects) {
        for (uint32_t s = 0; s < symbols; ++s) {
          if (!Chance(density)) continue;
          Add({StoredFact::Kind::kFact,
               id,
               subject,
               object,
               fact.symbol_slot == kNone ? kNone : s,
               {},
               {}});
        }
      }
    }
  }

  void AddRoles(uint32_t id, size_t density) {
    const dsl::Role& role = module_.roles[id];
    for (size_t subject : All(role.held_by)) {
      std::vector<std::optional<size_t>> objects{std::nullopt};
      if (!role.on.empty()) {
        auto all = All(role.on);
        objects.assign(all.begin(), all.end());
      }
      for (auto object : objects) {
        for (uint32_t p = 0; p < (role.for_program ? module_.programs.size() : 1); ++p) {
          if (!Chance(density / 2)) continue;
          Add({StoredFact::Kind::kRole, id, subject, object, role.for_program ? p : kNone, {}, {}});
        }
      }
    }
  }

  void AddLicences(uint32_t id, size_t density) {
    const dsl::Licence& licence = module_.licences[id];
    for (size_t subject : All(licence.held_by)) {
      if (licence.from.empty()) {
        if (Chance(density)) Add({StoredFact::Kind::kHolds, id, subject, {}, kNone, {}, {}});
        continue;
      }
      for (size_t pool : All(licence.from)) {
        if (Chance(density)) Add({StoredFact::Kind::kHolds, id, subject, pool, kNone, {}, {}});
      }
    }
    for (size_t pool : All(licence.from)) {
      if (Chance(60)) world_.seats[{pool, id}] = static_cast<int64_t>(random_() % 4);
    }
  }

  const Module& module_;
  Random& random_;
  World world_;
};

std::string Written(const World& world, const dsl::ValueType& type, const Value& value) {
  switch (type.kind) {
    case ValueKind::kBool: return value.number ? "true" : "false";
    case ValueKind::kInt: return std::to_string(value.number);
    case ValueKind::kDecimal: return std::to_string(value.number / dsl::kDecimalScale);
    case ValueKind::kEnum: return value.text;
    case ValueKind::kEntity: return world.entities[static_cast<size_t>(value.number)].id;
    default: return "\"" + value.text + "\"";
  }
}

std::string Instant(int64_t us) {
  // Whole days around kNowUs, 2026-06-01: May or June.
  int64_t day = (us - kNowUs) / kDayUs;
  int month = day < 0 ? 5 : 6;
  int64_t of_month = day < 0 ? 32 + day : 1 + day;
  std::string digits = std::to_string(of_month);
  return "2026-0" + std::to_string(month) + "-" + (digits.size() < 2 ? "0" : "") + digits +
         "T00:00:00Z";
}

std::string FactSentence(const Module& module, const World& world, const StoredFact& row) {
  auto id = [&](size_t i) {
    const Entity& entity = world.entities[i];
    return module.types[entity.type].name + ":" + entity.id;
  };
  if (row.kind == StoredFact::Kind::kHolds) {
    return id(row.subject) + " holds " + module.licences[row.which].name +
           (row.object ? " from " + id(*row.object) : "");
  }
  if (row.kind == StoredFact::Kind::kRole) {
    return id(row.subject) + " is " + module.roles[row.which].name +
           (row.symbol != kNone ? " for " + module.programs[row.symbol].name : "") +
           (row.object ? " on " + id(*row.object) : "");
  }
  const dsl::Fact& fact = module.facts[row.which];
  std::string text;
  for (uint32_t slot = 0; slot < fact.shape.slots.size(); ++slot) {
    if (slot == fact.symbol_slot) {
      text += fact.shape.slots[slot].symbol_kind == dsl::SymbolKind::kPermission
                  ? module.permissions[row.symbol].name
                  : module.programs[row.symbol].name;
    } else {
      text += id(slot == fact.subject_slot ? row.subject : *row.object);
    }
    text += " ";
    if (slot == 0) text += fact.shape.verb + " ";
    for (const std::string& word : fact.shape.words[slot]) text += word + " ";
  }
  text.pop_back();
  return text;
}

}  // namespace

World RandomWorld(const Module& module, Random& random) {
  return WorldMaker(module, random).Make();
}

std::string Sentences(const Module& module, const World& world) {
  std::string text;
  for (const Entity& entity : world.entities) {
    if (!entity.stored) continue;
    const dsl::Type& type = module.types[entity.type];
    text += type.name + " " + entity.id + " {";
    const char* between = " ";
    for (const dsl::Attribute& attribute : type.attributes) {
      auto place = entity.attributes.find(attribute.name);
      if (place == entity.attributes.end()) continue;
      text += between + attribute.name + ": " + Written(world, attribute.type, place->second);
      between = ", ";
    }
    text += " }\n";
  }
  for (const StoredFact& row : world.facts) {
    text += FactSentence(module, world, row);
    if (row.from_us) text += " from " + Instant(*row.from_us);
    if (row.until_us) text += " until " + Instant(*row.until_us);
    text += "\n";
  }
  for (const auto& [where, seats] : world.seats) {
    const Entity& pool = world.entities[where.first];
    text += "seats of " + module.licences[where.second].name + " in " +
            module.types[pool.type].name + ":" + pool.id + " is " + std::to_string(seats) + "\n";
  }
  return text;
}

Question RandomQuestion(const Module& module, World& world, Random& random) {
  auto chance = [&](size_t percent) { return random() % 100 < percent; };
  Question question;
  question.now_us = kNowUs;
  question.permission = static_cast<dsl::PermissionId>(random() % module.permissions.size());
  std::vector<size_t> subjects, objects, users, persons;
  for (size_t i = 0; i < world.entities.size(); ++i) {
    const std::string& type = module.types[world.entities[i].type].name;
    if (type == "user") users.push_back(i);
    if (type == "person") persons.push_back(i);
    if (type == "user" || (type == "visitor" && chance(20))) subjects.push_back(i);
    if (Has(module.permissions[question.permission].on, world.entities[i].type))
      objects.push_back(i);
  }
  question.subject = subjects[random() % subjects.size()];
  question.object = objects[random() % objects.size()];
  for (const dsl::Attribute& attribute : module.context) {
    if (chance(65)) continue;
    Value value{static_cast<int64_t>(random() % 4) * dsl::kDecimalScale, ""};
    if (attribute.type.kind == ValueKind::kEnum) {
      const auto& labels = module.enums[attribute.type.enum_type].labels;
      value = {0, labels[random() % labels.size()]};
    } else if (attribute.type.kind == ValueKind::kEntity) {
      value = {static_cast<int64_t>(users[random() % users.size()]), ""};
    } else if (attribute.type.kind == ValueKind::kBool) {
      value = {chance(50) ? 1 : 0, ""};
    }
    question.context[attribute.name] = value;
  }
  if (chance(35)) question.action_properties["size"] = {static_cast<int64_t>(random() % 5), ""};
  const std::string& object_type = module.types[world.entities[question.object].type].name;
  if (object_type == "doc" && chance(45)) {
    question.object_properties["prepared_by"] = {
        static_cast<int64_t>(persons[random() % persons.size()]), ""};
  }
  return question;
}

}  // namespace portvakt::agreement
