// Splitting a sentence into words and matching it with the module's shapes. The forms are in the
// header.
#include "engine/data_sentence.h"

#include <algorithm>
#include <charconv>

#include "engine/calendar.h"
#include "engine/read_flow.h"

namespace portvakt::engine {
namespace {

using dsl::SymbolKind;

bool IsBlank(char character) { return character == ' ' || character == '\t' || character == '\r'; }

// Characters, not bytes: continuation bytes of UTF-8 are not counted.
uint32_t CountCharacters(std::string_view text) {
  uint32_t count = 0;
  for (const char character : text) {
    if ((static_cast<unsigned char>(character) & 0xc0) != 0x80) ++count;
  }
  return count;
}

// Matches one sentence from left to right. Every method that reads returns false after a finding.
class SentenceReader {
 public:
  SentenceReader(const DataNames& names, const std::vector<DataWord>& words, DataPlace place,
                 DataFindings& findings)
      : names_(names), words_(words), place_(place), findings_(findings), end_(words.size()) {}

  std::optional<DataSentence> Read() {
    sentence_.place = place_;
    if (!ReadAll()) return std::nullopt;
    return std::move(sentence_);
  }

 private:
  const dsl::Module& module() const { return names_.module(); }
  size_t left() const { return end_ - next_; }
  bool NextIs(std::string_view keyword) const {
    return left() > 0 && !words_[next_].quoted && words_[next_].text == keyword;
  }
  DataPlace PlaceOf(size_t word) const {
    return {place_.line, place_.column == 0 ? 0 : place_.column + words_[word].column};
  }
  // At the next word, or at the sentence when there is none.
  bool Fail(std::string message, std::string help = "") {
    findings_.Add(next_ < words_.size() ? PlaceOf(next_) : place_, std::move(message),
                  std::move(help));
    return false;
  }

  bool ReadAll();
  bool TakeWhen(std::string_view keyword, std::optional<int64_t>& when);
  bool ReadFact(const dsl::Fact& fact);
  bool ReadRole();
  bool ReadHolds();
  bool ReadSeats();
  bool ReadKeyword(std::string_view keyword, const std::string& form);
  bool ReadEntity(const std::vector<dsl::TypeId>& types, EntityWord& out, const std::string& form);
  bool ReadObject(const std::vector<dsl::TypeId>& types, const std::string& form);
  bool ReadSymbol(SymbolKind kind, uint32_t& out, const std::string& form);
  bool ReadEnd(const std::string& form);

