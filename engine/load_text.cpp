// Loading text: one entity or sentence a line, read as a stream, committed batch by batch.
#include <istream>
#include <string>

#include "engine/data_batch.h"
#include "engine/load_into.h"
#include "engine/read_flow.h"

namespace portvakt::engine {
namespace {

// Bytes of one line: an entity with all its attributes.
constexpr size_t kMaxLineBytes = 2 * 64 * 1024;

class TextLoad {
 public:
  TextLoad(const LoadTarget& target, const std::string& file_name, LoadReport& report)
      : target_(target),
        names_(target.module),
        findings_(file_name, report.findings),
        report_(report) {
    if (target.obeys_limits) limits_.emplace(target.store, target.module, target.now_us);
  }

  void Run(std::istream& text) {
    std::string line(kMaxLineBytes + 1, '\0');
    while (text.getline(line.data(), static_cast<std::streamsize>(line.size())) ||
           text.gcount() > 0) {
      ++line_number_;
      // What getline took off, the line break, is counted too, except at the end of the stream.
      auto bytes = static_cast<size_t>(text.gcount());
      if (text.fail()) {
        findings_.Add({line_number_, 0},
                      "the line has more than " + std::to_string(kMaxLineBytes) + " bytes");
        return;
      }
      if (!text.eof()) --bytes;
      if (!ReadLine(std::string_view(line).substr(0, bytes))) return;
    }
    if (text.bad()) findings_.Add({line_number_, 0}, "the file cannot be read to its end");
    if (Commit() && limits_) report_.warnings = limits_->Warnings();
  }

 private:
  // False when the load is over.
  bool ReadLine(std::string_view line) {
    if (line_number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') return true;
    if (!batch_ && !Begin()) return false;
    const DataPlace place{line_number_, 1};
    size_t rest = 0;
    if (SplitWords(line, place, words_, rest, findings_)) ReadWords(line, place, rest);
    if (findings_.full()) return false;
    if (++lines_in_batch_ < kSentencesPerRevision) return true;
    return Commit();
  }

  void ReadWords(std::string_view line, DataPlace place, size_t rest) {
    const bool has_attributes = rest != line.size();
    const dsl::TypeId type = EntityType(has_attributes);
    if (type == dsl::kNone && !has_attributes) {
      const auto sentence = ReadSentence(names_, words_.words, place, findings_);
      if (sentence) batch_->Add(*sentence);
      return;
    }
    if (type == dsl::kNone || words_.words.size() != 2) {
      findings_.Add(place, "attributes stand behind a type and an id",
                    words_.words.empty() || type != dsl::kNone
                        ? "as in `client alfa { status: active }`"
                        : DidYouMean(words_.words[0].text, names_.entity_types()));
      return;
    }
    if (names_.type(type).is_union) {
      findings_.Add(place, Quoted(names_.type(type).name) + " is a word for several types",
                    "write " + NamesOf(names_.module(), names_.type(type).members));
      return;
    }
    DataNode id;
    id.kind = DataNode::Kind::kScalar;
    id.place = {place.line, place.column + words_.words[1].column};
    id.text = words_.words[1].text;
    std::optional<DataNode> attributes = DataNode{};
    if (has_attributes) {
      attributes = ReadFlow(line.substr(rest), {place.line, ColumnOf(line, rest)}, findings_);
    }
    if (attributes) batch_->PutEntity(type, id, *attributes);
  }

  static uint32_t ColumnOf(std::string_view line, size_t offset) {
    uint32_t column = 1;
    for (const char character : line.substr(0, offset)) {
      if ((static_cast<unsigned char>(character) & 0xc0) != 0x80) ++column;
    }
    return column;
  }

  // The type that the line declares an entity of; dsl::kNone when it is a sentence. Two words that
  // are a sentence of a declared fact are that.
  dsl::TypeId EntityType(bool has_attributes) const {
    const std::vector<DataWord>& words = words_.words;
    if (words.empty() || words[0].quoted) return dsl::kNone;
    if (!has_attributes && words.size() != 2) return dsl::kNone;
    if (!has_attributes && names_.FindVerb(words[1].text) != dsl::kNone) return dsl::kNone;
    return names_.FindType(words[0].text);
  }

  bool Begin() {
    Result<Writer> writer = target_.store.Begin();
    if (!writer) {
      findings_.Add({}, writer.error().message);
      return false;
    }
    batch_.emplace(std::move(*writer), names_, target_.now_us, findings_,
                   limits_ ? &*limits_ : nullptr);
    lines_in_batch_ = 0;
    return true;
  }

  // False when the load is over.
  bool Commit() {
    if (!findings_.empty()) return false;
    if (!batch_) return true;
    batch_->CheckLimits({line_number_, 0});
    if (!findings_.empty()) return false;
    const Result<uint64_t> revision =
        batch_->Commit({target_.now_us, target_.options.actor, target_.options.reason});
    if (!revision) {
      findings_.Add({line_number_, 0}, revision.error().message);
      return false;
    }
    report_.revision = revision.value();
    report_.statements += batch_->statements();
    report_.changed += batch_->changed();
    batch_.reset();
    return true;
  }

  const LoadTarget& target_;
  DataNames names_;
  DataFindings findings_;
  LoadReport& report_;
  std::optional<LoadLimits> limits_;
  std::optional<DataBatch> batch_;
  DataWords words_;
  size_t lines_in_batch_ = 0;
  uint32_t line_number_ = 0;
};

}  // namespace

LoadReport LoadTextInto(const LoadTarget& target, const std::string& file_name,
                        std::istream& text) {
  LoadReport report;
  TextLoad(target, file_name, report).Run(text);
  if (const auto snapshot = target.store.Read()) report.revision = snapshot.value().revision();
  return report;
}

LoadReport RemoveSentencesFrom(const LoadTarget& target,
                               const std::vector<std::string>& sentences) {
  LoadReport report;
  if (const auto snapshot = target.store.Read()) report.revision = snapshot.value().revision();
  DataFindings findings("", report.findings);
  Result<Writer> writer = target.store.Begin();
  if (!writer) {
    findings.Add({}, writer.error().message);
    return report;
  }
  DataNames names(target.module);
  std::optional<LoadLimits> limits;
  if (target.obeys_limits) limits.emplace(target.store, target.module, target.now_us);
  DataBatch batch(std::move(*writer), names, target.now_us, findings, limits ? &*limits : nullptr);
  DataWords words;
  for (uint32_t i = 0; i < sentences.size(); ++i) {
    const DataPlace place{i + 1, 1};
    size_t rest = 0;
    if (!SplitWords(sentences[i], place, words, rest, findings)) continue;
    if (rest != sentences[i].size()) {
      findings.Add(place, "attributes do not belong to a fact");
      continue;
    }
    const auto sentence = ReadSentence(names, words.words, place, findings);
    if (sentence) batch.Remove(*sentence);
  }
  report.statements = batch.statements();
  if (findings.empty()) batch.CheckLimits({});
  if (!findings.empty()) return report;
  const auto revision = batch.Commit({target.now_us, target.options.actor, target.options.reason});
  if (!revision) {
    findings.Add({}, revision.error().message);
    return report;
  }
  report.revision = revision.value();
  report.changed = batch.changed();
  return report;
}

}  // namespace portvakt::engine
