// Shapes: which words of `user granted permission in tenant` are slots and which are words; facts
// and the parameters of definitions.
#include <algorithm>
#include <limits>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

struct Unit {
  const char* word;
  int64_t us;
};
constexpr Unit kUnits[] = {{"second", kSecondUs},
                           {"minute", 60 * kSecondUs},
                           {"hour", 3600 * kSecondUs},
                           {"day", 86400 * kSecondUs},
                           {"week", 604800 * kSecondUs}};

}  // namespace

// Nothing, with a finding, when the unit is none or the duration passes what 64 bits hold.
std::optional<int64_t> Checker::DurationUs(uint64_t count, const std::string& unit,
                                           Span unit_span) {
  std::vector<std::string> names;
  for (const Unit& known : kUnits) {
    const std::string word = known.word;
    if (unit == word || unit == word + "s") {
      const auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / known.us);
      if (count <= most) return static_cast<int64_t>(count) * known.us;
      Report(DiagnosticKind::kBadNumber, unit_span, "the duration is too long", "out of range");
      return std::nullopt;
    }
    names.push_back(word + "s");
    names.push_back(word);
  }
  Diagnostic& diagnostic = Report(DiagnosticKind::kBadNumber, unit_span,
                                  Quoted(unit) + " is no unit of time", "a unit is needed here");
  diagnostic.suggestions = Suggest(unit, names);
  diagnostic.help.push_back("units are seconds, minutes, hours, days and weeks");
  return std::nullopt;
}

// An entity type, a kind of symbol, or a set, where those are wanted; nothing for a plain word.
std::optional<Binding> Checker::FindBinding(const Name& name, bool symbols, bool sets) {
  Binding binding;
  binding.failed = false;
  const uint32_t type = types_.Use(name.text);
  if (type != kNone) {
    binding.types = module_.types[type].members;
    binding.failed = binding.types.empty();
    return binding;
  }
  if (symbols && !name.quoted) {
    if (const auto kind = KindOfWord(name.text)) {
      binding.is_symbol = true;
      binding.symbol_kind = *kind;
      return binding;
    }
  }
  const uint32_t set = symbols && sets ? sets_.Use(name.text) : kNone;
  if (set == kNone) return std::nullopt;
  binding.is_symbol = true;
  binding.is_set = true;
  binding.symbol_kind = module_.sets[set].kind;
  binding.allowed = module_.sets[set].members;
  binding.failed = set_states_[set] != SetState::kDone;
  return binding;
}

Binding Checker::ResolveBinding(const Name& name, bool symbols, bool sets) {
  if (auto binding = FindBinding(name, symbols, sets)) return *binding;
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownType;
  unknown.message = "there is no entity type " + Quoted(name.text);
  unknown.name = name.text;
  unknown.span = name.span;
  unknown.table = &types_;
  unknown.candidates = types_.Names();
  if (symbols) {
    for (const char* word : {"permission", "role", "licence", "program"}) {
      unknown.candidates.emplace_back(word);
    }
  } else if (KindOfWord(name.text)) {
    unknown.help.push_back("a " + name.text + " cannot stand here, only entities");
  }
  Unknown(std::move(unknown));
  return {};
}

// A word one letter away from a type would be a slot that nobody notices to be none.
bool Checker::LooksLikeSlot(const Name& word) {
  if (word.quoted) return false;
  std::vector<std::string> near;
  const auto compare = [&](const std::string& name) {
    const bool same = std::find(near.begin(), near.end(), name) != near.end();
    if (!same && name.size() >= 4 && OneEditApart(word.text, name)) near.push_back(name);
  };
  for (const std::string& name : types_.Names()) compare(name);
  for (const char* name : {"permission", "role", "licence", "program"}) compare(name);
  for (const std::string& name : sets_.Names()) compare(name);
  if (near.empty()) return false;
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownType;
  unknown.message = "there is no entity type " + Quoted(word.text) + ", so this is a mere word";
  unknown.name = word.text;
  unknown.span = word.span;
  // A type that only such words name may itself be the one that is misspelt.
  if (near.size() == 1 && types_.Find(near.front()) != kNone) unknown.table = &types_;
  unknown.candidates = std::move(near);
  unknown.help.push_back("if a word is meant, write it in backticks");
  Unknown(std::move(unknown));
  return true;
}