  const DataNames& names_;
  const std::vector<DataWord>& words_;
  DataPlace place_;
  DataFindings& findings_;
  size_t next_ = 0;
  size_t end_;  // behind it stand `from` and `until`
  DataSentence sentence_;
};

// Takes `keyword WHEN` off the end. True also when it is not there.
bool SentenceReader::TakeWhen(std::string_view keyword, std::optional<int64_t>& when) {
  if (end_ < 4) return true;
  const DataWord& word = words_[end_ - 2];
  const DataWord& value = words_[end_ - 1];
  if (word.quoted || value.quoted || word.text != keyword) return true;
  when = ReadWhen(value.text, module());
  if (when) {
    end_ -= 2;
    return true;
  }
  // `holds LICENCE from T` is the only sentence that may end so otherwise.
  if (keyword == "from" && words_[1].text == "holds") return true;
  next_ = end_ - 1;
  return Fail(Quoted(value.text) + " is no date and no instant",
              "write 2026-01-31 or 2026-01-31T12:00:00Z");
}

bool SentenceReader::ReadAll() {
  if (words_.size() < 2) {
    return Fail("a sentence needs a thing and what is said of it", "as in `anna assigned_to alfa`");
  }
  const DataWord& first = words_[0];
  const DataWord& verb = words_[1];
  if (!first.quoted && first.text == "seats" && verb.text == "of") return ReadSeats();
  if (!TakeWhen("until", sentence_.until_us) || !TakeWhen("from", sentence_.from_us)) return false;
  const dsl::FactId fact = names_.FindVerb(verb.text);
  if (fact != dsl::kNone) return ReadFact(module().facts[fact]);
  if (verb.text == "is") return ReadRole();
  if (verb.text == "holds") return ReadHolds();
  next_ = 1;
  std::vector<std::string> verbs = names_.verbs();
  verbs.insert(verbs.end(), {"is", "holds"});
  return Fail("no fact is called " + Quoted(verb.text), DidYouMean(verb.text, verbs));
}

bool SentenceReader::ReadKeyword(std::string_view keyword, const std::string& form) {
  if (!NextIs(keyword)) {
    return Fail((left() == 0 ? "the sentence ends before " : "here stands ") +
                    (left() == 0 ? Quoted(keyword)
                                 : Quoted(words_[next_].text) + " instead of " + Quoted(keyword)),
                "write " + Quoted(form));
  }
  ++next_;
  return true;
}

bool SentenceReader::ReadEnd(const std::string& form) {
  if (left() == 0) return true;
  return Fail("the sentence goes on with " + Quoted(words_[next_].text), "write " + Quoted(form));
}

bool SentenceReader::ReadEntity(const std::vector<dsl::TypeId>& types, EntityWord& out,
                                const std::string& form) {
  if (left() == 0) return Fail("the sentence ends too soon", "write " + Quoted(form));
  out = ReadEntityWord(module(), types, words_[next_].text, PlaceOf(next_));
  if (out.id.empty() || out.id.size() > kMaxIdBytes) {
    return Fail("an id has 1 to " + std::to_string(kMaxIdBytes) + " bytes");
  }
  ++next_;
  return true;
}

bool SentenceReader::ReadObject(const std::vector<dsl::TypeId>& types, const std::string& form) {
  return ReadEntity(types, sentence_.object.emplace(), form);
}

bool SentenceReader::ReadSymbol(SymbolKind kind, uint32_t& out, const std::string& form) {
  if (left() == 0) return Fail("the sentence ends too soon", "write " + Quoted(form));
  const std::string_view name = words_[next_].text;
  out = names_.FindSymbol(kind, name);
  if (out == dsl::kNone) {
    return Fail(Quoted(name) + " is no " + NameOfKind(kind),
                DidYouMean(name, names_.SymbolNames(kind)));
  }
  ++next_;
  return true;
}

bool SentenceReader::ReadFact(const dsl::Fact& fact) {
  const dsl::SentenceShape& shape = fact.shape;
  sentence_.fact = &fact;
  sentence_.relation = shape.verb;
  for (size_t i = 0; i < shape.slots.size(); ++i) {
    const dsl::Slot& slot = shape.slots[i];
    const size_t at = next_;
    if (slot.is_symbol) {
      if (!ReadSymbol(slot.symbol_kind, sentence_.symbol, shape.text)) return false;
      sentence_.has_symbol = true;
      sentence_.symbol_kind = slot.symbol_kind;
      const auto& allowed = slot.allowed;
      if (!allowed.empty() &&
          std::find(allowed.begin(), allowed.end(), sentence_.symbol) == allowed.end()) {
        next_ = at;
        return Fail(Quoted(words_[at].text) + " is not one of " + Quoted(slot.name),
                    "the policy says " + Quoted(shape.text));
      }
    } else if (i == fact.object_slot) {
      if (!ReadObject(slot.types, shape.text)) return false;
    } else {
      if (!ReadEntity(slot.types, sentence_.subject, shape.text)) return false;
    }
    if (i == 0) ++next_;  // the verb
    if (i >= shape.words.size()) continue;
    for (const std::string& word : shape.words[i]) {
      if (!ReadKeyword(word, shape.text)) return false;
    }
  }
  return ReadEnd(shape.text);
}

bool SentenceReader::ReadRole() {
  next_ = 2;
  uint32_t symbol = 0;
  if (!ReadSymbol(SymbolKind::kRole, symbol, "X is ROLE")) return false;
  const dsl::Role& role = module().roles[symbol];
  std::string form = "X is " + role.name;
  if (role.for_program) form += " for PROGRAM";
  if (!role.on.empty()) form += " on " + NamesOf(module(), role.on);
  sentence_.has_symbol = true;
  sentence_.symbol_kind = SymbolKind::kRole;
  sentence_.symbol = symbol;
  sentence_.relation = "is";
  if (role.for_program) {
    if (!ReadKeyword("for", form)) return false;
    if (!ReadSymbol(SymbolKind::kProgram, sentence_.symbol, form)) return false;
    sentence_.symbol_kind = SymbolKind::kProgram;
    sentence_.relation = "is " + role.name + " for";
  }
  if (!role.on.empty() && !(ReadKeyword("on", form) && ReadObject(role.on, form))) return false;
  if (!ReadEnd(form)) return false;
  next_ = 0;
  return ReadEntity(role.held_by, sentence_.subject, form);
}

bool SentenceReader::ReadHolds() {
  next_ = 2;
  if (!ReadSymbol(SymbolKind::kLicence, sentence_.symbol, "X holds LICENCE")) return false;
  const dsl::Licence& licence = module().licences[sentence_.symbol];
  std::string form = NamesOf(module(), licence.held_by) + " holds " + licence.name;
  if (!licence.from.empty()) form += " from " + NamesOf(module(), licence.from);
  sentence_.has_symbol = true;
  sentence_.symbol_kind = SymbolKind::kLicence;
  sentence_.relation = "holds";
  if (!licence.from.empty() && !(ReadKeyword("from", form) && ReadObject(licence.from, form))) {
    return false;
  }
  if (!ReadEnd(form)) return false;
  next_ = 0;
  return ReadEntity(licence.held_by, sentence_.subject, form);
}

bool SentenceReader::ReadSeats() {
  const std::string form = "seats of LICENCE in TENANT is NUMBER";
  sentence_.kind = DataSentence::Kind::kSeats;
  next_ = 2;
  if (!ReadSymbol(SymbolKind::kLicence, sentence_.symbol, form)) return false;
  const dsl::Licence& licence = module().licences[sentence_.symbol];
  if (licence.from.empty()) {
    next_ = 2;
    return Fail(Quoted(licence.name) + " has no seats", "it is held without `from`");
  }
  if (!ReadKeyword("in", form) || !ReadEntity(licence.from, sentence_.subject, form) ||
      !ReadKeyword("is", form)) {
    return false;
  }
  if (left() == 0) return Fail("the sentence ends too soon", "write " + Quoted(form));
  const std::string_view text = words_[next_].text;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), sentence_.seats);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Fail(Quoted(text) + " is no number of seats", "write a whole number, 0 or more");
  }
  ++next_;
  return ReadEnd(form);
}

}  // namespace

