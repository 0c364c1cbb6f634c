// The door to loading: files by their extension, on an engine's store and clock.
#include "engine/load.h"

#include <fstream>
#include <sstream>

#include "engine/load_into.h"

namespace portvakt::engine {
namespace {

LoadTarget TargetOf(Engine& engine, const dsl::Module& module, const LoadOptions& options) {
  return {engine.store(), module, engine.now_us(), options, true};
}

}  // namespace

LoadReport LoadYaml(Engine& engine, const dsl::Module& module, const std::string& file_name,
                    std::string_view text, const LoadOptions& options) {
  return LoadYamlInto(TargetOf(engine, module, options), file_name, text);
}

LoadReport LoadText(Engine& engine, const dsl::Module& module, const std::string& file_name,
                    std::istream& text, const LoadOptions& options) {
  return LoadTextInto(TargetOf(engine, module, options), file_name, text);
}

LoadReport LoadFile(Engine& engine, const dsl::Module& module, const std::string& path,
                    const LoadOptions& options) {
  std::ifstream file(path, std::ios::binary);
  if (!file || file.peek() == std::ifstream::traits_type::eof()) {
    if (file.is_open() && !file.bad() && file.eof()) {  // an empty file loads nothing
      std::istringstream nothing;
      return LoadText(engine, module, path, nothing, options);
    }
    LoadReport report;
    report.findings.push_back({path, 0, 0, "the file cannot be read", ""});
    return report;
  }
  if (!path.ends_with(".yaml") && !path.ends_with(".yml")) {
    return LoadText(engine, module, path, file, options);
  }
  // One byte more than is allowed, so that what is too large is seen to be.
  std::string text(kMaxYamlBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return LoadYaml(engine, module, path, text, options);
}

LoadReport RemoveSentences(Engine& engine, const dsl::Module& module,
                           const std::vector<std::string>& sentences, const LoadOptions& options) {
  return RemoveSentencesFrom(TargetOf(engine, module, options), sentences);
}

}  // namespace portvakt::engine
