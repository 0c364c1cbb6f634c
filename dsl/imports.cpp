// Imports against the files that are there.
#include "dsl/imports.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include "dsl/display.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {

std::string ImportedName(const std::string& importer, const std::string& path) {
  namespace fs = std::filesystem;
  return (fs::path(importer).parent_path() / fs::path(path)).lexically_normal().string();
}

void CheckImports(const std::vector<Tree>& trees, const SourceSet& sources, Diagnostics& findings) {
  std::set<std::string> names;
  for (uint32_t number = 0; number < sources.size(); ++number) {
    names.insert(ImportedName("", sources.file(number).name));
  }
  std::set<std::pair<uint32_t, uint32_t>> told;
  for (const Diagnostic& finding : findings.all())
    told.emplace(finding.span.file, finding.span.begin);

  for (const Tree& tree : trees) {
    for (const Declaration& declaration : tree.declarations) {
      const auto* import = std::get_if<ImportDecl>(&declaration.value);
      if (import == nullptr) continue;
      const Text& path = import->path;
      const std::string& importer = sources.file(tree.file).name;
      if (names.contains(ImportedName(importer, path.text))) continue;
      // Reading may have refused it, for its size or its place.
      if (told.contains({path.span.file, path.span.begin})) continue;
      Diagnostic finding;
      finding.kind = DiagnosticKind::kImportNotFound;
      finding.span = path.span;
      finding.message = "there is no file `" + Printable(path.text) + "` in this policy";
      finding.label = "not among its files";
      finding.suggestions =
          Suggest(path.text, std::vector<std::string>(names.begin(), names.end()));
      finding.help = {"an import is relative to the file that it stands in"};
      findings.Add(std::move(finding));
    }
  }
}

}  // namespace portvakt::dsl
