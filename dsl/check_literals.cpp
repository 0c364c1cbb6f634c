// Values written in a policy: numbers, texts that the place reads as dates, instants or addresses,
// labels, `now - 30 days`.
#include <algorithm>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {

namespace {

constexpr int64_t kDayUs = 86'400'000'000;

std::optional<int64_t> WholeNumber(std::string_view digits) {
  int64_t value = 0;
  for (char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    if (__builtin_mul_overflow(value, int64_t{10}, &value) ||
        __builtin_add_overflow(value, static_cast<int64_t>(digit - '0'), &value)) {
      return std::nullopt;
    }
  }
  return value;
}

}  // namespace

bool Checker::Fits(const ValueType& found, const ValueType& wanted) const {
  if (found.kind != wanted.kind || found.is_set != wanted.is_set) return false;
  if (found.kind == ValueKind::kEnum) return found.enum_type == wanted.enum_type;
  if (found.kind == ValueKind::kEntity) return Overlap(found.entity_types, wanted.entity_types);
  return true;
}

void Checker::WrongValueType(Span span, const ValueType& found, const ValueType& wanted) {
  Report(DiagnosticKind::kWrongType, span,
         "this is " + ValueWords(found) + ", and is compared with " + ValueWords(wanted),
         "of another type");
}

// `now`, `today`, and either of them minus a duration.
TermId Checker::ReadMoment(Cursor& cursor) {
  const Part& word = *cursor.Next();
  Term term;
  const bool today = word.text == "today";
  term.kind = today ? Term::Kind::kToday : Term::Kind::kNow;
  term.type.kind = today ? ValueKind::kDate : ValueKind::kInstant;
  term.span = word.span;
  bool failed = false;
  if (today && module_.time_zone.empty()) {
    Report(DiagnosticKind::kNoTimeZone, word.span, "`today` depends on where one is",
           "in which time zone?")
        .help.push_back("declare one: `time zone \"Europe/Stockholm\"`");
    failed = true;
  }
  const Part* minus = cursor.Peek();
  if (minus == nullptr || minus->kind != Part::Kind::kMinus) {
    return failed ? kNone : AddTerm(std::move(term));
  }
  cursor.Skip(1);
  const Part* number = cursor.Next();
  const Part* unit = cursor.Next();
  if (number == nullptr || unit == nullptr || number->kind != Part::Kind::kNumber ||
      unit->kind != Part::Kind::kName) {
    Report(DiagnosticKind::kWrongShape, number == nullptr ? cursor.Here() : number->span,
           "a duration is needed after `-`", "a number and a unit")
        .help.push_back("write it as `now - 30 days`");
    return kNone;
  }
  const auto count = WholeNumber(number->text);
  if (!count) {
    Report(DiagnosticKind::kBadNumber, number->span, "a duration is a whole number of units",
           "not a whole number");
    return kNone;
  }
  const auto us = DurationUs(static_cast<uint64_t>(*count), unit->text, unit->span);
  if (!us || failed) return kNone;
  if (today && *us % kDayUs != 0) {
    Report(DiagnosticKind::kNotComparable, unit->span, "a date has no hours to take away",
           "days or weeks are needed here");
    return kNone;
  }
  term.literal.number = today ? -(*us / kDayUs) : -*us;
  term.span = Cover(word.span, unit->span);
  return AddTerm(std::move(term));
}

// `seats of licence in tenant`
TermId Checker::ReadSeats(Cursor& cursor) {
  const Span begin = cursor.Here();
  cursor.Skip(2);
  const Operand licence = ReadSymbol(cursor, SymbolKind::kLicence, nullptr);
  if (!ExpectWord(cursor, "in", "seats of licence in tenant")) return kNone;
  std::vector<TypeId> pools;
  for (const Licence& each : module_.licences) {
    pools.insert(pools.end(), each.from.begin(), each.from.end());
  }
  SortUnique(pools);
  const Span end = cursor.Here();
  const Operand tenant = ReadEntity(cursor, pools, "a pool of seats");
  if (scope_->owner != Scope::Owner::kLimit && scope_->owner != Scope::Owner::kChange) {
    Report(DiagnosticKind::kSeatsOnlyInLimit, Cover(begin, end),
           "seats are counted in limits and in rules about changes only", "counted here")
        .help.push_back("ask `licence is free in tenant` instead");
    return kNone;
  }
  if (licence.failed() || tenant.failed()) return kNone;
  Term term;
  term.kind = Term::Kind::kSeats;
  term.span = Cover(begin, end);
  term.type.kind = ValueKind::kInt;
  term.licence = licence.only();
  term.tenant = tenant.only();
  return AddTerm(std::move(term));
}

