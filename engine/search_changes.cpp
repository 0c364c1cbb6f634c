// Searches through a change with one hole: who may make it, and which changes somebody may make.
// The rules alone are asked: a limit speaks of what is stored, not of who may.
#include <algorithm>

#include "dsl/module.h"
#include "engine/decide_change.h"
#include "engine/search_run.h"

namespace portvakt::engine {
namespace {

using Target = ProposedChange::Target;
using Kind = ChangeItem::Kind;

struct Change {
  ProposedChange proposed;
  EntityId actor = kNoEntity;
};
enum class Hole : uint8_t { kActor, kSubject, kObject, kSymbol, kProgram };

class ChangeTarget final : public SearchTarget {
 public:
  ChangeTarget(Evaluator& evaluator, const Change& asked, Hole sought)
      : change(asked), hole(sought), evaluator_(evaluator) {}

  Tri Test(uint64_t candidate) override {
    Put(candidate);
    if (!FitsRole()) return Tri::kFalse;
    const ChangeRules rules(evaluator_, change.proposed, change.actor, change.proposed.adds);
    Explainer explainer(evaluator_);
    const Tri verdict = VerdictOf(explainer, rules.asked(), nullptr);
    return evaluator_.exhausted() ? Tri::kUnknown : verdict;
  }
  void Tell(uint64_t candidate, SearchResult& result) override {
    if (result.verdict != Tri::kUnknown) return;
    Put(candidate);
    const ChangeRules rules(evaluator_, change.proposed, change.actor, change.proposed.adds);
    ChangeVerdict verdict;
    Explainer(evaluator_).ExplainChange(rules.asked(), verdict);
    result.missing_context = std::move(verdict.missing_context);
  }

  Change change;
  const Hole hole;

 private:
  void Put(uint64_t candidate) {
    switch (hole) {
      case Hole::kActor: change.actor = candidate; return;
      case Hole::kSubject: change.proposed.subject = candidate; return;
      case Hole::kObject: change.proposed.object = candidate; return;
      case Hole::kSymbol: change.proposed.symbol = static_cast<uint32_t>(candidate); return;
      case Hole::kProgram: change.proposed.program = static_cast<uint32_t>(candidate); return;
    }
  }
  // A role is held for a program exactly when it says so.
  bool FitsRole() const {
    if (change.proposed.target != Target::kRole) return true;
    const Program& program = evaluator_.program();
    const uint32_t role = program.SymbolOfNumber(kRoleSpace, change.proposed.symbol);
    return role != kNoIndex &&
           (program.roles[role].for_program != 0) == (change.proposed.program != kNoIndex);
  }

  Evaluator& evaluator_;
};

bool IsGiven(const Place& place) {
  return place.hole || !place.symbol.empty() || !place.entity.id.empty();
}

// Reads the query; builds the target with its candidates.
class ChangeReader {
 public:
  ChangeReader(Evaluator& evaluator, const SearchQuery& query, std::string& error)
      : evaluator_(evaluator), program_(evaluator.program()), query_(query), error_(error) {}

  std::unique_ptr<SearchTarget> Read() {
    ReadHole();
    if (error_.empty()) ReadTarget();
    if (!error_.empty()) return nullptr;
    const bool found = ReadSymbol(query_.symbol, space_, change_.proposed.symbol) &&
                       ReadSymbol(query_.program, kProgramSpace, change_.proposed.program) &&
                       ReadEntity(query_.subject, change_.proposed.subject) &&
                       ReadEntity(query_.object, change_.proposed.object) &&
                       ReadEntity(query_.actor, change_.actor);
    if (!found) return nullptr;
    auto target = std::make_unique<ChangeTarget>(evaluator_, change_, hole_);
    target->fixed = fixed_;
    if (hole_ == Hole::kSymbol || hole_ == Hole::kProgram) {
      target->of_symbols = true;
      const bool symbol = hole_ == Hole::kSymbol;
      target->space = symbol ? static_cast<SymbolSpace>(space_) : kProgramSpace;
      CollectSymbols(program_, target->space, symbol ? allowed_ : kNoIndex, target->candidates);
    } else {
      CollectEntities(target->candidates);
    }
    return target;
  }

 private:
  void ReadHole() {
    const std::pair<const Place*, Hole> places[] = {{&query_.actor, Hole::kActor},
                                                    {&query_.subject, Hole::kSubject},
                                                    {&query_.object, Hole::kObject},
                                                    {&query_.symbol, Hole::kSymbol},
                                                    {&query_.program, Hole::kProgram}};
    size_t holes = 0;
    for (const auto& [place, hole] : places) {
      if (!place->hole) continue;
      hole_ = hole;
      ++holes;
    }
    if (holes != 1) {
      error_ = "a search has one place to fill, not " + std::to_string(holes);
    } else if (!IsGiven(query_.actor)) {
      error_ = "a change is searched with an actor, or for one";
    }
  }

  // Which sentence it is about, and that its places are there.
  void ReadTarget() {
    change_.proposed.adds = query_.change != Kind::kRemove && query_.change != Kind::kDelete;
    change_.proposed.removes = !change_.proposed.adds;
    bool symbol = false;
    bool object = IsGiven(query_.object);
    switch (query_.change) {
      case Kind::kSet: error_ = "attributes are not searched through"; return;
      case Kind::kCreate:
      case Kind::kDelete: change_.proposed.target = Target::kEntity; break;
      case Kind::kSeats:
        change_.proposed.target = Target::kSeats;
        space_ = kLicenceSpace;
        symbol = true;
        break;
      default:
        if (query_.relation == "is" || query_.relation == "holds") {
          const bool role = query_.relation == "is";
          change_.proposed.target = role ? Target::kRole : Target::kHolds;
          space_ = role ? kRoleSpace : kLicenceSpace;
          symbol = true;
        } else if (!ReadFact(symbol, object)) {
          return;
        }
    }
    const bool flat =
        change_.proposed.target == Target::kEntity || change_.proposed.target == Target::kSeats;
    if (!IsGiven(query_.subject)) {
      error_ = "the change has no subject";
    } else if (IsGiven(query_.symbol) != symbol) {
      error_ = symbol ? "the change has no symbol" : "the change has a symbol too many";
    } else if (IsGiven(query_.object) != (object && !flat)) {
      error_ = object && !flat ? "the change has no object" : "the change has an object too many";
    } else if (IsGiven(query_.program) && change_.proposed.target != Target::kRole) {
      error_ = "only a role is held for a program";
    }
  }

