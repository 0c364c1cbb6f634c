// Entity types, unions and attributes: what they are, that unions end in entity types, and that
// required references do not run in a circle.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

struct Scalar {
  const char* word;
  ValueKind kind;
};
constexpr Scalar kScalars[] = {
    {"bool", ValueKind::kBool},         {"int", ValueKind::kInt},
    {"decimal", ValueKind::kDecimal},   {"string", ValueKind::kString},
    {"date", ValueKind::kDate},         {"instant", ValueKind::kInstant},
    {"duration", ValueKind::kDuration}, {"ip", ValueKind::kIp},
};

}  // namespace

void Checker::CheckTypes() {
  CheckUnions();
  for (TypeId type = 0; type < module_.types.size(); ++type) {
    const EntityDecl& decl = *type_decls_[type].decl;
    if (module_.types[type].is_union) continue;
    module_.types[type].attributes = CheckAttributes(decl.attributes, attributes_[type], false);
    if (decl.open) CheckOpenEntity(decl);
  }
  CheckRequestAttributes();
  ShareUnionAttributes();
  CheckReferenceCycles();
}

// An id that the store lacks has no attributes, so none of an open entity's can be counted on.
void Checker::CheckOpenEntity(const EntityDecl& decl) {
  for (const AttributeDecl& attribute : decl.attributes) {
    if (attribute.optional || attribute.from_request) continue;
    Report(DiagnosticKind::kOpenNeedsOptional, attribute.name.span,
           Quoted(attribute.name.text) + " of the open entity " + Quoted(decl.name.text) +
               " is required",
           "an id that is not stored has no " + attribute.name.text)
        .help.push_back("write `optional` or `from request` after its type");
  }
}

void Checker::CheckUnions() {
  std::vector<int> state(module_.types.size(), 0);
  for (TypeId type = 0; type < module_.types.size(); ++type) {
    if (module_.types[type].is_union) FlattenUnion(type, state, 0);
  }
}

// state: 0 new, 1 being flattened, 2 done. False when the union is part of a circle or too deep.
bool Checker::FlattenUnion(TypeId type, std::vector<int>& state, size_t depth) {
  if (state[type] == 2) return true;
  if (state[type] == 1 || depth > kMaxNesting) {
    Report(DiagnosticKind::kBadUnion, module_.types[type].span,
           "the union " + Quoted(module_.types[type].name) + " contains itself",
           "leads back to itself");
    return false;
  }
  state[type] = 1;
  bool sound = true;
  std::vector<TypeId> members;
  for (const Name& name : type_decls_[type].decl->members) {
    const uint32_t member = types_.Find(name.text);
    const bool other = KindOfWord(name.text) || sets_.Find(name.text) != kNone ||
                       permissions_.Find(name.text) != kNone || roles_.Find(name.text) != kNone ||
                       licences_.Find(name.text) != kNone || programs_.Find(name.text) != kNone;
    if (member == kNone && other) {
      Report(DiagnosticKind::kBadUnion, name.span,
             Quoted(name.text) + " is no entity type, so it is no member of a union",
             "not an entity type");
      continue;
    }
    const std::vector<TypeId> one = EntityTypes(name);
    if (member == kNone) continue;
    if (module_.types[member].is_union && sound && !FlattenUnion(member, state, depth + 1)) {
      sound = false;
    }
    const std::vector<TypeId>& found = module_.types[member].members;
    members.insert(members.end(), found.begin(), found.end());
  }
  SortUnique(members);
  module_.types[type].members = std::move(members);
  state[type] = 2;
  return sound;
}

std::vector<Attribute> Checker::CheckAttributes(const std::vector<AttributeDecl>& attributes,
                                                NameTable& table, bool request) {
  std::vector<Attribute> checked;
  for (const AttributeDecl& decl : attributes) {
    const uint32_t earlier = table.Declare(decl.name.text, decl.name.span);
    if (earlier != kNone) {
      Duplicate("attribute", decl.name.text, decl.name.span, table[earlier].span);
      continue;
    }
    Attribute attribute;
    attribute.name = decl.name.text;
    attribute.span = decl.name.span;
    attribute.type = CheckAttributeType(decl.type);
    attribute.optional = decl.optional && !request;
    attribute.from_request = decl.from_request || request;
    if (request && decl.optional) {
      Report(DiagnosticKind::kNotOptional, decl.span,
             "what a request brings along is always possibly missing",
             "`optional` says nothing here")
          .help.push_back("leave out `optional`");
    }
    checked.push_back(std::move(attribute));
  }
  return checked;
}