// A value of the wanted type (never an entity): what stands after `is`, `less than`, `contains`.
Operand Checker::ReadValue(Cursor& cursor, const ValueType& wanted) {
  const Part* part = cursor.Peek();
  if (part == nullptr) {
    Report(DiagnosticKind::kWrongShape, cursor.Here(), "a value is missing",
           ValueWords(wanted) + " is needed here");
    return {};
  }
  if (cursor.Is("any") && cursor.Is("of", 1)) {
    cursor.Skip(2);
    const Part* list = cursor.Next();
    if (list != nullptr && list->kind == Part::Kind::kList) return ReadValueList(*list, wanted);
    Report(DiagnosticKind::kWrongShape, list == nullptr ? cursor.Here() : list->span,
           "values are listed in braces", "a list is needed here")
        .help.push_back("write `any of { first, second }`");
    return {};
  }
  TermId term = kNone;
  if (part->kind == Part::Kind::kNumber || part->kind == Part::Kind::kMinus) {
    term = ReadNumber(cursor, wanted);
  } else if (cursor.Is("seats") && cursor.Is("of", 1)) {
    term = ReadSeats(cursor);
  } else if ((cursor.Is("now") || cursor.Is("today")) && FindVariable(part->text) == kNone) {
    term = ReadMoment(cursor);
  } else {
    cursor.Skip(1);
    term = ReadLiteral(*part, wanted);
  }
  if (term == kNone) return {};
  if (!Fits(module_.terms[term].type, wanted)) {
    WrongValueType(module_.terms[term].span, module_.terms[term].type, wanted);
    return {};
  }
  return {{term}};
}

Operand Checker::ReadValueList(const Part& list, const ValueType& wanted) {
  Operand operand;
  bool failed = false;
  for (const Part& part : list.list) {
    const std::vector<Part> one = {part};
    Cursor cursor(one, part.span);
    const Operand value = ReadValue(cursor, wanted);
    failed = failed || value.failed();
    if (!value.failed()) operand.alternatives.push_back(value.only());
  }
  if (failed) return {};
  return operand;
}

// One part that is a text or a name.
TermId Checker::ReadLiteral(const Part& part, const ValueType& wanted) {
  if (part.kind == Part::Kind::kName) {
    if (wanted.kind == ValueKind::kEnum) return ReadLabel(part, wanted);
    const bool truth = part.text == "true" || part.text == "false";
    if (wanted.kind == ValueKind::kBool && truth && FindVariable(part.text) == kNone) {
      Term term;
      term.span = part.span;
      term.type.kind = ValueKind::kBool;
      term.literal.number = part.text == "true" ? 1 : 0;
      return AddTerm(std::move(term));
    }
    return ReadPath(part);
  }
  if (part.kind != Part::Kind::kString) {
    Report(DiagnosticKind::kWrongShape, part.span, "a list stands where one value is needed",
           "write `any of` before it");
    return kNone;
  }
  Term term;
  term.span = part.span;
  term.type.kind = wanted.kind;
  std::optional<int64_t> number;
  const char* help = "";
  switch (wanted.kind) {
    case ValueKind::kDate:
      number = ParseDate(part.text);
      help = "a date is written \"2026-01-31\"";
      break;
    case ValueKind::kInstant:
      number = ParseInstant(part.text);
      help = "an instant is written \"2026-01-31T08:30:00Z\"";
      break;
    case ValueKind::kIp: {
      const auto bytes = ParseIp(part.text);
      help = "an address is written \"10.1.2.3\", a range \"10.1.0.0/16\"";
      if (bytes) {
        term.literal.text = *bytes;
        number = 0;
      }
      break;
    }
    default:
      // Also where something else is wanted: then the types do not fit, and that is told.
      term.type.kind = ValueKind::kString;
      term.literal.text = part.text;
      number = 0;
  }
  if (!number) {
    Report(DiagnosticKind::kBadNumber, part.span,
           "this text cannot be read as " + ValueWords(wanted), "cannot be read")
        .help.emplace_back(help);
    return kNone;
  }
  term.literal.number = *number;
  return AddTerm(std::move(term));
}

