// Policy files into memory: a file or a folder, and what they import. The one part of the room that
// touches the file system. An import is text from a policy, hence untrusted: it reaches only .vakt
// files beneath the folder that was given, whatever links lie there.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "dsl/display.h"
#include "dsl/dsl.h"
#include "dsl/imports.h"

namespace portvakt::dsl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".vakt";

std::string Quoted(const std::string& text) { return "`" + Printable(text) + "`"; }

// What became of an attempt to read one file.
struct ReadFile {
  enum class Outcome { kRead, kMissing, kNoFile, kTooLarge, kFailed };
  Outcome outcome = Outcome::kFailed;
  std::string text;
  std::string reason;  // kFailed: in the words of the system
};

// The size is asked before anything is read, and only a plain file is opened (a pipe would wait).
ReadFile ReadPlainFile(const fs::path& path) {
  using Outcome = ReadFile::Outcome;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {Outcome::kMissing, {}, {}};
    return {Outcome::kFailed, {}, std::strerror(errno)};
  }
  if (!S_ISREG(status.st_mode)) return {Outcome::kNoFile, {}, {}};
  if (status.st_size > static_cast<off_t>(kMaxFileBytes)) return {Outcome::kTooLarge, {}, {}};
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return {Outcome::kFailed, {}, std::strerror(errno)};
  std::string text;
  std::array<char, 65536> buffer{};
  while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
    text.append(buffer.data(), static_cast<size_t>(stream.gcount()));
    // A file may grow while it is read.
    if (text.size() > kMaxFileBytes) return {Outcome::kTooLarge, {}, {}};
  }
  if (stream.bad()) return {Outcome::kFailed, {}, "the file cannot be read to its end"};
  return {Outcome::kRead, std::move(text), {}};
}

// Whether `path` is `folder` or lies beneath it; both without links and dots.
bool IsBeneath(const fs::path& path, const fs::path& folder) {
  const auto [left, right] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  (void)right;
  return left == folder.end();
}

class PolicyReader {
 public:
  PolicyReader(SourceSet& sources, Diagnostics& findings)
      : sources_(sources), findings_(findings) {}

  bool Run(const std::string& given, std::string& error) {
    std::error_code code;
    const fs::path path = fs::path(given).lexically_normal();
    const fs::file_status status = fs::status(path, code);
    if (given.empty() || !fs::exists(status)) {
      const bool missing = given.empty() || status.type() == fs::file_type::not_found;
      error = "cannot read " + Quoted(given) + ": " +
              (missing ? "there is no such file or folder" : code.message());
      return false;
    }
    is_folder_ = fs::is_directory(status);
    shown_root_ = is_folder_ ? path : path.parent_path();
    root_ = fs::canonical(ShownRoot(), code);
    if (code) {
      error = "cannot read " + Quoted(given) + ": " + code.message();
      return false;
    }
    std::vector<fs::path> names = {path};
    if (is_folder_ && !ListFolder(path, names, error)) return false;
    for (const fs::path& name : names) {
      if (!ReadFirst(name, error)) return false;
    }
    // `files_` grows while imports are read.
    for (size_t index = 0; index < files_.size(); ++index) ReadImports(index);
    return true;
  }

 private:
  // Files as they are named in messages, and their places in `sources_`.
  struct File {
    fs::path name;
    uint32_t number = 0;
  };