// A type that is not known becomes a reference to no entity type; paths through it stay silent.
ValueType Checker::CheckAttributeType(const AttributeType& type) {
  ValueType value;
  value.is_set = type.set_of;
  if (type.kind == AttributeType::Kind::kEnum) {
    EnumType labels;
    labels.ordered = type.ordered;
    for (const Name& label : type.labels) {
      if (std::find(labels.labels.begin(), labels.labels.end(), label.text) !=
          labels.labels.end()) {
        Report(DiagnosticKind::kDuplicateName, label.span,
               "the value " + Quoted(label.text) + " stands twice in one enum", "listed again");
        continue;
      }
      labels.labels.push_back(label.text);
    }
    value.kind = ValueKind::kEnum;
    const auto same = [&](const EnumType& other) {
      return other.labels == labels.labels && other.ordered == labels.ordered;
    };
    const auto found = std::find_if(module_.enums.begin(), module_.enums.end(), same);
    value.enum_type = static_cast<uint32_t>(found - module_.enums.begin());
    for (const Name& label : type.labels) {
      labels_[value.enum_type].Declare(label.text, label.span);
    }
    if (found == module_.enums.end()) module_.enums.push_back(std::move(labels));
    return value;
  }
  value.kind = ValueKind::kEntity;
  if (types_.Find(type.name.text) == kNone) {
    for (const Scalar& scalar : kScalars) {
      if (type.name.text != scalar.word) continue;
      value.kind = scalar.kind;
      return value;
    }
  }
  const uint32_t number = types_.Use(type.name.text);
  if (number != kNone) {
    value.entity_types = module_.types[number].members;
    return value;
  }
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownType;
  unknown.message = "there is no type " + Quoted(type.name.text);
  unknown.name = type.name.text;
  unknown.span = type.name.span;
  unknown.table = &types_;
  unknown.candidates = types_.Names();
  for (const Scalar& scalar : kScalars) unknown.candidates.emplace_back(scalar.word);
  Unknown(std::move(unknown));
  return value;
}

void Checker::CheckRequestAttributes() {
  const RequestAttributesDecl* first[2] = {nullptr, nullptr};
  for (const auto& source : request_decls_) {
    const bool action = source.decl->is_action;
    if (first[action] == nullptr) first[action] = source.decl;
    std::vector<Attribute> found =
        CheckAttributes(source.decl->attributes, action ? action_ : context_, true);
    std::vector<Attribute>& all = action ? module_.action : module_.context;
    all.insert(all.end(), found.begin(), found.end());
  }
}

// A union has the attributes that every member has, of types that can be read alike.
void Checker::ShareUnionAttributes() {
  for (Type& type : module_.types) {
    if (!type.is_union || type.members.empty()) continue;
    for (const Attribute& candidate : module_.types[type.members.front()].attributes) {
      Attribute shared = candidate;
      shared.type.entity_types.clear();
      bool everywhere = true;
      for (TypeId member : type.members) {
        const std::vector<Attribute>& theirs = module_.types[member].attributes;
        const auto found = std::find_if(theirs.begin(), theirs.end(), [&](const Attribute& other) {
          return other.name == candidate.name;
        });
        if (found == theirs.end() || found->type.kind != candidate.type.kind ||
            found->type.is_set != candidate.type.is_set ||
            found->type.enum_type != candidate.type.enum_type) {
          everywhere = false;
          break;
        }
        shared.optional = shared.optional || found->optional;
        shared.from_request = shared.from_request || found->from_request;
        shared.type.entity_types.insert(shared.type.entity_types.end(),
                                        found->type.entity_types.begin(),
                                        found->type.entity_types.end());
      }
      SortUnique(shared.type.entity_types);
      if (everywhere) type.attributes.push_back(std::move(shared));
    }
  }
}

