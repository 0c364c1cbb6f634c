// The sentences are read by the engine's reader of data; here they get their verbs, `add` and its
// like, and their ids get types.
#include "cli/change_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/supplied.h"
#include "dsl/dsl.h"
#include "engine/data_sentence.h"
#include "engine/read_flow.h"

namespace portvakt::cli {

namespace {

using engine::ChangeItem;
using engine::EntityName;
using engine::EntityWord;
using engine::Error;
using engine::Place;
using engine::Result;

constexpr std::string_view kHole = "?";

Error Wrong(std::string message) { return {Error::Code::kInvalid, std::move(message)}; }

// The only finding of a sentence, as one line.
Error Wrong(const std::vector<engine::DataFinding>& findings) {
  if (findings.empty()) return Wrong("this is no change");
  const engine::DataFinding& first = findings.front();
  return Wrong(first.message + (first.help.empty() ? "" : "; " + first.help));
}

// One reading of one text. What is wrong lands in `findings_` or `error_`.
class ChangeReader {
 public:
  ChangeReader(const dsl::Module& module, const Known& known,
               const std::vector<ChangeItem>& earlier)
      : names_(module), known_(known), earlier_(earlier), findings_("", list_) {}

  Result<ChangeItem> Read(std::string_view text);
  Result<engine::SearchQuery> ReadSearch(std::string_view text);
  Result<EntityName> ResolveWord(const EntityWord& word) const;

 private:
  const dsl::Module& module() const { return names_.module(); }

  // Splits the text; false after a finding.
  bool Split(std::string_view text);
  Result<ChangeItem> ReadFact(ChangeItem::Kind kind);
  Result<ChangeItem> ReadSeats();
  Result<ChangeItem> ReadEntity(ChangeItem::Kind kind, std::string_view attributes);
  Error ReadAttributes(const dsl::Type& type, std::string_view text, engine::InputValues& values);
  std::optional<engine::DataSentence> Sentence(size_t first);
  Result<engine::FactName> NameFact(const engine::DataSentence& sentence) const;

  // Puts a symbol in the place of a hole for one, so that the sentence can be read.
  enum class SymbolHole { kNone, kSymbol, kProgram };
  SymbolHole FillSymbolHole();
  Result<Place> PlaceOf(const EntityWord& word) const;

