#include "engine/triggers.h"

#include <optional>

namespace portvakt::engine {
namespace {

using dsl::Condition;
using dsl::kNone;
using dsl::Term;
using Target = dsl::ChangeTarget::Kind;

// What a variable or term is in terms of the limit's own variables.
struct Place {
  uint32_t variable = kNone;      // kNone: follows from none
  std::vector<std::string> path;  // of an entity
  uint32_t symbol = kNone;        // a symbol that the policy names
  friend auto operator<=>(const Place&, const Place&) = default;
};
using Frame = std::vector<Place>;

class Finder {
 public:
  Finder(const dsl::Module& module, const dsl::Limit& limit) : module_(module), limit_(limit) {}

  std::vector<Trigger> Run() {
    Frame frame(limit_.variables.size());
    for (uint32_t i = 0; i < frame.size(); ++i) frame[i].variable = i;
    Read(limit_.condition, frame);
    if (limit_.bound != kNone) ReadTerm(limit_.bound, frame);
    if (limit_.count != dsl::Limit::Count::kUncounted) {
      // An entity that comes or goes is counted or is not, whatever the condition reads.
      Trigger trigger;
      trigger.target = Target::kEntity;
      trigger.bindings.push_back({Trigger::End::kSubject, limit_.for_every_count, {}});
      Add(trigger);
    }
    if (!too_many_) return {triggers_.begin(), triggers_.end()};
    Trigger every;
    every.every_change = true;
    return {every};
  }

 private:
  void Add(const Trigger& trigger) {
    triggers_.insert(trigger);
    too_many_ = too_many_ || triggers_.size() > kMaxTriggers;
  }

  static void Bind(Trigger& trigger, Trigger::End end, const std::optional<Place>& place) {
    if (place && place->variable != kNone) {
      trigger.bindings.push_back({end, place->variable, place->path});
    }
  }

  // The entity that a term is; the attributes on its way are read.
  Place ReadTerm(dsl::TermId id, const Frame& frame) {
    const Term& term = module_.terms[id];
    Place place;
    if (term.kind == Term::Kind::kSeats) {
      Trigger trigger;
      trigger.target = Target::kSeats;
      const Place licence = Symbol(term.licence, frame);
      trigger.symbol = licence.symbol;
      Bind(trigger, Trigger::End::kSymbol, licence);
      Bind(trigger, Trigger::End::kSubject, ReadTerm(term.tenant, frame));
      Add(trigger);
      return place;
    }
    if (term.kind == Term::Kind::kVariable) place = frame[term.variable];
    for (const dsl::Step& step : term.steps) {
      if (term.kind == Term::Kind::kContext || term.kind == Term::Kind::kAction) break;
      if (!step.from_request) {
        Trigger trigger;
        trigger.target = Target::kAttribute;
        trigger.attribute = step.attribute;
        Bind(trigger, Trigger::End::kSubject, place);
        Add(trigger);
      }
      const bool leads_on = !step.from_request && !step.type.is_set &&
                            step.type.kind == dsl::ValueKind::kEntity && place.variable != kNone;
      if (leads_on) {
        place.path.push_back(step.attribute);
      } else {
        place = Place();
      }
    }
    return place;
  }

  Place Symbol(dsl::TermId id, const Frame& frame) const {
    const Term& term = module_.terms[id];
    Place place;
    if (term.kind == Term::Kind::kSymbol) place.symbol = term.symbol;
    if (term.kind == Term::Kind::kVariable) place = frame[term.variable];
    if (term.kind == Term::Kind::kProgramOf) {
      const uint32_t permission = frame[term.variable].symbol;
      if (permission != kNone) place.symbol = module_.permissions[permission].program;
    }
    return place;
  }

