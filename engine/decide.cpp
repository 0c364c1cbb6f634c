// Whole decisions: (some permit is true) and (no forbid is true) and (all that it requires is
// permitted), as one Kleene formula.
#include "dsl/module.h"
#include "engine/evaluator.h"

namespace portvakt::engine {

void Evaluator::Restart(const Program& program, int64_t steps) {
  program_ = &program;
  ++generation_;
  steps_given_ = steps;
  steps_left_ = steps;
  depth_ = 0;
  exhausted_ = false;
  second_ = kUnknownEntity;
  registers_used_ = 0;
  masks_used_ = 0;
  buffers_used_ = 0;
}

void Evaluator::Start(const Program& program, const View& view, const Reader::Clock& clock,
                      const Request& request, int64_t steps, uint64_t state) {
  Restart(program, steps);
  reader_.Start(view, clock, request.now_us, state);
  values_.Start(program, reader_, request);
}

void Evaluator::Begin(const Program& program, const View& view, const Reader::Clock& clock,
                      const InputValues* context, std::optional<int64_t> now_us, int64_t steps) {
  Restart(program, steps);
  reader_.Start(view, clock, now_us);
  values_.Start(program, reader_, context);
}

Question Evaluator::Begin(const Program& program, const View& view, const Reader::Clock& clock,
                          const Request& request, uint64_t state) {
  Start(program, view, clock, request, kMaxSteps, state);
  Question question;
  const auto refuse = [&](Question::Refusal refusal, std::string_view culprit) {
    question.refusal = refusal;
    question.culprit = culprit;
    return question;
  };
  const uint32_t subject_type = program.FindType(request.subject.type);
  if (subject_type == kNoIndex) {
    return refuse(Question::Refusal::kType, request.subject.type);
  }
  const uint32_t object_type = program.FindType(request.resource.type);
  if (object_type == kNoIndex) {
    return refuse(Question::Refusal::kType, request.resource.type);
  }
  const uint32_t permission = program.FindPermission(request.action);
  if (permission == kNoIndex) {
    return refuse(Question::Refusal::kPermission, request.action);
  }
  question.permission = program.permissions[permission].number;
  reader_.ExpectEntities(
      {static_cast<uint16_t>(program.types[subject_type].number), request.subject.id},
      {static_cast<uint16_t>(program.types[object_type].number), request.resource.id});
  question.subject = values_.Resolve(subject_type, request.subject.id);
  if (question.subject == kNowhereEntity) {
    return refuse(Question::Refusal::kEntity, request.subject.id);
  }
  question.object = values_.Resolve(object_type, request.resource.id);
  if (question.object == kNowhereEntity) {
    return refuse(Question::Refusal::kEntity, request.resource.id);
  }
  values_.SetEnds(question.subject, question.object);
  reader_.ExpectPair(question.subject, question.object);
  return question;
}

std::string_view CodeOf(Question::Refusal refusal) {
  switch (refusal) {
    case Question::Refusal::kNone: return "";
    case Question::Refusal::kType: return "unknown_type";
    case Question::Refusal::kPermission: return "unknown_permission";
    case Question::Refusal::kEntity: return "unknown_entity";
  }
  return "";
}

const DispatchRecord* Evaluator::RulesFor(EntityId subject, uint32_t permission,
                                          EntityId object) const {
  return program_->FindDispatch(permission, TypeOf(subject), TypeOf(object));
}

uint64_t* Evaluator::PushRule(const RuleRecord& rule, EntityId subject, uint32_t permission,
                              EntityId object) {
  uint64_t* frame = PushFrame(rule.variables.count);
  if (frame == nullptr) return nullptr;
  frame[0] = subject;
  frame[1] = permission;
  frame[2] = object;
  return frame;
}

Tri Evaluator::TestRule(uint32_t index, EntityId subject, uint32_t permission, EntityId object) {
  const RuleRecord& rule = program_->rules[index];
  uint64_t* frame = PushRule(rule, subject, permission, object);
  if (frame == nullptr) return Tri::kUnknown;
  const Tri value = Test(rule.condition, frame);
  PopFrame(frame);
  return value;
}

Tri Evaluator::Decide(EntityId subject, uint32_t permission, EntityId object) {
  const Depth depth(*this);
  // Written last on each way out: conditions ask decisions inside this one.
  decisive_rule_ = kNoIndex;
  const DispatchRecord* rules = RulesFor(subject, permission, object);
  if (rules == nullptr || exhausted_) return Tri::kFalse;
  Tri permitted = Tri::kFalse;
  uint32_t permit = kNoIndex;
  for (uint32_t rule : program_->List(rules->permits)) {
    permitted = Or(permitted, TestRule(rule, subject, permission, object));
    permit = rule;
    if (permitted == Tri::kTrue) break;
  }
  decisive_rule_ = kNoIndex;
  if (permitted == Tri::kFalse) return Tri::kFalse;
  for (uint32_t rule : program_->List(rules->forbids)) {
    permitted = And(permitted, Not(TestRule(rule, subject, permission, object)));
    decisive_rule_ = rule;
    if (permitted == Tri::kFalse) return Tri::kFalse;
  }
  const uint32_t index = program_->SymbolOfNumber(kPermissionSpace, permission);
  for (uint32_t required : program_->List(program_->permissions[index].requires_permissions)) {
    permitted = And(permitted, Decide(subject, required, object));
    if (permitted == Tri::kFalse) return Tri::kFalse;
  }
  decisive_rule_ = permitted == Tri::kTrue ? permit : kNoIndex;
  return exhausted_ ? Tri::kUnknown : permitted;
}

}  // namespace portvakt::engine
