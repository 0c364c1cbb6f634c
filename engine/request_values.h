// What one request supplies, read as the types that the policy declares. A value that does not fit
// its type counts as not supplied. Values are read when they are first asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"
#include "engine/program.h"
#include "engine/reader.h"
#include "engine/store.h"

namespace portvakt::engine {

// A value while a condition is tested. Texts and sets live as long as the request.
struct Value {
  enum class Kind : uint8_t { kUnknown, kAbsent, kNumber, kText, kEntity, kStoredSet, kGivenSet };
  Kind kind = Kind::kUnknown;
  int64_t number = 0;  // kNumber
  EntityId entity = kNoEntity;
  std::string_view text;
  ValueView stored;                                 // kStoredSet
  const std::vector<StoredValue>* given = nullptr;  // kGivenSet

  static Value Absent() {
    Value value;
    value.kind = Kind::kAbsent;
    return value;
  }
  static Value Number(int64_t number) {
    Value value;
    value.kind = Kind::kNumber;
    value.number = number;
    return value;
  }
  static Value Text(std::string_view text) {
    Value value;
    value.kind = Kind::kText;
    value.text = text;
    return value;
  }
  // Special entities become kUnknown and kAbsent.
  static Value Entity(EntityId entity) {
    Value value;
    value.kind = entity == kUnknownEntity  ? Kind::kUnknown
                 : entity == kAbsentEntity ? Kind::kAbsent
                                           : Kind::kEntity;
    value.entity = entity;
    return value;
  }
  EntityId ToEntity() const {
    if (kind == Kind::kEntity) return entity;
    return kind == Kind::kAbsent ? kAbsentEntity : kUnknownEntity;
  }
};

class RequestValues {
 public:
  // Program, reader and request live until the next Start.
  void Start(const Program& program, Reader& reader, const Request& request);
  // Of a change: it supplies a context and nothing else. Null: nothing at all.
  void Start(const Program& program, Reader& reader, const InputValues* context);

  // Stored, or transient for open types, else kNowhereEntity. `type` is a record's index.
  EntityId Resolve(uint32_t type, std::string_view id);
  // Of a literal: open ids that the request does not mention are kNowhereEntity.
  EntityId ResolveLiteral(uint32_t type_number, std::string_view id);
  void SetEnds(EntityId subject, EntityId resource);

  const Value& Input(uint32_t input) { return Find(input, false); }
  // An attribute `from request` of an entity: supplied for subject and resource alone.
  Value Property(EntityId entity, uint32_t attribute);
  std::string_view TransientId(EntityId entity) const;
  // Appends the transient entities of a type; reads every entity that the request mentions.
  void Transients(uint32_t type_number, std::vector<EntityId>& out);

 private:
  struct Slot {
    uint64_t generation = 0;
    Value value;
    std::vector<StoredValue> set;
    std::string text;
  };
  struct TransientEntity {
    uint32_t type_number = 0;
    std::string_view id;
  };
  const Value& Find(uint32_t input, bool of_resource);
  const InputValue* Supplied(const InputRecord& input, bool of_resource) const;
  Value Read(const InputValue& input, const ValueTypeRecord& type, Slot& slot);
  Value ReadScalar(const InputValue& input, const ValueTypeRecord& type, std::string& storage);
  Value ReadSet(const InputValue& input, const ValueTypeRecord& type, Slot& slot);
  EntityId ReadEntity(std::string_view id, const ValueTypeRecord& type);

  const Program* program_ = nullptr;
  Reader* reader_ = nullptr;
  const Request* request_ = nullptr;  // null: a context alone
  const InputValues* context_ = nullptr;
  EntityId subject_ = kNoEntity;
  EntityId resource_ = kNoEntity;
  uint64_t generation_ = 0;
  std::vector<Slot> slots_;  // by input: of context, action and subject; then of the resource
  std::vector<TransientEntity> transients_;
};

}  // namespace portvakt::engine
