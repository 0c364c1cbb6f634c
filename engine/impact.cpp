// One walk over the subjects. Each is joined with what either policy ties it to, and each pair is
// decided by both for all permissions at once; so memory is needed for one subject's candidates and
// for what is told. A permission keeps its number in all versions, so masks compare bit by bit.
#include "engine/impact.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "engine/policy_program.h"
#include "engine/search_run.h"
#include "engine/session_state.h"
#include "engine/verify.h"

namespace portvakt::engine {
namespace {

using Ids = std::vector<EntityId>;
using Counts = std::array<uint64_t, Impact::kEffects>;

uint64_t Sum(const Counts& counts) { return counts[0] + counts[1] + counts[2]; }

// One of the two policies, and its verdicts about one subject.
class Side {
 public:
  Side(const Program& program, const View& view, const Reader::Clock& clock, const Request& bare)
      : program_(program),
        view_(view),
        clock_(clock),
        bare_(bare),
        words_(program.mask_words(kPermissionSpace)),
        declared_(&program.masks[program.header().declared[kPermissionSpace]]),
        decided_(size_t{2} * words_) {}

  // Forgets what was found about others, and has all steps again.
  void Restart() { evaluator_.Start(program_, view_, clock_, bare_, kMaxSearchSteps); }

  void AddTypes(bool subjects, std::set<uint16_t>& types) const {
    for (const PairRecord& pair : program_.pairs) {
      types.insert(static_cast<uint16_t>(subjects ? pair.subject_type : pair.object_type));
    }
  }

  // Adds those of a type that a permit ties the subject to.
  void AddTied(EntityId subject, uint16_t type, Ids& out) {
    const PairRecord* pair = program_.FindPair(TypeOf(subject), type);
    if (pair == nullptr) return;
    ActCandidates(evaluator_, program_.List(pair->permits), false, subject, kAnySymbol, type,
                  tied_);
    if (evaluator_.exhausted()) {
      tied_.clear();
      view_.Entities(type, tied_);
      Restart();
    }
    out.insert(out.end(), tied_.begin(), tied_.end());
  }

  // False when it takes too many steps.
  bool Decide(EntityId subject, EntityId object) {
    if (TryDecide(subject, object)) return true;
    Restart();
    if (TryDecide(subject, object)) return true;
    Restart();
    return false;
  }

  // Of the pair decided last.
  Tri Verdict(uint32_t permission) const {
    if (permission / 64 >= words_) return Tri::kFalse;
    const uint64_t bit = uint64_t{1} << (permission % 64);
    if ((decided_[words_ + permission / 64] & bit) != 0) return Tri::kTrue;
    return (decided_[permission / 64] & bit) != 0 ? Tri::kUnknown : Tri::kFalse;
  }
  uint64_t possible(uint32_t word) const { return word < words_ ? decided_[word] : 0; }
  uint64_t sure(uint32_t word) const { return word < words_ ? decided_[words_ + word] : 0; }
  uint32_t words() const { return words_; }
  bool Declares(uint32_t permission) const {
    return permission / 64 < words_ && (declared_[permission / 64] >> (permission % 64) & 1) != 0;
  }
  std::string_view NameOf(uint32_t permission) const {
    return program_.SymbolName(kPermissionSpace, permission);
  }

 private:
  bool TryDecide(EntityId subject, EntityId object) {
    evaluator_.DecideMask(subject, object, declared_, decided_.data(), decided_.data() + words_);
    return !evaluator_.exhausted() && evaluator_.Spend();
  }

  const Program& program_;
  const View& view_;
  const Reader::Clock& clock_;
  const Request& bare_;
  const uint32_t words_;
  const uint64_t* declared_;
  std::vector<uint64_t> decided_;  // possible, then sure
  Ids tied_;
  Evaluator evaluator_;
};

class ImpactRun {
 public:
  ImpactRun(Side& before, Side& after, const View& view, Impact& impact)
      : before_(before), after_(after), view_(view), impact_(impact) {}

  // False when `progress` gave up.
  bool Run(const ImpactProgress& progress) {
    std::set<uint16_t> subject_types;
    for (const Side* side : {&before_, &after_}) {
      side->AddTypes(true, subject_types);
      side->AddTypes(false, object_types_);
    }
    Ids subjects;
    for (const uint16_t type : subject_types) view_.Entities(type, subjects);
    impact_.subjects = subjects.size();
    for (size_t i = 0; i < subjects.size(); ++i) {
      if (progress && !progress(i, subjects.size())) return false;
      Compare(subjects[i]);
    }
    if (progress) progress(subjects.size(), subjects.size());
    Write();
    return true;
  }

 private:
  EntityName NameOf(EntityId entity) const {
    return {std::string(view_.NameOf(Space::kType, TypeOf(entity))),
            std::string(view_.FindRecord(entity).id())};
  }

  void Compare(EntityId subject) {
    before_.Restart();
    after_.Restart();
    Counts changed{};
    seen_.clear();
    for (const uint16_t type : object_types_) {
      others_.clear();
      before_.AddTied(subject, type, others_);
      after_.AddTied(subject, type, others_);
      std::sort(others_.begin(), others_.end());
      others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
      for (const EntityId object : others_) {
        ++impact_.pairs;
        if (!before_.Decide(subject, object) || !after_.Decide(subject, object)) {
          ++impact_.undecided;
          continue;
        }
        ComparePair(subject, object, changed);
      }
    }
    if (Sum(changed) > 0) AddHolder(subject, changed);
  }

