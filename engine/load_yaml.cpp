// Loading YAML: the tree's two sections, in two passes over the entities so that they may refer to
// each other in any order.
#include <string>

#include "engine/data_batch.h"
#include "engine/load_into.h"
#include "engine/read_yaml.h"

namespace portvakt::engine {
namespace {

class YamlLoad {
 public:
  YamlLoad(const DataNode& root, DataNames& names, DataBatch& batch, DataFindings& findings)
      : root_(root), names_(names), batch_(batch), findings_(findings) {}

  void Run() {
    if (root_.kind == DataNode::Kind::kNull) return;
    if (!Expect(root_, DataNode::Kind::kMap, "write `entities:` and `facts:`")) return;
    for (size_t i = 0; i < root_.entry_count(); ++i) {
      const std::string& section = root_.key(i).text;
      if (section == "entities" || section == "facts") continue;
      findings_.Add(root_.key(i).place, "there is no section " + Quoted(section),
                    "a data file has `entities` and `facts`");
    }
    if (const DataNode* entities = Section("entities")) {
      ForEachEntity(*entities, true);
      ForEachEntity(*entities, false);
    }
    if (const DataNode* facts = Section("facts")) ReadFacts(*facts);
  }

 private:
  // True also for nothing, of which nothing is read.
  bool Expect(const DataNode& node, DataNode::Kind kind, const char* help) {
    if (node.kind == kind || node.kind == DataNode::Kind::kNull) return true;
    findings_.Add(
        node.place,
        std::string("here stands ") + NameOfKind(node.kind) + " instead of " + NameOfKind(kind),
        help);
    return false;
  }

  const DataNode* Section(std::string_view name) const {
    for (size_t i = 0; i < root_.entry_count(); ++i) {
      if (root_.key(i).text == name) return &root_.value(i);
    }
    return nullptr;
  }

  // dsl::kNone after a finding, which the first pass alone makes.
  dsl::TypeId FindType(const DataNode& key, bool first_pass) {
    const dsl::TypeId type = names_.FindType(key.text);
    if (type != dsl::kNone && !names_.type(type).is_union) return type;
    if (!first_pass) return dsl::kNone;
    if (type != dsl::kNone) {
      findings_.Add(
          key.place, Quoted(key.text) + " is a word for several types",
          "put each entity under its own: " + NamesOf(names_.module(), names_.type(type).members));
    } else {
      findings_.Add(key.place, "there is no entity type " + Quoted(key.text),
                    DidYouMean(key.text, names_.entity_types()));
    }
    return dsl::kNone;
  }

  void ForEachEntity(const DataNode& section, bool first_pass) {
    if (section.kind != DataNode::Kind::kMap) {
      if (first_pass) Expect(section, DataNode::Kind::kMap, "write `type:` and below it `id: {}`");
      return;
    }
    for (size_t i = 0; i < section.entry_count(); ++i) {
      const dsl::TypeId type = FindType(section.key(i), first_pass);
      const DataNode& ids = section.value(i);
      if (type == dsl::kNone) continue;
      if (ids.kind != DataNode::Kind::kMap) {
        if (first_pass) Expect(ids, DataNode::Kind::kMap, "write `id: { attribute: value }`");
        continue;
      }
      for (size_t j = 0; j < ids.entry_count() && !findings_.full(); ++j) {
        if (first_pass) {
          batch_.DeclareEntity(type, ids.key(j));
        } else {
          batch_.PutEntity(type, ids.key(j), ids.value(j));
        }
      }
    }
  }

  void ReadFacts(const DataNode& section) {
    if (section.kind != DataNode::Kind::kList) {
      Expect(section, DataNode::Kind::kList, "write `- ` before each sentence");
      return;
    }
    for (const DataNode& item : section.items) {
      if (findings_.full()) return;
      if (item.kind == DataNode::Kind::kMap) {
        ReadTimedFact(item);
      } else if (item.kind == DataNode::Kind::kScalar) {
        if (const auto sentence = Read(item)) batch_.Add(*sentence);
      } else {
        findings_.Add(item.place, std::string("here stands ") + NameOfKind(item.kind) +
                                      " instead of a sentence");
      }
    }
  }

