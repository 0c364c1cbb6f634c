// Statements in an order that loads: entities of a type after those of the types that they must
// refer to. References that may be missing can go round in circles; entities that have some are
// written without them first and once more, whole, when all are there.
#include "engine/export.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/calendar.h"

namespace portvakt::engine {
namespace {

using dsl::ValueKind;

// What a word may be made of without quotes.
bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == ':';
  });
}

std::string InQuotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      quoted += c == '\n' ? "\\n" : "\\r";
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string Word(std::string_view text) {
  return IsPlain(text) ? std::string(text) : InQuotes(text);
}

// With its type, so that it is never taken for something else.
std::string Word(const EntityName& name) { return Word(name.type + ":" + name.id); }

class Exporter {
 public:
  Exporter(Session& session, const dsl::Module& module, std::ostream& out)
      : session_(session), module_(module), out_(out) {}

  ExportReport Run() {
    report_.revision = session_.view().revision();
    const std::vector<dsl::TypeId> types = TypesInOrder();
    for (const dsl::TypeId type : types) WriteEntities(type, Pass::kFirst);
    for (const dsl::TypeId type : types) WriteEntities(type, Pass::kReferences);
    for (const dsl::TypeId type : types) WriteSeats(type);
    for (const dsl::TypeId type : types) WriteFacts(type);
    return std::move(report_);
  }

 private:
  enum class Pass { kFirst, kReferences };

  static bool MayComeLater(const dsl::Attribute& attribute) {
    return attribute.type.kind == ValueKind::kEntity &&
           (attribute.optional || attribute.type.is_set);
  }

  // Required references form no circle: the checker sees to that.
  std::vector<dsl::TypeId> TypesInOrder() const {
    std::vector<dsl::TypeId> order;
    std::vector<bool> placed(module_.types.size(), false);
    const auto is_ready = [&](const dsl::Type& type) {
      return std::all_of(
          type.attributes.begin(), type.attributes.end(), [&](const auto& attribute) {
            const auto& needed = attribute.type.entity_types;
            return attribute.from_request || attribute.type.kind != ValueKind::kEntity ||
                   MayComeLater(attribute) ||
                   std::all_of(needed.begin(), needed.end(),
                               [&](auto other) { return placed[other]; });
          });
    };
    for (bool moved = true; moved;) {
      moved = false;
      for (dsl::TypeId type = 0; type < module_.types.size(); ++type) {
        if (module_.types[type].is_union || placed[type] || !is_ready(module_.types[type]))
          continue;
        placed[type] = moved = true;
        order.push_back(type);
      }
    }
    return order;
  }

  template <class Take>
  void ForEach(dsl::TypeId type, Take take) {
    EntityQuery query;
    query.type = module_.types[type].name;
    for (bool more = true; more && report_.error.empty();) {
      const EntityPage page = session_.ListEntities(query);
      if (!page.error.empty()) report_.error = page.error;
      for (const ListedEntity& entity : page.entities) take(entity);
      more = page.next.has_value();
      query.after = page.next.value_or(0);
    }
  }

  void WriteEntities(dsl::TypeId id, Pass pass) {
    const dsl::Type& type = module_.types[id];
    const bool has_later =
        std::any_of(type.attributes.begin(), type.attributes.end(), MayComeLater);
    if (pass == Pass::kReferences && !has_later) return;
    ForEach(id, [&](const ListedEntity& entity) {
      std::string attributes;
      bool left_out = false;
      for (const auto& [name, value] : entity.attributes) {
        const auto declared =
            std::find_if(type.attributes.begin(), type.attributes.end(),
                         [&wanted = name](const auto& one) { return one.name == wanted; });
        const bool later = MayComeLater(*declared);
        left_out = left_out || later;
        if (later && pass == Pass::kFirst && declared->optional) continue;
        const bool is_empty = later && pass == Pass::kFirst;
        attributes += (attributes.empty() ? " " : ", ") + name + ": " +
                      (is_empty ? "[]" : ValueText(declared->type, value));
      }
      if (pass == Pass::kReferences && !left_out) return;
      out_ << type.name << ' ' << Word(entity.entity.id) << " {" << attributes << " }\n";
      if (pass == Pass::kFirst) ++report_.entities;
    });
  }

  std::string ValueText(const dsl::ValueType& type, const InputValue& value) const {
    switch (value.kind) {
      case InputValue::Kind::kBool: return value.boolean ? "true" : "false";
      case InputValue::Kind::kInteger: return std::to_string(value.integer);
      case InputValue::Kind::kList: {
        std::string list = "[";
        for (const InputValue& item : value.list) {
          list += (list.size() > 1 ? ", " : "") + ValueText(type, item);
        }
        return list + "]";
      }
      default: break;
    }
    // Of several types the listing names the one; of one type an id may look as if it did.
    const bool add_type = type.kind == ValueKind::kEntity && type.entity_types.size() == 1;
    return InQuotes(add_type ? module_.types[type.entity_types.front()].name + ":" + value.text
                             : value.text);
  }