  bool ListFolder(const fs::path& folder, std::vector<fs::path>& names, std::string& error) {
    names.clear();
    std::error_code code;
    fs::directory_iterator entries(folder, code);
    for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
      const fs::path name = entries->path().filename();
      // Names with a leading dot are editors' own.
      if (name.extension() != kExtension || name.native().starts_with('.')) continue;
      names.push_back((folder / name).lexically_normal());
    }
    if (code) {
      error = "cannot read " + Quoted(folder.string()) + ": " + code.message();
      return false;
    }
    if (names.empty()) {
      error = "there is no .vakt file in " + Quoted(folder.string());
      return false;
    }
    if (names.size() > kMaxFiles) {
      error = Quoted(folder.string()) + " has " + std::to_string(names.size()) +
              " .vakt files; a policy has at most " + std::to_string(kMaxFiles);
      return false;
    }
    std::sort(names.begin(), names.end());
    return true;
  }

  // A file that the caller asked for; what is wrong with it is no finding about a text.
  bool ReadFirst(const fs::path& name, std::string& error) {
    std::error_code code;
    const fs::path real = fs::canonical(name, code);
    // A single file was asked for as such, also when it is a link.
    if (is_folder_ && !code && !IsBeneath(real, root_)) {
      error = "cannot read " + Quoted(name.string()) + ": it is a link that leaves the folder";
      return false;
    }
    ReadFile file = code ? ReadFile{ReadFile::Outcome::kMissing, {}, {}} : ReadPlainFile(real);
    switch (file.outcome) {
      case ReadFile::Outcome::kRead: Keep(name, real, std::move(file.text)); return true;
      case ReadFile::Outcome::kTooLarge: {
        const uint32_t number = sources_.Add(name.string(), "");
        TooLarge({number, 0, 0}, LargerThan(name), {});
        return true;
      }
      case ReadFile::Outcome::kMissing:
        error = "cannot read " + Quoted(name.string()) + ": there is no such file";
        return false;
      case ReadFile::Outcome::kNoFile:
        error = "cannot read " + Quoted(name.string()) + ": it is not a plain file";
        return false;
      case ReadFile::Outcome::kFailed:
        error = "cannot read " + Quoted(name.string()) + ": " + file.reason;
        return false;
    }
    return false;
  }

  void Keep(const fs::path& name, const fs::path& real, std::string text) {
    const uint32_t number = sources_.Add(name.string(), std::move(text));
    files_.push_back({name, number});
    known_.emplace(real, name);
  }

  // The imports of one file. It is parsed on its own for them; findings about the rest of it come
  // when the whole policy is parsed.
  void ReadImports(size_t index) {
    const File file = files_[index];
    const std::string& text = sources_.file(file.number).text;
    if (text.find("import") == std::string::npos) return;
    SourceSet alone;
    alone.Add(file.name.string(), text);
    Diagnostics ignored;
    for (const Tree& tree : Parse(alone, ignored)) {
      for (const Declaration& declaration : tree.declarations) {
        const auto* import = std::get_if<ImportDecl>(&declaration.value);
        if (import == nullptr) continue;
        Span span = import->path.span;
        span.file = file.number;
        ReadImport(file.name, import->path.text, span);
      }
    }
  }

  void ReadImport(const fs::path& importer, const std::string& text, const Span& span) {
    const fs::path path(text);
    // A null byte would end the path early for the system.
    if (text.empty() || text.find('\0') != std::string::npos) {
      return NotFound(span, "an import names no file", "not a path");
    }
    if (path.is_absolute()) {
      return NotFound(span, "the import " + Quoted(text) + " is an absolute path",
                      "begins at the root of the file system");
    }
    if (path.extension() != kExtension) {
      return NotFound(span, "the import " + Quoted(text) + " is not a policy file",
                      "does not end in `.vakt`");
    }
    const fs::path name = ImportedName(importer.string(), text);
    const fs::path from_root = name.lexically_relative(ShownRoot());
    if (from_root.empty() || *from_root.begin() == "..") {
      return NotFound(span, "the import " + Quoted(text) + " leaves the policy's folder",
                      "lies above it");
    }
    Resolve(name, text, span);
  }

  void Resolve(const fs::path& name, const std::string& text, const Span& span) {
    std::error_code code;
    const fs::path real = fs::canonical(name, code);
    if (code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory) {
      return Missing(name, text, span);
    }
    if (code) return NotFound(span, "cannot read the import " + Quoted(text), code.message());
    if (!IsBeneath(real, root_)) {
      return NotFound(span, "the import " + Quoted(text) + " leaves the policy's folder",
                      "is a link to a place outside");
    }
    if (const auto known = known_.find(real); known != known_.end()) {
      if (known->second == name) return;
      return NotFound(span, "the import " + Quoted(text) + " is a second name of a file",
                      "is the same file as " + Quoted(known->second.string()));
    }
    if (sources_.size() >= kMaxFiles) {
      return TooLarge(span, "the policy has more than " + std::to_string(kMaxFiles) + " files",
                      "one too many");
    }
    ReadFile file = ReadPlainFile(real);
    switch (file.outcome) {
      case ReadFile::Outcome::kRead: return Keep(name, real, std::move(file.text));
      case ReadFile::Outcome::kTooLarge: return TooLarge(span, LargerThan(name), "imported here");
      case ReadFile::Outcome::kMissing: return Missing(name, text, span);
      case ReadFile::Outcome::kNoFile:
        return NotFound(span, "the import " + Quoted(text) + " is not a plain file",
                        "a folder or something else");
      case ReadFile::Outcome::kFailed:
        return NotFound(span, "cannot read the import " + Quoted(text), file.reason);
    }
  }

  // Suggests what stands in that folder under a similar name.
  void Missing(const fs::path& name, const std::string& text, const Span& span) {
    std::vector<std::string> there;
    std::error_code code;
    const fs::path folder = name.parent_path();
    fs::directory_iterator entries(folder.empty() ? fs::path(".") : folder, code);
    for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
      const fs::path other = entries->path().filename();
      if (other.extension() == kExtension) there.push_back(other.string());
    }
    std::sort(there.begin(), there.end());
    std::vector<std::string> suggestions;
    for (const std::string& near : Suggest(name.filename().string(), there)) {
      suggestions.push_back((fs::path(text).parent_path() / near).string());
    }
    NotFound(span, "there is no file " + Quoted(text), "not found from the folder of this file",
             std::move(suggestions));
  }

  void NotFound(const Span& span, std::string message, std::string label,
                std::vector<std::string> suggestions = {}) {
    Diagnostic finding;
    finding.kind = DiagnosticKind::kImportNotFound;
    finding.span = span;
    finding.message = std::move(message);
    finding.label = std::move(label);
    finding.suggestions = std::move(suggestions);
    finding.help = {
        "an import is the path of a `.vakt` file, relative to the file that it stands in, and "
        "stays in the policy's folder: `import \"programs/lon.vakt\"`"};
    findings_.Add(std::move(finding));
  }

  static std::string LargerThan(const fs::path& name) {
    return "the file " + Quoted(name.string()) + " is larger than " +
           std::to_string(kMaxFileBytes) + " bytes";
  }

  void TooLarge(const Span& span, std::string message, std::string label) {
    Diagnostic finding;
    finding.kind = DiagnosticKind::kFileTooLarge;
    finding.span = span;
    finding.message = std::move(message);
    finding.label = std::move(label);
    finding.help = {"people and groups belong in the store, as facts; a policy holds the rules"};
    findings_.Add(std::move(finding));
  }

  fs::path ShownRoot() const { return shown_root_.empty() ? fs::path(".") : shown_root_; }

  SourceSet& sources_;
  Diagnostics& findings_;
  bool is_folder_ = false;
  fs::path shown_root_;  // as the caller named it; empty: the working directory
  fs::path root_;        // without links
  std::vector<File> files_;
  std::map<fs::path, fs::path> known_;  // without links, to the name that it was read by
};

}  // namespace

bool ReadPolicy(const std::string& path, SourceSet& sources, Diagnostics& findings,
                std::string& error) {
  return PolicyReader(sources, findings).Run(path, error);
}

}  // namespace portvakt::dsl
