#include "engine/compile.h"

#include "engine/compiler.h"

namespace portvakt::engine {

Compiler::Compiler(const dsl::SourceSet& sources, const dsl::Module& module, Numbers numbers)
    : sources_(sources), module_(module), numbers_(std::move(numbers)), truth_(module) {}

Result<std::string> Compiler::Run() {
  if (Status status = SizeMasks(); !status) return status.error();
  builder_.header.is_relation = numbers_.is;
  builder_.header.holds_relation = numbers_.holds;
  builder_.header.time_zone = builder_.AddText(module_.time_zone);
  builder_.header.policy = builder_.AddText(module_.name);
  AddValues();
  AddTypes();
  AddSymbols();
  AddTables();
  AddFacts();
  AddTerms();
  AddConditions();
  AddDefines();
  AddRules();
  AddDispatches();
  AddChangeRules();
  AddChangeDispatches();
  AddLimits();
  AddPairs();
  MarkFits();
  std::string bytes = builder_.Finish();
  if (bytes.empty()) {
    return Error{Error::Code::kFull, "the policy's decision program would be larger than " +
                                         std::to_string(kMaxProgramBytes >> 20) + " MB"};
  }
  return bytes;
}

Result<std::string> CompileProgram(const dsl::SourceSet& sources, const dsl::Module& module,
                                   const Numberer& number) {
  Result<Numbers> numbers = NumberNames(module, number);
  if (!numbers) return numbers.error();
  return Compiler(sources, module, std::move(*numbers)).Run();
}

}  // namespace portvakt::engine