  engine::DataNames names_;
  const Known& known_;
  const std::vector<ChangeItem>& earlier_;
  std::vector<engine::DataFinding> list_;
  engine::DataFindings findings_;
  engine::DataWords words_;
  size_t rest_ = 0;  // where the brace stands
};

bool ChangeReader::Split(std::string_view text) {
  return engine::SplitWords(text, {1, 1}, words_, rest_, findings_);
}

std::optional<ChangeItem::Kind> KindOf(std::string_view word) {
  using Kind = ChangeItem::Kind;
  constexpr std::pair<std::string_view, Kind> kinds[] = {
      {"add", Kind::kAdd},       {"remove", Kind::kRemove}, {"seats", Kind::kSeats},
      {"create", Kind::kCreate}, {"delete", Kind::kDelete}, {"set", Kind::kSet}};
  for (const auto& [name, kind] : kinds) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

Error NoSuchKind(std::string_view word) {
  const std::vector<std::string> verbs = {"add", "remove", "seats", "create", "delete", "set"};
  const std::string help = engine::DidYouMean(word, verbs);
  return Wrong("a change begins with add, remove, seats, create, delete or set, not with " +
               engine::Quoted(word) + (help.empty() ? "" : "; " + help));
}

Result<ChangeItem> ChangeReader::Read(std::string_view text) {
  if (!Split(text)) return Wrong(list_);
  if (words_.words.empty()) return Wrong("an empty change");
  const auto kind = KindOf(words_.words.front().text);
  if (!kind) return NoSuchKind(words_.words.front().text);
  const bool entity = *kind == ChangeItem::Kind::kCreate || *kind == ChangeItem::Kind::kSet ||
                      *kind == ChangeItem::Kind::kDelete;
  const std::string_view attributes = text.substr(rest_);
  if (entity) return ReadEntity(*kind, attributes);
  if (!attributes.empty()) return Wrong("only entities have attributes in braces");
  return *kind == ChangeItem::Kind::kSeats ? ReadSeats() : ReadFact(*kind);
}

std::optional<engine::DataSentence> ChangeReader::Sentence(size_t first) {
  const std::vector<engine::DataWord> words(
      words_.words.begin() + static_cast<std::ptrdiff_t>(first), words_.words.end());
  return engine::ReadSentence(names_, words, {1, 1}, findings_);
}

Result<engine::FactName> ChangeReader::NameFact(const engine::DataSentence& sentence) const {
  engine::FactName fact;
  fact.relation = sentence.relation;
  if (sentence.has_symbol) fact.symbol = names_.SymbolName(sentence.symbol_kind, sentence.symbol);
  if (sentence.symbol_kind == dsl::SymbolKind::kProgram && sentence.fact == nullptr) {
    // The store keeps a role for programs as a relation of its own: "is ROLE for".
    const std::string_view relation = sentence.relation;
    fact.program = std::exchange(fact.symbol, std::string(relation.substr(3, relation.size() - 7)));
    fact.relation = "is";
  }
  if (sentence.subject.id != kHole) {
    auto subject = ResolveWord(sentence.subject);
    if (!subject) return subject.error();
    fact.subject = *std::move(subject);
  }
  if (sentence.object && sentence.object->id != kHole) {
    auto object = ResolveWord(*sentence.object);
    if (!object) return object.error();
    fact.object = *std::move(object);
  }
  return fact;
}

Result<ChangeItem> ChangeReader::ReadFact(ChangeItem::Kind kind) {
  const auto sentence = Sentence(1);
  if (!sentence) return Wrong(list_);
  if (sentence->kind == engine::DataSentence::Kind::kSeats) {
    return Wrong("seats are neither added nor removed: write `seats of kh in norr is 3`");
  }
  ChangeItem item;
  item.kind = kind;
  auto fact = NameFact(*sentence);
  if (!fact) return fact.error();
  item.fact = *std::move(fact);
  if (kind == ChangeItem::Kind::kRemove && (sentence->from_us || sentence->until_us)) {
    return Wrong("what is removed is named without `from` and `until`");
  }
  if (sentence->from_us) item.validity.from_us = *sentence->from_us;
  if (sentence->until_us) item.validity.until_us = *sentence->until_us;
  return item;
}

Result<ChangeItem> ChangeReader::ReadSeats() {
  const auto sentence = Sentence(0);
  if (!sentence) return Wrong(list_);
  ChangeItem item;
  item.kind = ChangeItem::Kind::kSeats;
  item.licence = names_.SymbolName(dsl::SymbolKind::kLicence, sentence->symbol);
  item.seats = sentence->seats;
  if (sentence->subject.id == kHole) return item;
  auto pool = ResolveWord(sentence->subject);
  if (!pool) return pool.error();
  item.entity = *std::move(pool);
  return item;
}

Result<ChangeItem> ChangeReader::ReadEntity(ChangeItem::Kind kind, std::string_view attributes) {
  const std::string verb(words_.words.front().text);
  if (words_.words.size() != 3) return Wrong("write `" + verb + " TYPE ID`");
  const std::string_view type_name = words_.words[1].text;
  const dsl::TypeId type = names_.FindType(type_name);
  if (type == dsl::kNone || names_.type(type).is_union) {
    const std::string help = engine::DidYouMean(type_name, names_.entity_types());
    return Wrong(engine::Quoted(type_name) + " is no entity type" +
                 (help.empty() ? "" : "; " + help));
  }
  ChangeItem item;
  item.kind = kind;
  item.entity = {names_.type(type).name, std::string(words_.words[2].text)};
  if (attributes.empty()) return item;
  if (kind == ChangeItem::Kind::kDelete)
    return Wrong("what is deleted is named without attributes");
  const Error error = ReadAttributes(names_.type(type), attributes, item.attributes);
  if (!error.message.empty()) return error;
  return item;
}

// An error without a message when all is well.
Error ChangeReader::ReadAttributes(const dsl::Type& type, std::string_view text,
                                   engine::InputValues& values) {
  const auto map = engine::ReadFlow(text, {1, 1}, findings_);
  if (!map) return Wrong(list_);
  for (size_t i = 0; i < map->entry_count(); ++i) {
    const std::string& name = map->key(i).text;
    const engine::DataNode& node = map->value(i);
    const dsl::Attribute* declared = FindAttribute(type.attributes, name);
    if (declared == nullptr) {
      std::vector<std::string> known;
      for (const dsl::Attribute& attribute : type.attributes) known.push_back(attribute.name);
      const std::string help = engine::DidYouMean(name, known);
      return Wrong(engine::Quoted(type.name) + " has no attribute " + engine::Quoted(name) +
                   (help.empty() ? "" : "; " + help));
    }
    engine::InputValue value;
    if (node.kind == engine::DataNode::Kind::kList) {
      std::vector<std::string> texts;
      for (const engine::DataNode& element : node.items) texts.push_back(element.text);
      value = ReadInputs(declared, texts);
    } else if (node.kind == engine::DataNode::Kind::kScalar) {
      value = ReadInput(declared, node.text);
    }
    values.emplace_back(name, std::move(value));
  }
  return Wrong("");
}

Result<EntityName> ChangeReader::ResolveWord(const EntityWord& word) const {
  const std::string id(word.id);
  if (word.types.size() == 1) return EntityName{names_.type(word.types.front()).name, id};
  std::vector<std::string> stored;
  for (const dsl::TypeId number : word.types) {
    const std::string& type = names_.type(number).name;
    const bool there = known_.exists(type, id);
    const bool new_here = std::any_of(
        earlier_.begin(), earlier_.end(), [&, wanted = EntityName{type, id}](const auto& item) {
          return item.kind == ChangeItem::Kind::kCreate && item.entity == wanted;
        });
    if (there || new_here) stored.push_back(type);
  }
  if (stored.size() == 1) return EntityName{stored.front(), id};
  if (stored.empty()) return EntityName{names_.type(word.types.front()).name, id};
  std::string message = "`" + id + "` could be several things; write ";
  for (size_t i = 0; i < stored.size(); ++i) {
    if (i > 0) message += i + 1 == stored.size() ? " or " : ", ";
    message += "`" + stored[i] + ":" + id + "`";
  }
  return Wrong(message);
}

ChangeReader::SymbolHole ChangeReader::FillSymbolHole() {
  auto& words = words_.words;
  if (words.size() > 3 && words[3].text == kHole) {
    const dsl::FactId fact = names_.FindVerb(words[2].text);
    if (fact != dsl::kNone && module().facts[fact].symbol_slot == 1) {
      const dsl::Slot& slot = module().facts[fact].shape.slots[1];
      const uint32_t symbol = slot.allowed.empty() ? 0 : slot.allowed.front();
      words[3].text = names_.SymbolName(slot.symbol_kind, symbol);
      return SymbolHole::kSymbol;
    }
    if (words[2].text == "holds") {
      for (const dsl::Licence& licence : module().licences) {
        if (licence.from.empty() == (words.size() == 4)) words[3].text = licence.name;
      }
      return SymbolHole::kSymbol;
    }
    if (words[2].text == "is") {
      const bool for_program = words.size() > 4 && words[4].text == "for";
      const bool on = words[words.size() - 2].text == "on";
      for (const dsl::Role& role : module().roles) {
        if (role.for_program == for_program && role.on.empty() != on) words[3].text = role.name;
      }
      return SymbolHole::kSymbol;
    }
  }
  if (words.size() > 5 && words[2].text == "is" && words[4].text == "for" &&
      words[5].text == kHole && !module().programs.empty()) {
    words[5].text = module().programs.front().name;
    return SymbolHole::kProgram;
  }
  return SymbolHole::kNone;
}

Result<Place> ChangeReader::PlaceOf(const EntityWord& word) const {
  Place place;
  if (word.id == kHole) {
    if (word.types.size() > 1) {
      return Wrong("say which type is searched: `" + names_.type(word.types.front()).name + ":?`");
    }
    place.hole = true;
    place.entity.type = names_.type(word.types.front()).name;
    return place;
  }
  auto entity = ResolveWord(word);
  if (!entity) return entity.error();
  place.entity = *std::move(entity);
  return place;
}

Result<engine::SearchQuery> ChangeReader::ReadSearch(std::string_view text) {
  engine::SearchQuery query;
  query.through = engine::SearchQuery::Through::kChange;
  if (!Split(text)) return Wrong(list_);
  if (words_.words.empty()) return Wrong("an empty change");
  const auto kind = KindOf(words_.words.front().text);
  if (!kind) return NoSuchKind(words_.words.front().text);
  query.change = *kind;
  if (*kind == ChangeItem::Kind::kCreate || *kind == ChangeItem::Kind::kDelete) {
    auto item = ReadEntity(*kind, "");
    if (!item) return item.error();
    query.subject.hole = item->entity.id == kHole;
    query.subject.entity = query.subject.hole ? EntityName{item->entity.type, ""} : item->entity;
    return query;
  }
  if (*kind == ChangeItem::Kind::kSet) return Wrong("attributes are not searched through");
  const bool seats = *kind == ChangeItem::Kind::kSeats;
  if (seats && words_.words.size() == 5) {
    for (const std::string_view word : {"is", "0"}) words_.words.push_back({word, 0, false});
  }
  const SymbolHole hole = FillSymbolHole();
  const auto sentence = Sentence(seats ? 0 : 1);
  if (!sentence) return Wrong(list_);
  auto fact = NameFact(*sentence);
  if (!fact) return fact.error();
  query.relation = fact->relation;
  query.symbol = {hole == SymbolHole::kSymbol, {}, hole == SymbolHole::kSymbol ? "" : fact->symbol};
  query.program = {
      hole == SymbolHole::kProgram, {}, hole == SymbolHole::kProgram ? "" : fact->program};
  if (seats) query.symbol.symbol = names_.SymbolName(dsl::SymbolKind::kLicence, sentence->symbol);
  auto subject = PlaceOf(sentence->subject);
  if (!subject) return subject.error();
  query.subject = *std::move(subject);
  if (!sentence->object) return query;
  auto object = PlaceOf(*sentence->object);
  if (!object) return object.error();
  query.object = *std::move(object);
  return query;
}

// Entity types that some rule about a change admits as its actor; all when there is none.
std::vector<dsl::TypeId> ActorTypes(const dsl::Module& module) {
  std::vector<dsl::TypeId> types;
  for (const dsl::ChangeRule& rule : module.changes) {
    const auto& admitted = rule.variables[rule.actor].types;
    types.insert(types.end(), admitted.begin(), admitted.end());
  }
  for (dsl::TypeId type = 0; types.empty() && type < module.types.size(); ++type) {
    if (!module.types[type].is_union) types.push_back(type);
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

}  // namespace

std::string WholeChange(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
  const std::string_view first = text.substr(0, text.find_first_of(" \t\r"));
  if (first == "+") return "add" + std::string(text.substr(1));
  if (first == "-") return "remove" + std::string(text.substr(1));
  return (KindOf(first) ? "" : "add ") + std::string(text);
}

Result<ChangeItem> ReadChange(const dsl::Module& module, const Known& known, std::string_view text,
                              const std::vector<ChangeItem>& earlier) {
  return ChangeReader(module, known, earlier).Read(text);
}

Result<EntityName> ReadActor(const dsl::Module& module, const Known& known, std::string_view text) {
  const EntityWord word = engine::ReadEntityWord(module, ActorTypes(module), text, {1, 1});
  return ChangeReader(module, known, {}).ResolveWord(word);
}

Result<engine::SearchQuery> ReadChangeSearch(const dsl::Module& module, const Known& known,
                                             std::string_view text, std::string_view actor) {
  auto query = ChangeReader(module, known, {}).ReadSearch(text);
  if (!query) return query;
  const EntityWord word = engine::ReadEntityWord(module, ActorTypes(module), actor, {1, 1});
  query->actor.hole = word.id == kHole;
  if (query->actor.hole) {
    if (word.types.size() > 1) return Wrong("say which type the actor has: `TYPE:?`");
    query->actor.entity.type = module.types[word.types.front()].name;
    return query;
  }
  auto name = ReadActor(module, known, actor);
  if (!name) return name.error();
  query->actor.entity = *std::move(name);
  return query;
}

}  // namespace portvakt::cli
