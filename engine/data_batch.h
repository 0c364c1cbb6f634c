// One write transaction of a load: entities and sentences go in, findings come out, and it is
// committed only when there are none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/data_findings.h"
#include "engine/data_names.h"
#include "engine/data_sentence.h"
#include "engine/data_value.h"
#include "engine/load_limits.h"
#include "engine/store.h"

namespace portvakt::engine {

class DataBatch {
 public:
  // `names` outlives the batch and may serve the next one, unless this one is dropped. With
  // `limits` (which outlives it too) what it changes is gathered for CheckLimits.
  DataBatch(Writer writer, DataNames& names, int64_t now_us, DataFindings& findings,
            LoadLimits* limits)
      : writer_(std::move(writer)),
        names_(names),
        now_us_(now_us),
        findings_(findings),
        limits_(limits != nullptr && limits->any() ? limits : nullptr) {}

  // Makes the entity known to references and sentences; PutEntity must follow.
  void DeclareEntity(dsl::TypeId type, const DataNode& id);
  // `attributes` is a mapping or nothing.
  void PutEntity(dsl::TypeId type, const DataNode& id, const DataNode& attributes);
  void Add(const DataSentence& sentence);
  void Remove(const DataSentence& sentence);

  uint64_t statements() const { return statements_; }
  uint64_t changed() const { return changed_; }
  // Before the commit, when all is in.
  void CheckLimits(DataPlace place);
  Result<uint64_t> Commit(const Writer::Stamp& stamp) { return writer_.Commit(stamp); }

 private:
  // Adds the store's error as a finding. False when there was one.
  template <class T>
  bool Good(const Result<T>& result, DataPlace place);
  bool CheckAttribute(const dsl::Type& type, const DataNode& key, const dsl::Attribute*& out);
  void CheckRequired(const dsl::Type& type, const DataNode& id, const DataNode& attributes);
  std::optional<EntityId> Find(const EntityWord& word, bool create);
  void ReportUnknown(const EntityWord& word);
  std::optional<FactKey> ReadKey(const DataSentence& sentence, bool create);
  std::optional<Validity> ReadValidity(const DataSentence& sentence, const FactKey& key);

  // Counts, and gathers, what changed something since `before`.
  void Count(size_t before, const Operation& operation);
  std::optional<EntityId> PutRecord(uint16_t type, std::string_view id,
                                    std::vector<StoredAttribute> attributes, DataPlace place);

  Writer writer_;
  DataNames& names_;
  int64_t now_us_;
  DataFindings& findings_;
  LoadLimits* limits_;  // null: nothing is gathered
  std::vector<Operation> gathered_;
  uint64_t statements_ = 0;
  uint64_t changed_ = 0;
};

}  // namespace portvakt::engine