  std::optional<DataSentence> Read(const DataNode& item) {
    size_t rest = 0;
    if (!SplitWords(item.text, item.place, words_, rest, findings_)) return std::nullopt;
    if (rest != item.text.size()) {
      findings_.Add(item.place, "attributes do not belong to a fact",
                    "put entities under `entities:`");
      return std::nullopt;
    }
    // Where a scalar's words stand in the file depends on how it was quoted and folded.
    for (DataWord& word : words_.words) word.column = 0;
    return ReadSentence(names_, words_.words, item.place, findings_);
  }

  // { fact: sentence, from: when, until: when }
  void ReadTimedFact(const DataNode& item) {
    std::optional<DataSentence> sentence;
    const DataNode* from = nullptr;
    const DataNode* until = nullptr;
    bool has_fact = false;
    for (size_t i = 0; i < item.entry_count(); ++i) {
      const DataNode& key = item.key(i);
      const DataNode& value = item.value(i);
      if (key.text == "from") {
        from = &value;
      } else if (key.text == "until") {
        until = &value;
      } else if (key.text != "fact") {
        findings_.Add(key.place, "a fact has no " + Quoted(key.text),
                      "it has `fact`, `from` and `until`");
        return;
      } else {
        has_fact = true;
        if (value.kind != DataNode::Kind::kScalar) {
          findings_.Add(value.place, std::string("here stands ") + NameOfKind(value.kind) +
                                         " instead of a sentence");
          return;
        }
        sentence = Read(value);
      }
    }
    if (!has_fact) findings_.Add(item.place, "a fact without its sentence", "write `fact: ..`");
    if (!sentence) return;
    if (sentence->kind == DataSentence::Kind::kSeats && (from != nullptr || until != nullptr)) {
      findings_.Add(item.place, "seats have no `from` and `until`", "load them when they change");
      return;
    }
    if (TakeWhen(from, sentence->from_us) && TakeWhen(until, sentence->until_us)) {
      batch_.Add(*sentence);
    }
  }

  bool TakeWhen(const DataNode* node, std::optional<int64_t>& when) {
    if (node == nullptr) return true;
    if (when) {
      findings_.Add(node->place, "the sentence itself says this already", "say it once");
      return false;
    }
    if (node->kind == DataNode::Kind::kScalar) when = ReadWhen(node->text, names_.module());
    if (when) return true;
    findings_.Add(node->place, Quoted(node->text) + " is no date and no instant",
                  "write 2026-01-31 or 2026-01-31T12:00:00Z");
    return false;
  }

  const DataNode& root_;
  DataNames& names_;
  DataBatch& batch_;
  DataFindings& findings_;
  DataWords words_;
};

}  // namespace

LoadReport LoadYamlInto(const LoadTarget& target, const std::string& file_name,
                        std::string_view text) {
  LoadReport report;
  if (const auto snapshot = target.store.Read()) report.revision = snapshot.value().revision();
  DataFindings findings(file_name, report.findings);
  if (text.size() > kMaxYamlBytes) {
    findings.Add({}, "the file has more than " + std::to_string(kMaxYamlBytes) + " bytes",
                 "load large data as text, one sentence a line");
    return report;
  }
  const std::optional<DataNode> root = ReadYaml(text, findings);
  if (!root) return report;
  Result<Writer> writer = target.store.Begin();
  if (!writer) {
    findings.Add({}, writer.error().message);
    return report;
  }
  DataNames names(target.module);
  std::optional<LoadLimits> limits;
  if (target.obeys_limits) limits.emplace(target.store, target.module, target.now_us);
  DataBatch batch(std::move(*writer), names, target.now_us, findings, limits ? &*limits : nullptr);
  YamlLoad(*root, names, batch, findings).Run();
  report.statements = batch.statements();
  if (findings.empty()) batch.CheckLimits({});
  if (!findings.empty()) return report;
  const Result<uint64_t> revision =
      batch.Commit({target.now_us, target.options.actor, target.options.reason});
  if (!revision) {
    findings.Add({}, revision.error().message);
    return report;
  }
  report.revision = revision.value();
  report.changed = batch.changed();
  if (limits) report.warnings = limits->Warnings();
  return report;
}

}  // namespace portvakt::engine
