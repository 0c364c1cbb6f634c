// `some` over permissions, roles, licences or programs: the body is tested for all of them at once,
// as two masks; calls and `some` over other symbols included. Only where a part cannot be answered
// so (a `some` over entities, a role) it is tested symbol by symbol, and by then few are left.
#include <algorithm>
#include <bit>

#include "engine/evaluator.h"

namespace portvakt::engine {

namespace {

bool AnyBit(const uint64_t* mask, uint32_t words) {
  for (uint32_t i = 0; i < words; ++i) {
    if (mask[i] != 0) return true;
  }
  return false;
}

}  // namespace

uint64_t* Evaluator::PushMask(uint32_t words) {
  if (masks_used_ + words > kMaxMaskPool) {
    exhausted_ = true;
    return nullptr;
  }
  uint64_t* mask = masks_.get() + masks_used_;
  masks_used_ += words;
  return mask;
}

// The symbols for which a static condition about the variable holds, as words of a mask; null when
// it is no such condition. `none` where it holds for no symbol.
const uint64_t* Evaluator::StaticRow(const NodeRecord& node, const MaskTest& test,
                                     const uint64_t* none) const {
  if (node.op == Op::kSymbolIs) {
    return IsVariable(node.symbol, test) ? &program_->masks[node.mask] : nullptr;
  }
  if (node.op != Op::kTable) return nullptr;
  const bool first = IsVariable(node.symbol, test);
  const uint32_t given = first ? node.other : node.symbol;
  if (IsVariable(given, test) || (!first && !IsVariable(node.other, test))) return nullptr;
  const uint32_t symbol = SymbolOf(given, test.frame);
  if (symbol == kNoSymbol) return none;
  // The turned table stands behind its table.
  return program_->Row(first ? node.index + 1 : node.index, symbol);
}

Tri Evaluator::TestSomeSymbol(const NodeRecord& node, uint64_t* frame) {
  MaskTest test;
  test.variable = node.variable;
  test.space = node.space;
  test.words = program_->mask_words(node.space);
  test.frame = frame;
  uint64_t* const interest = PushMask(test.words * 3);
  if (interest == nullptr) return Tri::kUnknown;
  const Masks out{interest + test.words, interest + test.words * 2};
  const uint32_t body = program_->lists[node.children.first];
  const uint32_t rest = NarrowByStatic(body, node.space, test, interest, out.sure);
  Tri value = Tri::kFalse;
  if (AnyBit(interest, test.words)) {
    TestMask(rest, test, interest, out, true);
    value = AnyBit(out.sure, test.words)       ? Tri::kTrue
            : AnyBit(out.possible, test.words) ? Tri::kUnknown
                                               : Tri::kFalse;
  }
  PopMask(interest);
  return exhausted_ ? Tri::kUnknown : value;
}

// Most bodies are an `and` of static parts, which are the cheapest and stand first, and of one that
// needs facts. `interest` becomes the declared symbols that the static parts leave; the result is
// the part that is left, or the whole body where there are several.
uint32_t Evaluator::NarrowByStatic(uint32_t body, uint32_t space, const MaskTest& test,
                                   uint64_t* interest, uint64_t* zeros) const {
  const uint64_t* const declared = &program_->masks[program_->header().declared[space]];
  for (uint32_t i = 0; i < test.words; ++i) {
    interest[i] = declared[i];
    zeros[i] = 0;
  }
  const NodeRecord& node = program_->nodes[body];
  if (node.op != Op::kAnd) return body;
  const auto parts = program_->List(node.children);
  size_t next = 0;
  for (; next + 1 < parts.size(); ++next) {
    const uint64_t* row = StaticRow(program_->nodes[parts[next]], test, zeros);
    if (row == nullptr) break;
    for (uint32_t i = 0; i < test.words; ++i) interest[i] &= row[i];
  }
  return next + 1 == parts.size() ? parts[next] : body;
}

// `out` holds the answers for the symbols of `interest` and nothing else. With `any` one sure
// symbol is enough.
void Evaluator::TestMask(uint32_t id, MaskTest& test, const uint64_t* interest, Masks out,
                         bool any) {
  const Depth depth(*this);
  const NodeRecord& node = program_->nodes[id];
  for (uint32_t i = 0; i < test.words; ++i) out.possible[i] = out.sure[i] = 0;
  if (exhausted_ || !Step()) return;
  if ((node.mentions >> (test.variable % 64) & 1) == 0) {
    const Tri value = Test(id, test.frame);
    if (value != Tri::kFalse) std::copy_n(interest, test.words, out.possible);
    if (value == Tri::kTrue) std::copy_n(interest, test.words, out.sure);
    return;
  }
  if (node.op == Op::kAnd || node.op == Op::kOr || node.op == Op::kNot) {
    MaskOfChildren(node, test, interest, out, any);
    return;
  }
  if (MaskOfSentence(node, test, interest, out, any)) return;
  for (uint32_t word = 0; word < test.words; ++word) {
    for (uint64_t left = interest[word]; left != 0; left &= left - 1) {
      const auto bit = static_cast<uint32_t>(std::countr_zero(left));
      test.frame[test.variable] = word * 64 + bit;
      const Tri value = Test(id, test.frame);
      if (value != Tri::kFalse) out.possible[word] |= uint64_t{1} << bit;
      if (value == Tri::kTrue) out.sure[word] |= uint64_t{1} << bit;
      if ((value == Tri::kTrue && any) || exhausted_) return;
    }
  }
}

void Evaluator::MaskOfChildren(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                               Masks out, bool any) {
  const uint32_t words = test.words;
  Masks part{PushMask(words), nullptr};
  uint64_t* rest = part.possible == nullptr ? nullptr : PushMask(words);
  part.sure = rest == nullptr ? nullptr : PushMask(words);
  if (part.sure == nullptr) return;
  std::copy_n(interest, words, rest);
  const auto children = program_->List(node.children);
  if (node.op == Op::kNot) {
    TestMask(children[0], test, interest, part, false);
    for (uint32_t i = 0; i < words; ++i) {
      out.possible[i] = interest[i] & ~part.sure[i];
      out.sure[i] = interest[i] & ~part.possible[i];
    }
  } else if (node.op == Op::kAnd) {
    // `rest` are those that may still be true, `out.sure` those that are true so far.
    std::copy_n(interest, words, out.sure);
    for (size_t child = 0; child < children.size() && AnyBit(rest, words); ++child) {
      const bool last = child + 1 == children.size();
      const bool enough = any && last && std::equal(rest, rest + words, out.sure);
      TestMask(children[child], test, rest, part, enough);
      for (uint32_t i = 0; i < words; ++i) {
        rest[i] = part.possible[i];
        out.sure[i] &= part.sure[i];
      }
    }
    std::copy_n(rest, words, out.possible);
  } else {
    // `rest` are those that are not true yet.
    for (uint32_t child : children) {
      TestMask(child, test, rest, part, any);
      for (uint32_t i = 0; i < words; ++i) {
        out.possible[i] |= part.possible[i];
        out.sure[i] |= part.sure[i];
        rest[i] &= ~part.sure[i];
      }
      if (!AnyBit(rest, words) || (any && AnyBit(out.sure, words))) break;
    }
  }
  PopMask(part.possible);
}

bool Evaluator::IsVariable(uint32_t id, const MaskTest& test) const {
  if (id == kNoIndex) return false;
  const TermRecord& term = program_->terms[id];
  return term.kind == TermRecord::Kind::kVariable && term.variable == test.variable;
}

// False when the sentence must be tested symbol by symbol.
bool Evaluator::MaskOfSentence(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                               Masks out, bool any) {
  switch (node.op) {
    case Op::kSomeSymbol: MaskOfSome(node, test, interest, out, any); return true;
    case Op::kDefine: return MaskOfCall(node, test, interest, out, any);
    case Op::kMay: return MaskOfMay(node, test, interest, out);
    case Op::kFact: return MaskOfFact(node, test, interest, out);
    case Op::kHolds: return MaskOfHolds(node, test, interest, out);
    case Op::kTable:
    case Op::kSymbolIs:
    case Op::kSameSymbol: return MaskOfTable(node, test, interest, out);
    default: return false;
  }
}

// Where the symbol stands in one place of the sentence, the body is tested for all symbols there.
bool Evaluator::MaskOfCall(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                           Masks out, bool any) {
  uint32_t parameter = kNoIndex;
  for (uint32_t i = 0; i < node.arguments.count; ++i) {
    const uint32_t term = program_->lists[node.arguments.first + i];
    if (program_->terms[term].variable != test.variable) continue;
    if (parameter != kNoIndex || !IsVariable(term, test)) return false;
    parameter = i;
  }
  if (parameter == kNoIndex) return false;
  test.frame[test.variable] = kNoSymbol;
  Tri admitted = Tri::kUnknown;
  uint64_t* callee = PushCall(node, test.frame, admitted);
  if (callee == nullptr) return true;
  MaskTest inner{parameter, test.space, test.words, callee};
  TestMask(program_->defines[node.index].condition, inner, interest, out,
           any && admitted == Tri::kTrue);
  if (admitted == Tri::kUnknown) std::fill_n(out.sure, test.words, 0);
  PopFrame(callee);
  return true;
}

// The symbols of a `some` for which the parts of its body that do without the outer symbol are not
// false.
void Evaluator::InnerSymbols(const NodeRecord& some, const MaskTest& outer, MaskTest& inner,
                             uint64_t* symbols) {
  std::copy_n(&program_->masks[program_->header().declared[some.space]], inner.words, symbols);
  const NodeRecord& body = program_->nodes[program_->lists[some.children.first]];
  if (body.op != Op::kAnd) return;
  Masks part{PushMask(inner.words), nullptr};
  part.sure = part.possible == nullptr ? nullptr : PushMask(inner.words);
  if (part.sure == nullptr) return;
  for (uint32_t child : program_->List(body.children)) {
    const uint64_t mentions = program_->nodes[child].mentions;
    if ((mentions >> (outer.variable % 64) & 1) != 0) continue;
    TestMask(child, inner, symbols, part, false);
    std::copy_n(part.possible, inner.words, symbols);
  }
  PopMask(part.possible);
}

// Symbols inside symbols: for each of the inner ones that are left, all outer ones at once.
void Evaluator::MaskOfSome(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                           Masks out, bool any) {
  MaskTest inner{node.variable, node.space, program_->mask_words(node.space), test.frame};
  uint64_t* symbols = PushMask(inner.words);
  if (symbols == nullptr) return;
  Masks part{PushMask(test.words), nullptr};
  uint64_t* rest = part.possible == nullptr ? nullptr : PushMask(test.words);
  part.sure = rest == nullptr ? nullptr : PushMask(test.words);
  if (part.sure == nullptr) return PopMask(symbols);
  InnerSymbols(node, test, inner, symbols);
  std::copy_n(interest, test.words, rest);
  bool done = false;
  for (uint32_t word = 0; word < inner.words && !done; ++word) {
    for (uint64_t left = symbols[word]; left != 0 && !done; left &= left - 1) {
      test.frame[node.variable] = word * 64 + static_cast<uint32_t>(std::countr_zero(left));
      TestMask(program_->lists[node.children.first], test, rest, part, any);
      for (uint32_t i = 0; i < test.words; ++i) {
        out.possible[i] |= part.possible[i];
        out.sure[i] |= part.sure[i];
        rest[i] &= ~part.sure[i];
      }
      done = exhausted_ || !AnyBit(rest, test.words) || (any && AnyBit(out.sure, test.words));
    }
  }
  PopMask(symbols);
}

bool Evaluator::MaskOfMay(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                          Masks out) {
  if (!IsVariable(node.symbol, test)) return false;
  const EntityId subject = EntityOf(node.subject, test.frame);
  const EntityId object = EntityOf(node.object, test.frame);
  if (subject == kUnknownEntity || object == kUnknownEntity) {
    std::copy_n(interest, test.words, out.possible);
  } else if (IsEntity(subject) && IsEntity(object)) {
    DecideMask(subject, object, interest, out.possible, out.sure);
  }
  return true;
}

// `out` is zero yet: it serves as the empty row.
bool Evaluator::MaskOfTable(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                            Masks out) {
  const uint64_t* row = StaticRow(node, test, out.sure);
  if (row == nullptr) return false;
  for (uint32_t i = 0; i < test.words; ++i) {
    out.possible[i] = out.sure[i] = interest[i] & row[i];
  }
  return true;
}

bool Evaluator::MaskOfFact(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                           Masks out) {
  const FactRecord& fact = program_->facts[node.index];
  if (fact.transitive != 0 && node.directly == 0) return false;
  const TermRecord& symbol = program_->terms[node.symbol];
  const bool of_program =
      symbol.kind == TermRecord::Kind::kProgramOf && symbol.variable == test.variable;
  if (!of_program && !IsVariable(node.symbol, test)) return false;
  const EntityId subject = EntityOf(node.subject, test.frame);
  Tri known = Admission(fact.subject_types, node.subject, subject, (node.fits & kSubjectFits) != 0);
  EntityId object = kNoEntity;
  if (node.object != kNoIndex) {
    object = EntityOf(node.object, test.frame);
    known = And(known,
                Admission(fact.object_types, node.object, object, (node.fits & kObjectFits) != 0));
  }
  if (known == Tri::kFalse) return true;
  const uint64_t* allowed = fact.allowed == kNoIndex ? nullptr : &program_->masks[fact.allowed];
  const auto relation = static_cast<uint16_t>(fact.relation);
  if (of_program) {
    if (known == Tri::kUnknown) return false;
    const uint32_t words = program_->mask_words(kProgramSpace);
    for (uint32_t word = 0; word < words; ++word) {
      uint64_t bits = reader_.Bits(relation, static_cast<uint16_t>(word), subject, object,
                                   allowed == nullptr ? ~uint64_t{0} : allowed[word]);
      for (; bits != 0; bits &= bits - 1) {
        const uint32_t index = program_->SymbolOfNumber(
            kProgramSpace, word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
        if (index == kNoIndex) continue;
        const uint64_t* members = &program_->masks[program_->programs[index].permissions];
        for (uint32_t i = 0; i < test.words; ++i) out.sure[i] |= interest[i] & members[i];
      }
    }
    std::copy_n(out.sure, test.words, out.possible);
    return true;
  }
  for (uint32_t word = 0; word < test.words; ++word) {
    const uint64_t wanted = interest[word] & (allowed == nullptr ? ~uint64_t{0} : allowed[word]);
    if (wanted == 0) continue;
    if (known == Tri::kUnknown) {
      out.possible[word] = wanted;
      continue;
    }
    out.possible[word] = out.sure[word] =
        reader_.Bits(relation, static_cast<uint16_t>(word), subject, object, wanted);
  }
  return true;
}

bool Evaluator::MaskOfHolds(const NodeRecord& node, MaskTest& test, const uint64_t* interest,
                            Masks out) {
  if (!IsVariable(node.symbol, test)) return false;
  const EntityId subject = EntityOf(node.subject, test.frame);
  const EntityId object = node.object == kNoIndex ? kNoEntity : EntityOf(node.object, test.frame);
  for (uint32_t word = 0; word < test.words; ++word) {
    for (uint64_t left = interest[word]; left != 0; left &= left - 1) {
      const auto bit = static_cast<uint32_t>(std::countr_zero(left));
      const Tri value = TestLicence(node, word * 64 + bit, subject, object);
      if (value != Tri::kFalse) out.possible[word] |= uint64_t{1} << bit;
      if (value == Tri::kTrue) out.sure[word] |= uint64_t{1} << bit;
    }
  }
  return true;
}

}  // namespace portvakt::engine