SentenceShape Checker::ReadShape(const Shape& shape, Span span, bool& failed) {
  SentenceShape read;
  read.text = std::string(sources_.Text(span));
  // One line, whatever the author's line breaks.
  std::string text;
  for (char byte : read.text) {
    const bool space = byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
    if (space && (text.empty() || text.back() == ' ')) continue;
    text.push_back(space ? ' ' : byte);
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  read.text = std::move(text);
  if (shape.size() < 2) {
    Report(DiagnosticKind::kBadFactShape, span, "a sentence needs a verb after its first slot",
           "no verb");
    failed = true;
    return read;
  }
  for (size_t at = 0; at < shape.size(); ++at) {
    const ShapeElement& element = shape[at];
    if (at == 1) {
      read.verb = element.name.text;
      read.words.emplace_back();
      static const std::vector<std::string> kOwnVerbs = {"is",       "may",    "holds", "contains",
                                                         "includes", "covers", "gives", "directly"};
      if (std::find(kOwnVerbs.begin(), kOwnVerbs.end(), read.verb) != kOwnVerbs.end()) {
        Report(DiagnosticKind::kReservedName, element.name.span,
               Quoted(read.verb) + " is a verb of the language", "cannot be declared");
        failed = true;
      }
      if (types_.Find(element.name.text) != kNone || element.as) {
        Report(DiagnosticKind::kBadFactShape, element.name.span,
               "the second word of a sentence is its verb", "a verb is needed here");
        failed = true;
      }
      continue;
    }
    const auto binding = FindBinding(element.name, true, true);
    if (!binding && at != 0 && !element.as) {
      failed = LooksLikeSlot(element.name) || failed;
      read.words.back().push_back(element.name.text);
      continue;
    }
    Slot slot;
    slot.name = element.as ? element.as->text : element.name.text;
    Binding bound = binding ? *binding : ResolveBinding(element.name, true, true);
    failed = failed || bound.failed;
    slot.is_symbol = bound.is_symbol;
    slot.symbol_kind = bound.symbol_kind;
    slot.types = std::move(bound.types);
    slot.allowed = std::move(bound.allowed);
    read.slots.push_back(std::move(slot));
    if (at > 1) read.words.emplace_back();
  }
  return read;
}

void Checker::CheckFacts() {
  for (const auto& source : fact_decls_) {
    const FactDecl& decl = *source.decl;
    bool failed = false;
    Fact fact;
    fact.span = decl.shape_span;
    fact.shape = ReadShape(decl.shape, decl.shape_span, failed);
    fact.transitive = decl.transitive;
    fact.lasting_at_most = decl.lasting_at_most;
    if (decl.lasting) {
      fact.lasting_us =
          DurationUs(decl.lasting->count, decl.lasting->unit.text, decl.lasting->span);
    }
    size_t entities = 0;
    size_t symbols = 0;
    for (uint32_t slot = 0; slot < fact.shape.slots.size(); ++slot) {
      if (fact.shape.slots[slot].is_symbol) {
        fact.symbol_slot = slot;
        ++symbols;
      } else {
        (entities == 0 ? fact.subject_slot : fact.object_slot) = slot;
        ++entities;
      }
    }
    const bool odd = entities == 0 || entities > 2 || symbols > 1;
    if (!failed && odd) {
      Diagnostic& diagnostic =
          Report(DiagnosticKind::kBadFactShape, fact.span,
                 "a fact is about one or two entities and at most one symbol",
                 std::to_string(entities) + " entities, " + std::to_string(symbols) + " symbols");
      diagnostic.help.push_back("what has more sides is an entity of its own with references");
      failed = true;
    } else if (!failed && fact.shape.slots.front().is_symbol) {
      Report(DiagnosticKind::kBadFactShape, fact.span, "a fact begins with an entity",
             "begins with a " + std::string(KindWord(fact.shape.slots.front().symbol_kind)));
      failed = true;
    }
    if (!failed && decl.transitive) {
      const bool two = fact.object_slot != kNone;
      if (!two || symbols > 0 ||
          !Overlap(fact.shape.slots[fact.subject_slot].types,
                   fact.shape.slots[fact.object_slot].types)) {
        // Over a union the chain goes on through the members that both sides admit.
        Report(DiagnosticKind::kBadTransitive, fact.span,
               two && symbols == 0 ? "the two sides of this fact have no type in common, so no "
                                     "chain of it is longer than one step"
                                   : "only a fact between two entities can be transitive",
               "cannot be transitive");
        failed = true;
      }
    }
    fact_failed_.push_back(failed);
    module_.facts.push_back(std::move(fact));
  }
}

// The shapes of all definitions come before any condition, since conditions call them.
void Checker::CheckDefineShapes() {
  for (const auto& source : define_decls_) {
    bool failed = false;
    Define define;
    define.span = source.decl->shape_span;
    define.shape = ReadShape(source.decl->shape, source.decl->shape_span, failed);
    define_failed_.push_back(failed);
    module_.defines.push_back(std::move(define));
  }
}

}  // namespace portvakt::dsl