  bool ReadFact(bool& symbol, bool& object) {
    const auto number = evaluator_.reader().view().FindNumber(Space::kRelation, query_.relation);
    const auto fact =
        std::find_if(program_.facts.begin(), program_.facts.end(),
                     [&](const FactRecord& each) { return number && each.relation == *number; });
    if (fact == program_.facts.end()) {
      error_ = "the policy has no fact `" + query_.relation + "`";
      return false;
    }
    change_.proposed.target = Target::kFact;
    change_.proposed.relation = fact->relation;
    symbol = fact->has_symbol != 0;
    object = fact->object_types.count != 0;
    space_ = fact->symbol_space;
    allowed_ = fact->allowed;
    return true;
  }

  bool ReadSymbol(const Place& place, uint32_t space, uint32_t& number) const {
    if (place.hole || place.symbol.empty()) return true;
    number = FindSymbol(program_, space, place.symbol);
    return number != kNoIndex;
  }

  bool ReadEntity(const Place& place, EntityId& entity) {
    if (place.hole || !IsGiven(place)) return true;
    const uint32_t type = program_.FindType(place.entity.type);
    if (type == kNoIndex || place.entity.id.size() > kMaxIdBytes) return false;
    const auto number = static_cast<uint16_t>(program_.types[type].number);
    const View& view = evaluator_.reader().view();
    if (const auto stored = view.FindEntity(number, place.entity.id)) {
      entity = *stored;
      fixed_.push_back(entity);
      return true;
    }
    if (query_.change != Kind::kCreate || &place != &query_.subject) return false;
    // It is to come: nothing is known of it yet.
    entity = MakeEntity(number, view.NextIndex(number));
    return true;
  }

  // From the permits' ties; forbids only take away.
  void CollectEntities(std::vector<uint64_t>& out) {
    for (const ChangeRuleRecord& record : program_.change_rules) {
      const uint32_t variable = hole_ == Hole::kActor     ? record.actor
                                : hole_ == Hole::kSubject ? record.subject
                                                          : record.object;
      if (!IsAbout(record) || variable == kNoIndex) continue;
      const uint32_t source = hole_ == Hole::kActor     ? record.actor_source
                              : hole_ == Hole::kSubject ? record.rule.subject_source
                                                        : record.rule.object_source;
      const VariableRecord& sought = program_.variables[record.rule.variables.first + variable];
      const size_t before = out.size();
      uint64_t* frame = evaluator_.PushChangeRule(record, change_.proposed, change_.actor);
      if (frame == nullptr) return;
      frame[variable] = kUnknownEntity;
      if (!evaluator_.SearchCandidates(source, frame, out)) {
        out.resize(before);
        for (uint32_t type : program_.List(sought.types)) {
          evaluator_.reader().view().Entities(static_cast<uint16_t>(type), out);
        }
      }
      evaluator_.PopFrame(frame);
    }
    const std::string& wanted = HolePlace().entity.type;
    const uint32_t type = program_.FindType(wanted);
    std::erase_if(out, [&](EntityId entity) {
      if (wanted.empty()) return false;
      return type == kNoIndex || TypeOf(entity) != program_.types[type].number;
    });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }

  const Place& HolePlace() const {
    return hole_ == Hole::kActor     ? query_.actor
           : hole_ == Hole::kSubject ? query_.subject
                                     : query_.object;
  }

  // A permit that may be about the change, by what is given of it.
  bool IsAbout(const ChangeRuleRecord& record) const {
    const ProposedChange& change = change_.proposed;
    using Operation = dsl::ChangeRule::Operation;
    const auto operation = static_cast<Operation>(record.operation);
    const auto wanted = change.adds ? Operation::kAdd : Operation::kRemove;
    const bool covers = operation == Operation::kChange || operation == wanted;
    const auto admits = [&](uint32_t variable, EntityId entity) {
      return variable == kNoIndex || entity == kNoEntity ||
             evaluator_.Admits(program_.variables[record.rule.variables.first + variable].types,
                               entity);
    };
    return record.rule.effect == static_cast<uint32_t>(dsl::Effect::kPermit) && covers &&
           record.target == static_cast<uint32_t>(change.target) &&
           (change.target != Target::kFact || record.number == change.relation) &&
           admits(record.actor, change_.actor) && admits(record.subject, change.subject) &&
           admits(record.object, change.object);
  }

  Evaluator& evaluator_;
  const Program& program_;
  const SearchQuery& query_;
  std::string& error_;
  Change change_;
  Hole hole_ = Hole::kActor;
  uint32_t space_ = kPermissionSpace;
  uint32_t allowed_ = kNoIndex;
  std::vector<EntityId> fixed_;
};

}  // namespace

std::unique_ptr<SearchTarget> SearchChange(Evaluator& evaluator, const SearchQuery& query,
                                           std::string& error) {
  return ChangeReader(evaluator, query, error).Read();
}

}  // namespace portvakt::engine
