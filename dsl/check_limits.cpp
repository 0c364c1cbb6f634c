// Limits and promises.
#include <limits>
#include <utility>
#include <variant>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {

void Checker::CheckLimits() {
  for (const auto& source : limit_decls_) CheckLimit(source);
  for (const auto& source : promise_decls_) CheckPromise(source);
}

void Checker::CheckLimit(const Source<LimitDecl>& source) {
  const LimitDecl& decl = *source.decl;
  Scope scope;
  BeginScope(scope, Scope::Owner::kLimit, source.tree);
  Limit limit;
  limit.name = decl.name.text;
  limit.span = decl.name.span;
  for (const Binder& binder : decl.for_every) Bind(binder.type, binder.as, true, false);
  limit.for_every_count = static_cast<uint32_t>(scope.variables.size());
  if (decl.title) limit.title = ReadText(*decl.title);
  if (decl.count != LimitDecl::Count::kUncounted) {
    limit.count =
        decl.count == LimitDecl::Count::kAtLeast ? Limit::Count::kAtLeast : Limit::Count::kAtMost;
    if (decl.seats_of && decl.seats_in) {
      const auto part = [](const Name& name) {
        Part read;
        read.span = name.span;
        read.text = name.text;
        read.quoted = name.quoted;
        return read;
      };
      // Read as the sentence would be: `seats of licence in tenant`.
      Part seats;
      seats.text = "seats";
      seats.span = decl.seats_of->span;
      Part of = seats;
      of.text = "of";
      Part in = seats;
      in.text = "in";
      const std::vector<Part> parts = {seats, of, part(*decl.seats_of), in, part(*decl.seats_in)};
      Cursor cursor(parts, Cover(decl.seats_of->span, decl.seats_in->span));
      limit.bound = ReadSeats(cursor);
    } else if (decl.number) {
      Term number;
      number.span = decl.name.span;
      number.type.kind = ValueKind::kInt;
      if (*decl.number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        Report(DiagnosticKind::kBadNumber, decl.name.span, "the number is out of range",
               "of this limit");
      } else {
        number.literal.number = static_cast<int64_t>(*decl.number);
      }
      limit.bound = AddTerm(std::move(number));
    }
    if (decl.counted) Bind(decl.counted->type, decl.counted->as, true, false);
  }
  const Reading reading = ReadItem(decl.condition, 0);
  limit.condition = reading.condition;
  EndScope(scope);
  limit.variables = std::move(scope.variables);
  module_.limits.push_back(std::move(limit));
}

void Checker::CheckPromise(const Source<PromiseDecl>& source) {
  const PromiseDecl& decl = *source.decl;
  const auto* act = std::get_if<ActHead>(&decl.head);
  Scope scope;
  BeginScope(scope, act != nullptr ? Scope::Owner::kAct : Scope::Owner::kChange, source.tree);
  Promise promise;
  promise.name = decl.name.text;
  promise.title = decl.title ? decl.title->text : "";
  promise.span = decl.name.span;
  promise.is_change = act == nullptr;
  promise.without = decl.without;
  std::vector<ConditionId> implied;
  if (act != nullptr) {
    promise.act.name = promise.name;
    promise.act.span = promise.span;
    ReadActHead(*act, promise.act);
    promise.act.variables = scope.variables;
  } else {
    promise.change.name = promise.name;
    promise.change.span = promise.span;
    implied = ReadChangeHead(std::get<ChangeHead>(decl.head), promise.change);
    promise.change.variables = scope.variables;
  }
  const Reading reading = ReadItem(decl.condition, 0);
  promise.condition = reading.condition;
  const Span span = module_.conditions[promise.condition].span;
  // What the head says of its symbols: no such change without c, and changes of other symbols are
  // no matter.
  for (ConditionId each : implied) {
    promise.condition =
        decl.without ? Join(Condition::Kind::kOr, {Negate(each, span), promise.condition}, span)
                     : Join(Condition::Kind::kAnd, {each, promise.condition}, span);
  }
  EndScope(scope);
  promise.variables = std::move(scope.variables);
  module_.promises.push_back(std::move(promise));
}

}  // namespace portvakt::dsl