bool SplitWords(std::string_view line, DataPlace place, DataWords& out, size_t& rest,
                DataFindings& findings) {
  out.words.clear();
  out.unescaped.clear();
  out.unescaped.reserve(kMaxSentenceWords);  // the words' views must stay good
  size_t at = 0;
  while (true) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    rest = at;
    if (at == line.size() || line[at] == '{') return true;
    const uint32_t column = CountCharacters(line.substr(0, at));
    const DataPlace word_place{place.line, place.column + column};
    if (out.words.size() == kMaxSentenceWords) {
      findings.Add(word_place,
                   "a sentence has at most " + std::to_string(kMaxSentenceWords) + " words");
      return false;
    }
    const size_t begin = at;
    if (line[at] != '"') {
      while (at < line.size() && !IsBlank(line[at])) ++at;
      out.words.push_back({line.substr(begin, at - begin), column, false});
      continue;
    }
    std::string text;
    for (++at; at < line.size() && line[at] != '"'; ++at) {
      text.push_back(TakeQuoted(line, at));
    }
    if (at == line.size()) {
      findings.Add(word_place, "a quote without its end");
      return false;
    }
    ++at;
    if (at < line.size() && !IsBlank(line[at])) {
      findings.Add(word_place, "a quoted word goes on after its quote", "leave a blank behind it");
      return false;
    }
    out.unescaped.push_back(std::move(text));
    out.words.push_back({out.unescaped.back(), column, true});
  }
}

std::optional<DataSentence> ReadSentence(const DataNames& names, const std::vector<DataWord>& words,
                                         DataPlace place, DataFindings& findings) {
  return SentenceReader(names, words, place, findings).Read();
}

std::optional<int64_t> ReadWhen(std::string_view text, const dsl::Module& module) {
  if (const auto date = ParseDate(text)) return ToInstant(*date, module.time_zone);
  return ParseInstant(text);
}

EntityWord ReadEntityWord(const dsl::Module& module, const std::vector<dsl::TypeId>& types,
                          std::string_view text, DataPlace place) {
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view prefix = text.substr(0, colon);
    for (const dsl::TypeId type : types) {
      if (module.types[type].name == prefix) return {{type}, text.substr(colon + 1), place};
    }
  }
  return {types, text, place};
}

}  // namespace portvakt::engine
