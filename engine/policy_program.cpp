#include "engine/policy_program.h"

#include <map>
#include <memory>

#include "engine/policy_cache.h"
#include "engine/snapshot_state.h"
#include "engine/verify.h"

namespace portvakt::engine {

std::vector<PolicyFile> FilesOf(const dsl::SourceSet& sources) {
  std::vector<PolicyFile> files;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    files.push_back({sources.file(i).name, sources.file(i).text});
  }
  return files;
}

Numberer NumbersOfTheMoment(const Snapshot& snapshot) {
  struct Given {
    std::map<std::pair<Space, std::string>, uint32_t> numbers;
    std::map<Space, uint32_t> count;
  };
  auto given = std::make_shared<Given>();
  return [&snapshot, given](Space space, std::string_view name) -> Result<uint32_t> {
    if (const auto stored = snapshot.FindNumber(space, name)) return *stored;
    const SnapshotTables tables(snapshot);
    const auto [at, fresh] = given->numbers.try_emplace({space, std::string(name)});
    if (!fresh) return at->second;
    at->second = tables.state.numbers[static_cast<size_t>(space)] + given->count[space]++;
    if (at->second < kMaxNumbers) return at->second;
    return Error{Error::Code::kFull, "`" + std::string(name) + "` would get no number: the store " +
                                         "can give " + std::to_string(kMaxNumbers) +
                                         " of its kind"};
  };
}

Result<std::string> CompileForTheMoment(const Snapshot& snapshot, uint32_t version) {
  const dsl::SourceSet sources = SourcesOf(snapshot.PolicySources(version));
  Result<dsl::Module> module = CheckAgain(sources, version);
  if (!module) return module.error();
  return CompileProgram(sources, *module, NumbersOfTheMoment(snapshot));
}

Result<std::string> CompileForGood(const dsl::SourceSet& sources, const dsl::Module& module,
                                   Writer& writer) {
  Result<std::string> program = CompileProgram(
      sources, module,
      [&](Space space, std::string_view name) { return writer.Number(space, name); });
  if (!program) return program;
  if (const Result<Program> verified = ReadProgram(*program); !verified) {
    return Error{Error::Code::kInvalid,
                 "this policy gives no sound program: " + verified.error().message};
  }
  return program;
}

}  // namespace portvakt::engine