  void ReadPair(const Condition& condition, const Frame& frame) {
    Trigger trigger;
    const Place subject = ReadTerm(condition.subject, frame);
    std::optional<Place> object;
    if (condition.object != kNone) object = ReadTerm(condition.object, frame);
    std::optional<Place> symbol;
    if (condition.symbol != kNone) symbol = Symbol(condition.symbol, frame);
    trigger.symbol = symbol ? symbol->symbol : kNone;
    trigger.placed = object.has_value();
    switch (condition.kind) {
      case Condition::Kind::kFact:
        trigger.fact = condition.fact;
        trigger.placed = false;
        // Any step may stand on the way from one end to the other.
        if (module_.facts[condition.fact].transitive && !condition.directly) {
          Bind(trigger, Trigger::End::kSymbol, symbol);
          return Add(trigger);
        }
        break;
      case Condition::Kind::kRole: {
        trigger.target = Target::kRole;
        if (condition.program != kNone) {
          const Place program = Symbol(condition.program, frame);
          trigger.program = program.symbol;
          Bind(trigger, Trigger::End::kProgram, program);
        }
        break;
      }
      default: trigger.target = Target::kHolds; break;
    }
    Bind(trigger, Trigger::End::kSubject, subject);
    Bind(trigger, Trigger::End::kObject, object);
    Bind(trigger, Trigger::End::kSymbol, symbol);
    Add(trigger);
  }

  // Seats owned, and seats taken by whomever.
  void ReadSeatFree(const Condition& condition, const Frame& frame) {
    const Place pool = ReadTerm(condition.object, frame);
    const Place licence = Symbol(condition.symbol, frame);
    Trigger owned;
    owned.target = Target::kSeats;
    owned.symbol = licence.symbol;
    Bind(owned, Trigger::End::kSubject, pool);
    Bind(owned, Trigger::End::kSymbol, licence);
    Add(owned);
    Trigger taken;
    taken.target = Target::kHolds;
    taken.symbol = licence.symbol;
    taken.placed = true;
    Bind(taken, Trigger::End::kObject, pool);
    Bind(taken, Trigger::End::kSymbol, licence);
    Add(taken);
  }

  void ReadCall(const Condition& condition, const Frame& frame) {
    const dsl::Define& define = module_.defines[condition.define];
    Frame callee(define.variables.size());
    for (uint32_t i = 0; i < define.parameter_count; ++i) {
      const dsl::TermId argument = condition.arguments[i];
      callee[i] =
          define.variables[i].is_symbol ? Symbol(argument, frame) : ReadTerm(argument, frame);
    }
    if (called_.insert({condition.define, callee}).second) Read(define.condition, callee);
  }

  void Read(dsl::ConditionId id, const Frame& frame) {
    if (too_many_) return;
    const Condition& condition = module_.conditions[id];
    switch (condition.kind) {
      case Condition::Kind::kSome: {
        Frame inner = frame;
        inner[condition.variable] = Place();
        return Read(condition.children[0], inner);
      }
      case Condition::Kind::kFact:
      case Condition::Kind::kRole:
      case Condition::Kind::kHolds: return ReadPair(condition, frame);
      case Condition::Kind::kDefine: return ReadCall(condition, frame);
      case Condition::Kind::kSeatFree: return ReadSeatFree(condition, frame);
      case Condition::Kind::kMay: {
        // A decision may lean on anything.
        too_many_ = true;
        return;
      }
      case Condition::Kind::kAnd:
      case Condition::Kind::kOr:
      case Condition::Kind::kNot:
        for (dsl::ConditionId child : condition.children) Read(child, frame);
        return;
      case Condition::Kind::kCompare:
      case Condition::Kind::kPresent:
      case Condition::Kind::kAbsent:
      case Condition::Kind::kIsType:
      case Condition::Kind::kFlag:
      case Condition::Kind::kContains:
        ReadTerm(condition.subject, frame);
        if (condition.object != kNone) ReadTerm(condition.object, frame);
        return;
      case Condition::Kind::kTrue:
      case Condition::Kind::kIncludes:
      case Condition::Kind::kCovers:
      case Condition::Kind::kGives:
      case Condition::Kind::kSymbolIs:
      case Condition::Kind::kSameSymbol: return;
    }
  }

  const dsl::Module& module_;
  const dsl::Limit& limit_;
  std::set<Trigger> triggers_;
  std::set<std::pair<dsl::DefineId, Frame>> called_;
  bool too_many_ = false;
};

}  // namespace

std::vector<Trigger> TriggersOf(const dsl::Module& module, const dsl::Limit& limit) {
  return Finder(module, limit).Run();
}

}  // namespace portvakt::engine
