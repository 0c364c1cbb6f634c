// A limit that is not kept, as a person reads it: who is counted, and what would mend it.
#include "dsl/module.h"
#include "engine/explain.h"
#include "engine/limits.h"

namespace portvakt::engine {
namespace {

// Names in a remedy's sentence; the report has more.
constexpr size_t kMaxNamed = 5;

// `anna, bo or cia`
std::string Either(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

LimitReport LimitJudge::Report(Evaluator& evaluator, const LimitRecord& limit,
                               const Binding& binding) {
  LimitReport report;
  Explainer explainer(evaluator);
  report.limit = std::string(program_.Text(limit.name));
  report.place = explainer.PlaceText(limit.place);
  uint64_t* frame = PushBinding(evaluator, limit, binding);
  if (frame == nullptr) return report;
  report.text = explainer.Text(limit.title, frame);
  const auto name_of = [&](EntityId entity) {
    const uint32_t type = program_.TypeOfNumber(TypeOf(entity));
    return EntityName{
        type == kNoIndex ? "?" : std::string(program_.Text(program_.types[type].name)),
        std::string(evaluator.reader().RecordOf(entity).id())};
  };
  std::vector<EntityName> bound;
  for (uint32_t v = 0; v < limit.for_every_count; ++v) {
    const VariableRecord& variable = program_.variables[limit.variables.first + v];
    std::string value;
    if (variable.is_symbol != 0) {
      value = program_.SymbolName(variable.space, static_cast<uint32_t>(frame[v]));
    } else {
      bound.push_back(name_of(frame[v]));
      value = bound.back().id;
    }
    report.binding.emplace_back(std::string(program_.Text(variable.name)), std::move(value));
  }
  report.counted = limit.count != static_cast<uint32_t>(dsl::Limit::Count::kUncounted);
  report.at_least = limit.count == static_cast<uint32_t>(dsl::Limit::Count::kAtLeast);
  if (report.counted) {
    const Count count = CountOf(evaluator, limit, binding, true);
    report.count = count.count;
    report.bound = count.bound;
    for (EntityId each : count.counted) {
      report.all_conflicting = report.conflicting.size() < kMaxConflicting;
      if (!report.all_conflicting) break;
      report.conflicting.push_back(name_of(each));
    }
  } else {
    report.conflicting = bound;
  }
  report.remedy = Remedy(evaluator, limit, frame, report);
  evaluator.PopFrame(frame);
  return report;
}

std::string LimitJudge::Remedy(Evaluator& evaluator, const LimitRecord& limit, uint64_t* frame,
                               const LimitReport& report) {
  Explainer explainer(evaluator);
  if (!report.counted) {
    // What stands together and should not; or what should hold.
    const NodeRecord& node = program_.nodes[limit.condition];
    if (node.op != Op::kNot) return "see to it that " + explainer.Sentence(limit.condition, frame);
    const NodeRecord& inner = program_.nodes[program_.lists[node.children.first]];
    std::vector<std::string> parts;
    if (inner.op == Op::kAnd) {
      for (uint32_t part : program_.List(inner.children)) {
        parts.push_back("\"" + explainer.Sentence(part, frame) + "\"");
      }
    } else {
      parts.push_back("\"" + explainer.Sentence(program_.lists[node.children.first], frame) + "\"");
    }
    return "end what must not hold together first: " + Either(parts);
  }
  std::vector<std::string> names;
  for (const EntityName& each : report.conflicting) {
    if (names.size() == kMaxNamed) {
      names.push_back("another of " + std::to_string(report.count));
      break;
    }
    names.push_back(each.id);
  }
  const VariableRecord& counted = program_.variables[limit.variables.first + limit.for_every_count];
  if (report.at_least) {
    frame[limit.for_every_count] = kUnknownEntity;
    std::string sentence = explainer.Sentence(limit.condition, frame);
    const std::string another = "another " + std::string(program_.Text(counted.name));
    for (size_t at = sentence.find('?'); at != std::string::npos;
         at = sentence.find('?', at + another.size())) {
      sentence.replace(at, 1, another);
    }
    return "see to it first that " + sentence;
  }
  const TermRecord& bound = program_.terms[limit.bound];
  if (bound.kind == TermRecord::Kind::kSeats) {
    const std::string seats =
        explainer.Term(bound.licence, frame) + " in " + explainer.Term(bound.pool, frame);
    return "order another seat of " + seats +
           (names.empty() ? "" : ", or take one from " + Either(names));
  }
  return "take one away first" + (names.empty() ? "" : ": " + Either(names));
}

}  // namespace portvakt::engine
