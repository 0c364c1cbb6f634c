// One write transaction of a load: entities and sentences go in, findings come out, and it is
// committed only when there are none.
#pragma once

#include <optional>
#include <string>

#include "engine/data_findings.h"
#include "engine/data_names.h"
#include "engine/data_sentence.h"
#include "engine/data_value.h"
#include "engine/store.h"

namespace portvakt::engine {

class DataBatch {
 public:
  // `names` outlives the batch and may serve the next one, unless this one is dropped.
  DataBatch(Writer writer, DataNames& names, int64_t now_us, DataFindings& findings)
      : writer_(std::move(writer)), names_(names), now_us_(now_us), findings_(findings) {}

  // Makes the entity known to references and sentences; PutEntity must follow.
  void DeclareEntity(dsl::TypeId type, const DataNode& id);
  // `attributes` is a mapping or nothing.
  void PutEntity(dsl::TypeId type, const DataNode& id, const DataNode& attributes);
  void Add(const DataSentence& sentence);
  void Remove(const DataSentence& sentence);

  uint64_t statements() const { return statements_; }
  uint64_t changed() const { return changed_; }
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
  bool StillHolds(const FactKey& key) const;

  Writer writer_;
  DataNames& names_;
  int64_t now_us_;
  DataFindings& findings_;
  uint64_t statements_ = 0;
  uint64_t changed_ = 0;
};

}  // namespace portvakt::engine
