// Whole decisions about all permissions of a pair at once, as two masks: what is possible (not
// false) and what is sure (true). The same formula as decide.cpp, rule by rule instead of
// permission by permission.
#include <algorithm>
#include <bit>

#include "engine/evaluator.h"

namespace portvakt::engine {
namespace {

// Of a rule's head.
constexpr uint32_t kPermissionVariable = 1;

template <class Each>
void ForEachBit(const uint64_t* mask, uint32_t words, Each&& each) {
  for (uint32_t word = 0; word < words; ++word) {
    for (uint64_t left = mask[word]; left != 0; left &= left - 1) {
      each(word * 64 + static_cast<uint32_t>(std::countr_zero(left)));
    }
  }
}

bool HasBit(const uint64_t* mask, uint32_t number) {
  return (mask[number / 64] >> (number % 64) & 1) != 0;
}

}  // namespace

void Evaluator::DecideMask(EntityId subject, EntityId object, const uint64_t* interest,
                           uint64_t* possible, uint64_t* sure) {
  const Depth depth(*this);
  const uint32_t words = program_->mask_words(kPermissionSpace);
  std::fill_n(possible, words, 0);
  std::fill_n(sure, words, 0);
  const PairRecord* pair = program_->FindPair(TypeOf(subject), TypeOf(object));
  if (pair == nullptr || exhausted_) return;
  uint64_t* wanted = PushMask(words);
  if (wanted == nullptr) return;
  std::copy_n(interest, words, wanted);
  // What the wanted ones require is wanted too, until nothing is added.
  for (bool grown = pair->requiring != kNoIndex; grown;) {
    grown = false;
    ForEachBit(wanted, words, [&](uint32_t number) {
      if (!program_->Bit(pair->requiring, number)) return;
      const uint32_t index = program_->SymbolOfNumber(kPermissionSpace, number);
      for (uint32_t other : program_->List(program_->permissions[index].requires_permissions)) {
        grown = grown || !HasBit(wanted, other);
        wanted[other / 64] |= uint64_t{1} << (other % 64);
      }
    });
  }
  const Masks out{possible, sure};
  PermitMask(*pair, subject, object, wanted, out);
  ForbidMask(*pair, subject, object, out);
  if (pair->requiring != kNoIndex) RequireMask(*pair, out);
  for (uint32_t i = 0; i < words; ++i) {
    possible[i] &= interest[i];
    sure[i] &= interest[i];
  }
  PopMask(wanted);
}

// `rest` are those that are not true yet.
void Evaluator::PermitMask(const PairRecord& pair, EntityId subject, EntityId object,
                           uint64_t* rest, Masks out) {
  const uint32_t words = program_->mask_words(kPermissionSpace);
  uint64_t* asked = PushMask(words);
  Masks part{asked == nullptr ? nullptr : PushMask(words), nullptr};
  part.sure = part.possible == nullptr ? nullptr : PushMask(words);
  if (part.sure == nullptr) return;
  for (uint32_t i = 0; i < pair.permits.count && !exhausted_; ++i) {
    const uint64_t* mask = &program_->masks[program_->lists[pair.permit_masks.first + i]];
    uint64_t some = 0;
    for (uint32_t word = 0; word < words; ++word) some |= asked[word] = rest[word] & mask[word];
    if (some == 0) continue;
    const RuleRecord& rule = program_->rules[program_->lists[pair.permits.first + i]];
    uint64_t* frame = PushRule(rule, subject, kNoSymbol, object);
    if (frame == nullptr) break;
    MaskTest test{kPermissionVariable, kPermissionSpace, words, frame};
    TestMask(rule.condition, test, asked, part, false);
    PopFrame(frame);
    for (uint32_t word = 0; word < words; ++word) {
      out.possible[word] |= part.possible[word];
      out.sure[word] |= part.sure[word];
      rest[word] &= ~part.sure[word];
    }
  }
  PopMask(asked);
}

void Evaluator::ForbidMask(const PairRecord& pair, EntityId subject, EntityId object, Masks out) {
  const uint32_t words = program_->mask_words(kPermissionSpace);
  uint64_t* asked = PushMask(words);
  Masks part{asked == nullptr ? nullptr : PushMask(words), nullptr};
  part.sure = part.possible == nullptr ? nullptr : PushMask(words);
  if (part.sure == nullptr) return;
  for (uint32_t i = 0; i < pair.forbids.count && !exhausted_; ++i) {
    const uint64_t* mask = &program_->masks[program_->lists[pair.forbid_masks.first + i]];
    uint64_t some = 0;
    for (uint32_t word = 0; word < words; ++word) {
      some |= asked[word] = out.possible[word] & mask[word];
    }
    if (some == 0) continue;
    const RuleRecord& rule = program_->rules[program_->lists[pair.forbids.first + i]];
    uint64_t* frame = PushRule(rule, subject, kNoSymbol, object);
    if (frame == nullptr) break;
    MaskTest test{kPermissionVariable, kPermissionSpace, words, frame};
    TestMask(rule.condition, test, asked, part, false);
    PopFrame(frame);
    for (uint32_t word = 0; word < words; ++word) {
      out.possible[word] &= ~part.sure[word];
      out.sure[word] &= ~part.possible[word];
    }
  }
  PopMask(asked);
}

// Nothing is more permitted than what it requires; requirements have no cycles.
void Evaluator::RequireMask(const PairRecord& pair, Masks out) {
  const uint32_t words = program_->mask_words(kPermissionSpace);
  for (bool changed = true; changed;) {
    changed = false;
    ForEachBit(out.possible, words, [&](uint32_t number) {
      if (!program_->Bit(pair.requiring, number)) return;
      const uint32_t index = program_->SymbolOfNumber(kPermissionSpace, number);
      const uint64_t bit = uint64_t{1} << (number % 64);
      for (uint32_t other : program_->List(program_->permissions[index].requires_permissions)) {
        const bool kept = HasBit(out.possible, other);
        const bool held = HasBit(out.sure, other);
        changed = changed || !kept || (!held && (out.sure[number / 64] & bit) != 0);
        if (!held) out.sure[number / 64] &= ~bit;
        if (!kept) out.possible[number / 64] &= ~bit;
      }
    });
  }
}

}  // namespace portvakt::engine