// Were required references a circle, its first entity could not be stored, and a path would have no
// last step. Found by taking away, again and again, the types that lead to nothing that is left.
void Checker::CheckReferenceCycles() {
  using Reference = std::pair<const Attribute*, TypeId>;
  std::vector<bool> left(module_.types.size(), true);
  const auto next = [&](TypeId type) -> Reference {
    if (module_.types[type].is_union) return {nullptr, kNone};
    for (const Attribute& attribute : module_.types[type].attributes) {
      const bool required = attribute.type.kind == ValueKind::kEntity && !attribute.type.is_set &&
                            !attribute.optional && !attribute.from_request;
      if (!required) continue;
      for (TypeId to : attribute.type.entity_types) {
        if (left[to]) return {&attribute, to};
      }
    }
    return {nullptr, kNone};
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (TypeId type = 0; type < left.size(); ++type) {
      if (!left[type] || next(type).first != nullptr) continue;
      left[type] = false;
      changed = true;
    }
  }
  std::vector<bool> told(left.size(), false);
  for (TypeId start = 0; start < left.size(); ++start) {
    if (!left[start]) continue;
    std::vector<std::pair<TypeId, Reference>> path;
    std::vector<bool> seen(left.size(), false);
    TypeId at = start;
    while (!seen[at]) {
      seen[at] = true;
      path.emplace_back(at, next(at));
      at = path.back().second.second;
    }
    // Types that only lead into a circle are no part of it, and each circle is told once.
    const auto begin =
        std::find_if(path.begin(), path.end(), [&](const auto& step) { return step.first == at; });
    if (told[at]) continue;
    const Attribute& first = *begin->second.first;
    const std::string name = Quoted(module_.types[at].name);
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kReferenceCycle, first.span,
               "required references lead from " + name + " back to " + name,
               "leads on to " + Quoted(module_.types[begin->second.second].name));
    for (auto step = begin; step != path.end(); ++step) {
      told[step->first] = true;
      if (step == begin) continue;
      diagnostic.related.push_back(
          {step->second.first->span,
           "leads on to " + Quoted(module_.types[step->second.second].name)});
    }
    diagnostic.help.push_back("make one of them `optional`");
  }
}

std::vector<TypeId> Checker::EntityTypes(const Name& name) {
  const uint32_t type = types_.Use(name.text);
  if (type != kNone) return module_.types[type].members;
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownType;
  unknown.message = "there is no entity type " + Quoted(name.text);
  unknown.name = name.text;
  unknown.span = name.span;
  unknown.table = &types_;
  unknown.candidates = types_.Names();
  Unknown(std::move(unknown));
  return {};
}

std::vector<TypeId> Checker::EntityTypes(const std::vector<Name>& names) {
  std::vector<TypeId> all;
  for (const Name& name : names) {
    const std::vector<TypeId> types = EntityTypes(name);
    all.insert(all.end(), types.begin(), types.end());
  }
  SortUnique(all);
  return all;
}

std::string Checker::TypeWords(const std::vector<TypeId>& types) const {
  for (const Type& type : module_.types) {
    if (type.members == types) return Quoted(type.name);
  }
  std::string words;
  for (size_t index = 0; index < types.size(); ++index) {
    if (index > 0) words += index + 1 == types.size() ? " or " : ", ";
    words += Quoted(module_.types[types[index]].name);
  }
  return words;
}

std::string Checker::ValueWords(const ValueType& type) const {
  const std::string prefix = type.is_set ? "a set of " : "";
  if (type.kind == ValueKind::kEntity) return prefix + TypeWords(type.entity_types);
  if (type.kind == ValueKind::kEnum) {
    std::string words = prefix + "one of";
    const EnumType& labels = module_.enums[type.enum_type];
    for (size_t index = 0; index < labels.labels.size(); ++index) {
      words += (index == 0 ? " " : labels.ordered ? " < " : ", ") + labels.labels[index];
    }
    return words;
  }
  for (const Scalar& scalar : kScalars) {
    if (scalar.kind == type.kind) return prefix + Quoted(scalar.word);
  }
  return prefix;
}

}  // namespace portvakt::dsl
