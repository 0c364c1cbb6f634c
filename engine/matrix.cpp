// Matrices: pairs come from the rules' ties as in searches, and each is decided for all permissions
// at once.
#include "engine/matrix.h"

#include <algorithm>
#include <bit>
#include <map>

#include "engine/search_run.h"
#include "engine/session_state.h"

namespace portvakt::engine {
namespace {

using Ids = std::vector<EntityId>;

void SortUnique(Ids& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

class MatrixRun {
 public:
  MatrixRun(Evaluator& evaluator, const MatrixQuery& query, Matrix& matrix)
      : evaluator_(evaluator),
        program_(evaluator.program()),
        query_(query),
        matrix_(matrix),
        viewer_(evaluator, query.viewer),
        words_(program_.mask_words(kPermissionSpace)),
        interest_(words_),
        decided_(size_t{2} * words_) {}

  void Run() {
    if (!viewer_.exists()) return;
    Interest();
    if (query_.subjects.empty() && !query_.resources.empty()) {
      Walk(true);
    } else {
      Walk(false);
    }
    if (evaluator_.exhausted()) matrix_.complete = false;
    Write();
  }

 private:
  struct Row {
    EntityId subject;
    EntityId object;
  };

  void Interest() {
    if (query_.permissions.empty()) {
      const uint32_t declared = program_.header().declared[kPermissionSpace];
      std::copy_n(&program_.masks[declared], words_, interest_.begin());
      return;
    }
    for (const std::string& name : query_.permissions) {
      const uint32_t index = program_.FindPermission(name);
      if (index == kNoIndex) continue;
      const uint32_t number = program_.permissions[index].number;
      interest_[number / 64] |= uint64_t{1} << (number % 64);
    }
  }

  // Those that the query names, or all of its types.
  Ids Side(const std::vector<EntityName>& names, const std::string& type_name, bool subjects) {
    Ids ids;
    for (const EntityName& name : names) {
      const EntityId id = ResolveName(evaluator_, name);
      if (IsEntity(id)) ids.push_back(id);
    }
    if (names.empty()) {
      for (uint32_t type : Types(type_name, subjects)) {
        evaluator_.reader().view().Entities(static_cast<uint16_t>(type), ids);
      }
    }
    SortUnique(ids);
    return ids;
  }

  // That some rule speaks of on this side, ascending.
  std::vector<uint32_t> Types(const std::string& name, bool subjects) const {
    std::vector<uint32_t> types;
    for (const PairRecord& pair : program_.pairs) {
      const uint32_t number = subjects ? pair.subject_type : pair.object_type;
      const uint32_t type = program_.TypeOfNumber(number);
      if (type == kNoIndex) continue;
      if (name.empty() || program_.Text(program_.types[type].name) == name) types.push_back(number);
    }
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    return types;
  }

  // From each entity of one side to those of the other that it can have something to do with.
  void Walk(bool from_resources) {
    const Ids given = from_resources ? Side(query_.resources, query_.resource_type, false)
                                     : Side(query_.subjects, query_.subject_type, true);
    const bool named = !from_resources && !query_.resources.empty();
    Ids others;
    if (named) others = Side(query_.resources, query_.resource_type, false);
    const std::vector<uint32_t> types =
        from_resources ? Types(query_.subject_type, true) : Types(query_.resource_type, false);
    Ids candidates;
    for (EntityId one : given) {
      if (!viewer_.Sees(one)) continue;
      if (!named) {
        others.clear();
        for (uint32_t type : types) {
          Tied(one, static_cast<uint16_t>(type), from_resources, candidates);
          others.insert(others.end(), candidates.begin(), candidates.end());
        }
      }
      for (EntityId other : others) {
        if (!Decide(from_resources ? other : one, from_resources ? one : other)) return;
      }
    }
  }

  void Tied(EntityId given, uint16_t type, bool from_resources, Ids& out) {
    out.clear();
    const PairRecord* pair = from_resources ? program_.FindPair(type, TypeOf(given))
                                            : program_.FindPair(TypeOf(given), type);
    if (pair == nullptr) return;
    permits_.clear();
    for (uint32_t i = 0; i < pair->permits.count; ++i) {
      const uint64_t* mask = &program_.masks[program_.lists[pair->permit_masks.first + i]];
      uint64_t wanted = 0;
      for (uint32_t word = 0; word < words_; ++word) wanted |= interest_[word] & mask[word];
      if (wanted != 0) permits_.push_back(program_.lists[pair->permits.first + i]);
    }
    ActCandidates(evaluator_, permits_, from_resources, given, kAnySymbol, type, out);
  }

  // False when the matrix ends here.
  bool Decide(EntityId subject, EntityId object) {
    uint64_t* possible = decided_.data();
    uint64_t* sure = possible + words_;
    evaluator_.DecideMask(subject, object, interest_.data(), possible, sure);
    if (!evaluator_.Spend() || evaluator_.exhausted()) return false;
    if (std::all_of(possible, sure, [](uint64_t word) { return word == 0; })) return true;
    // Both ends: whichever the walk began at is seen already, and remembered.
    if (!viewer_.Sees(subject) || !viewer_.Sees(object)) return !evaluator_.exhausted();
    if (rows_.size() == kMaxMatrixRows) {
      matrix_.complete = false;
      return false;
    }
    rows_.push_back({subject, object});
    masks_.insert(masks_.end(), decided_.begin(), decided_.end());
    return true;
  }

  std::vector<uint32_t> Columns() {
    std::vector<uint32_t> numbers;  // kNoIndex: nothing has the name
    if (!query_.permissions.empty()) {
      matrix_.permissions = query_.permissions;
      for (const std::string& name : query_.permissions) {
        const uint32_t index = program_.FindPermission(name);
        numbers.push_back(index == kNoIndex ? kNoIndex : program_.permissions[index].number);
      }
      return numbers;
    }
    std::vector<uint64_t> any(words_);
    for (size_t row = 0; row < rows_.size(); ++row) {
      for (uint32_t word = 0; word < words_; ++word) any[word] |= masks_[row * 2 * words_ + word];
    }
    for (uint32_t word = 0; word < words_; ++word) {
      for (uint64_t left = any[word]; left != 0; left &= left - 1) {
        numbers.push_back(word * 64 + static_cast<uint32_t>(std::countr_zero(left)));
        matrix_.permissions.emplace_back(program_.SymbolName(kPermissionSpace, numbers.back()));
      }
    }
    return numbers;
  }

  void Write() {
    const std::vector<uint32_t> columns = Columns();
    std::vector<uint32_t> order(rows_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::pair(rows_[a].subject, rows_[a].object) <
             std::pair(rows_[b].subject, rows_[b].object);
    });
    matrix_.rows.reserve(rows_.size());
    for (uint32_t at : order) {
      const uint64_t* possible = &masks_[size_t{at} * 2 * words_];
      const uint64_t* sure = possible + words_;
      Matrix::Row& row = matrix_.rows.emplace_back();
      row.subject = NameOfEntity(evaluator_, rows_[at].subject);
      row.resource = NameOfEntity(evaluator_, rows_[at].object);
      row.verdicts.resize(columns.size(), Tri::kFalse);
      for (size_t column = 0; column < columns.size(); ++column) {
        const uint32_t number = columns[column];
        if (number == kNoIndex) continue;
        const auto bit = [&](const uint64_t* mask) {
          return (mask[number / 64] >> (number % 64) & 1) != 0;
        };
        row.verdicts[column] = bit(sure) ? Tri::kTrue : bit(possible) ? Tri::kUnknown : Tri::kFalse;
      }
    }
  }

  Evaluator& evaluator_;
  const Program& program_;
  const MatrixQuery& query_;
  Matrix& matrix_;
  Viewer viewer_;
  uint32_t words_;
  std::vector<uint64_t> interest_;
  std::vector<uint64_t> decided_;  // possible, then sure
  std::vector<uint32_t> permits_;
  std::vector<Row> rows_;
  std::vector<uint64_t> masks_;  // by row as in decided_
};

}  // namespace

Matrix Session::FillMatrix(const MatrixQuery& query) {
  State& state = *state_;
  Matrix matrix;
  matrix.revision = revision();
  matrix.policy_version = state.version;
  if (state.program.empty()) return matrix;
  Request bare;
  bare.context = query.context;
  bare.now_us = query.now_us;
  state.evaluator.Start(state.program, view(), *state.clock, bare, kMaxSearchSteps);
  MatrixRun(state.evaluator, query, matrix).Run();
  return matrix;
}

}  // namespace portvakt::engine