  void ComparePair(EntityId subject, EntityId object, Counts& changed) {
    const uint32_t words = std::max(before_.words(), after_.words());
    for (uint32_t word = 0; word < words; ++word) {
      uint64_t left = (before_.possible(word) ^ after_.possible(word)) |
                      (before_.sure(word) ^ after_.sure(word));
      for (; left != 0; left &= left - 1) {
        const uint32_t permission = word * 64 + static_cast<uint32_t>(std::countr_zero(left));
        const auto effect = static_cast<size_t>(Add(subject, permission, object));
        ++changed[effect];
      }
    }
  }

  Impact::Effect Add(EntityId subject, uint32_t permission, EntityId object) {
    const Tri before = before_.Verdict(permission);
    const Tri after = after_.Verdict(permission);
    const Impact::Effect effect = after == Tri::kTrue      ? Impact::Effect::kGained
                                  : after == Tri::kUnknown ? Impact::Effect::kDepends
                                                           : Impact::Effect::kLost;
    Impact::Tally& tally = tallies_[permission][static_cast<size_t>(effect)];
    ++tally.decisions;
    if (seen_.insert({permission, effect}).second) ++tally.subjects;
    if (tally.examples.size() < kMaxImpactExamples) {
      tally.examples.push_back({NameOf(subject), NameOf(object), before, after});
    }
    return effect;
  }

  void AddHolder(EntityId subject, const Counts& changed) {
    for (size_t effect = 0; effect < Impact::kEffects; ++effect) {
      impact_.totals[effect].decisions += changed[effect];
      impact_.totals[effect].subjects += changed[effect] > 0 ? 1 : 0;
    }
    holders_.push_back({subject, changed});
    if (holders_.size() >= 2 * kMaxImpactHolders) KeepMost();
  }

  void KeepMost() {
    std::sort(holders_.begin(), holders_.end(), [](const auto& a, const auto& b) {
      const uint64_t more = Sum(a.second);
      const uint64_t less = Sum(b.second);
      return more != less ? more > less : a.first < b.first;
    });
    if (holders_.size() > kMaxImpactHolders) holders_.resize(kMaxImpactHolders);
  }

  void Write() {
    KeepMost();
    for (const auto& [subject, counts] : holders_) {
      impact_.holders.push_back({NameOf(subject), counts});
    }
    for (auto& [number, tallies] : tallies_) {
      Impact::Permission& permission = impact_.permissions.emplace_back();
      permission.declared_before = before_.Declares(number);
      permission.declared_after = after_.Declares(number);
      permission.name = (permission.declared_after ? after_ : before_).NameOf(number);
      permission.tallies = std::move(tallies);
    }
    std::sort(impact_.permissions.begin(), impact_.permissions.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  Side& before_;
  Side& after_;
  const View& view_;
  Impact& impact_;
  std::set<uint16_t> object_types_;
  Ids others_;                                          // of one subject and type
  std::set<std::pair<uint32_t, Impact::Effect>> seen_;  // of one subject
  std::map<uint32_t, Impact::Tallies> tallies_;         // by permission
  std::vector<std::pair<EntityId, Counts>> holders_;
};

// The program of a version, in `own` when the store has none.
Result<Program> ProgramOf(const Snapshot& snapshot, uint32_t version, std::string& own) {
  if (!snapshot.FindPolicy(version)) {
    return Error{Error::Code::kNotFound, "there is no policy version " + std::to_string(version)};
  }
  const std::string_view stored = snapshot.PolicyProgram(version);
  if (!stored.empty()) {
    Result<Program> read = ReadProgram(stored);
    if (read || read.error().code != Error::Code::kTooNew) return read;
  }
  Result<std::string> made = CompileForTheMoment(snapshot, version);
  if (!made) return made.error();
  own = *std::move(made);
  return ReadProgram(own);
}

}  // namespace

Result<Impact> Session::CompareDecisions(const ImpactQuery& query, const ImpactProgress& progress) {
  State& state = *state_;
  const Status here = Refresh();
  const auto active = state.snapshot.ActivePolicy();
  if (!query.before && !active) return here.error();
  Impact impact;
  impact.before = query.before ? *query.before : active->version;
  impact.after = query.after;
  impact.revision = state.snapshot.revision();
  std::string own_before;
  std::string own_after;
  const Result<Program> before = ProgramOf(state.snapshot, impact.before, own_before);
  if (!before) return before.error();
  const Result<Program> after = ProgramOf(state.snapshot, impact.after, own_after);
  if (!after) return after.error();
  Request bare;
  bare.context = query.context;
  bare.now_us = impact.now_us = query.now_us.value_or(now_us());
  Side side_before(*before, state.snapshot, *state.clock, bare);
  Side side_after(*after, state.snapshot, *state.clock, bare);
  if (ImpactRun(side_before, side_after, state.snapshot, impact).Run(progress)) return impact;
  return Error{Error::Code::kConflict, "the comparison was given up"};
}

}  // namespace portvakt::engine
