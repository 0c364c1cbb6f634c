// Which places of a condition hold a variable whose types their slot admits: there what is known is
// admitted, and need not be looked at while it runs. Said by the compiler, held by the verifier.
// Internal to the program.
#pragma once

#include <algorithm>

#include "engine/program_records.h"

namespace portvakt::engine {

// Arguments that have a bit of NodeRecord::fits.
inline constexpr uint32_t kFittingArguments = 32;

// NodeRecord::fits, at most. `Source` is a program or its builder; the node's indexes are inside of
// it, and `variables` are its owner's.
template <class Source>
uint32_t FitsOf(const Source& source, const NodeRecord& node, Range variables) {
  const auto fits = [&](uint32_t id, Range slot) {
    if (id == kNoIndex) return false;
    const TermRecord& term = source.terms[id];
    if (term.kind != TermRecord::Kind::kVariable || term.steps.count != 0) return false;
    const VariableRecord& variable = source.variables[variables.first + term.variable];
    if (variable.is_symbol != 0 || variable.types.count == 0) return false;
    const auto types = source.List(variable.types);
    const auto admitted = source.List(slot);
    return std::all_of(types.begin(), types.end(), [&](uint32_t type) {
      return std::find(admitted.begin(), admitted.end(), type) != admitted.end();
    });
  };
  const auto both = [](bool subject, bool object) {
    return (subject ? kSubjectFits : 0) | (object ? kObjectFits : 0);
  };
  if (node.op == Op::kFact) {
    const FactRecord& fact = source.facts[node.index];
    return both(fits(node.subject, fact.subject_types), fits(node.object, fact.object_types));
  }
  if (node.op == Op::kHolds) {
    bool subject = true;
    bool object = true;
    for (const LicenceRecord& licence : source.licences) {
      subject &= fits(node.subject, licence.held_by);
      object &= licence.from.count == 0 || fits(node.object, licence.from);
    }
    return both(subject, object && node.object != kNoIndex);
  }
  uint32_t result = 0;
  if (node.op != Op::kDefine) return result;
  const auto arguments = source.List(node.arguments);
  const uint32_t first = source.defines[node.index].variables.first;
  for (uint32_t i = 0; i < arguments.size() && i < kFittingArguments; ++i) {
    const VariableRecord& parameter = source.variables[first + i];
    if (parameter.is_symbol == 0 && fits(arguments[i], parameter.types)) result |= 1u << i;
  }
  return result;
}

}  // namespace portvakt::engine