  void WriteSeats(dsl::TypeId type) {
    const View& view = session_.view();
    std::vector<std::pair<std::string, uint16_t>> licences;
    for (const dsl::Licence& licence : module_.licences) {
      const auto number = view.FindNumber(Space::kLicence, licence.name);
      if (!number || !std::count(licence.from.begin(), licence.from.end(), type)) continue;
      licences.emplace_back(licence.name, static_cast<uint16_t>(*number));
    }
    const auto number = view.FindNumber(Space::kType, module_.types[type].name);
    if (licences.empty() || !number) return;
    ForEach(type, [&](const ListedEntity& entity) {
      const auto id = view.FindEntity(static_cast<uint16_t>(*number), entity.entity.id);
      for (const auto& [name, licence] : licences) {
        const uint32_t seats = id ? view.FindSeats(*id, licence) : 0;
        if (seats == 0) continue;
        out_ << "seats of " << Word(name) << " in " << Word(entity.entity) << " is " << seats
             << '\n';
        ++report_.seats;
      }
    });
  }

  void WriteFacts(dsl::TypeId type) {
    ForEach(type, [&](const ListedEntity& entity) {
      FactQuery query;
      query.subject = entity.entity;
      query.with_made = false;
      for (bool more = true; more && report_.error.empty();) {
        const FactPage page = session_.ListFacts(query);
        if (!page.error.empty()) report_.error = page.error;
        for (const ListedFact& fact : page.facts) WriteFact(fact);
        more = page.next.has_value();
        query.after = page.next.value_or(0);
      }
    });
  }

  void WriteFact(const ListedFact& fact) {
    const std::string sentence = SentenceOf(fact.fact);
    if (sentence.empty()) {
      ++report_.unknown_facts;
      return;
    }
    out_ << sentence;
    if (fact.validity.from_us != Validity::kAlways) {
      out_ << " from " << FormatInstant(fact.validity.from_us);
    }
    if (fact.validity.until_us != Validity::kForEver) {
      out_ << " until " << FormatInstant(fact.validity.until_us);
    }
    out_ << '\n';
    ++report_.facts;
  }

  template <class Declared>
  static const Declared* Find(const std::vector<Declared>& all, const std::string& name) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
  }

  // "" when the policy has no such sentence.
  std::string SentenceOf(const FactName& fact) const {
    const std::string subject = Word(fact.subject);
    const std::string object = fact.object ? Word(*fact.object) : "";
    if (fact.relation == "is") {
      const dsl::Role* role = Find(module_.roles, fact.symbol);
      if (role == nullptr || role->on.empty() == fact.object.has_value()) return "";
      if (role->for_program && Find(module_.programs, fact.program) == nullptr) return "";
      return subject + " is " + Word(fact.symbol) +
             (role->for_program ? " for " + Word(fact.program) : "") +
             (fact.object ? " on " + object : "");
    }
    if (fact.relation == "holds") {
      const dsl::Licence* licence = Find(module_.licences, fact.symbol);
      if (licence == nullptr || licence->from.empty() == fact.object.has_value()) return "";
      return subject + " holds " + Word(fact.symbol) + (fact.object ? " from " + object : "");
    }
    for (const dsl::Fact& declared : module_.facts) {
      if (declared.shape.verb == fact.relation) return InShape(declared, fact, subject, object);
    }
    return "";
  }

  std::string InShape(const dsl::Fact& declared, const FactName& fact, const std::string& subject,
                      const std::string& object) const {
    const dsl::SentenceShape& shape = declared.shape;
    std::string text;
    for (size_t i = 0; i < shape.slots.size(); ++i) {
      if (i > 0) text += ' ';
      text += shape.slots[i].is_symbol    ? Word(fact.symbol)
              : i == declared.object_slot ? object
                                          : subject;
      if (i == 0) text += " " + shape.verb;
      if (i >= shape.words.size()) continue;
      for (const std::string& word : shape.words[i]) text += " " + word;
    }
    return text;
  }

  Session& session_;
  const dsl::Module& module_;
  std::ostream& out_;
  ExportReport report_;
};

}  // namespace

ExportReport Export(Session& session, const dsl::Module& module, std::ostream& out) {
  return Exporter(session, module, out).Run();
}

}  // namespace portvakt::engine