TermId Checker::ReadLabel(const Part& part, const ValueType& wanted) {
  const std::vector<std::string>& labels = module_.enums[wanted.enum_type].labels;
  if (labels_[wanted.enum_type].Use(part.text) != kNone) {
    Term term;
    term.span = part.span;
    term.type = wanted;
    term.type.is_set = false;
    term.literal.text = part.text;
    return AddTerm(std::move(term));
  }
  if (StartsPath(part)) return ReadPath(part);
  UnknownName unknown;
  unknown.kind = DiagnosticKind::kUnknownLabel;
  unknown.message = Quoted(part.text) + " is not " + ValueWords(wanted);
  unknown.name = part.text;
  unknown.span = part.span;
  unknown.table = &labels_[wanted.enum_type];
  unknown.candidates = labels;
  for (size_t index = 0; index < scope_->variables.size(); ++index) {
    if (scope_->states[index].visible) unknown.candidates.push_back(scope_->variables[index].name);
  }
  if (part.text.find('.') != std::string::npos) {
    UnknownVariable(SplitName(part.text).front(), SegmentSpan(part.span, 0));
    return kNone;
  }
  Unknown(std::move(unknown));
  return kNone;
}

TermId Checker::ReadNumber(Cursor& cursor, const ValueType& wanted) {
  Term term;
  term.span = cursor.Here();
  const bool negative = cursor.Peek()->kind == Part::Kind::kMinus;
  if (negative) cursor.Skip(1);
  const Part* number = cursor.Next();
  if (number == nullptr || number->kind != Part::Kind::kNumber) {
    Report(DiagnosticKind::kWrongShape, number == nullptr ? cursor.Here() : number->span,
           "a number is needed after `-`", "a number is needed here");
    return kNone;
  }
  term.span = Cover(term.span, number->span);
  const Part* unit = cursor.Peek();
  if (unit != nullptr && unit->kind == Part::Kind::kName && !negative &&
      (wanted.kind == ValueKind::kDuration)) {
    cursor.Skip(1);
    const auto count = WholeNumber(number->text);
    if (!count) {
      Report(DiagnosticKind::kBadNumber, number->span, "a duration is a whole number of units",
             "not a whole number");
      return kNone;
    }
    const auto us = DurationUs(static_cast<uint64_t>(*count), unit->text, unit->span);
    if (!us) return kNone;
    term.type.kind = ValueKind::kDuration;
    term.literal.number = *us;
    term.span = Cover(term.span, unit->span);
    return AddTerm(std::move(term));
  }
  if (wanted.kind == ValueKind::kDuration) {
    Report(DiagnosticKind::kBadNumber, term.span, "a duration needs a unit", "of what?")
        .help.emplace_back("write it as `30 days`");
    return kNone;
  }
  const bool whole = number->text.find('.') == std::string::npos;
  const bool decimal = wanted.kind == ValueKind::kDecimal || !whole;
  const auto value = decimal ? ParseDecimal(number->text) : WholeNumber(number->text);
  if (!value) {
    Report(DiagnosticKind::kBadNumber, term.span,
           "the number is out of range, or has more than six decimals", "cannot be read");
    return kNone;
  }
  term.type.kind = decimal ? ValueKind::kDecimal : ValueKind::kInt;
  term.literal.number = negative ? -*value : *value;
  return AddTerm(std::move(term));
}

}  // namespace portvakt::dsl
