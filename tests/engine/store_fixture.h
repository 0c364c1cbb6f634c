// A store of users and clients, and values to put into it, for tests of the store.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/scratch_store.h"

namespace portvakt::engine {

inline constexpr uint16_t kUser = 0;
inline constexpr uint16_t kClient = 1;

inline StoredAttribute Number(uint16_t attribute, int64_t number) {
  StoredAttribute result{attribute, {}};
  result.value.number = number;
  return result;
}
inline StoredAttribute Text(uint16_t attribute, std::string text) {
  StoredAttribute result{attribute, {}};
  result.value.kind = StoredValue::Kind::kText;
  result.value.text = std::move(text);
  return result;
}
inline StoredValue EntityValue(EntityId entity) {
  StoredValue value;
  value.kind = StoredValue::Kind::kEntity;
  value.number = static_cast<int64_t>(entity);
  return value;
}
inline StoredAttribute Reference(uint16_t attribute, EntityId entity) {
  return {attribute, EntityValue(entity)};
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() : store_(OpenScratch(directory_.path())) {}

  Writer Begin() {
    auto writer = store_->Begin();
    EXPECT_TRUE(writer.ok());
    return std::move(*writer);
  }
  Snapshot Read() {
    auto snapshot = store_->Read();
    EXPECT_TRUE(snapshot.ok());
    return std::move(*snapshot);
  }
  static uint64_t Commit(Writer& writer, int64_t instant_us = 1) {
    const auto revision = writer.Commit({.instant_us = instant_us, .actor = "test", .reason = ""});
    EXPECT_TRUE(revision.ok()) << revision.error().message;
    return revision.ok() ? revision.value() : 0;
  }
  static EntityId Put(Writer& writer, uint16_t type, std::string_view id,
                      std::vector<StoredAttribute> attributes = {}) {
    const auto entity = writer.PutEntity(type, id, std::move(attributes));
    EXPECT_TRUE(entity.ok()) << entity.error().message;
    return entity.ok() ? entity.value() : kNoEntity;
  }
  void Reopen() {
    store_.reset();
    store_ = OpenScratch(directory_.path());
  }
  static bool Holds(const Cell& cell, const FactKey& fact) {
    const Cell::Row row = cell.Find(fact.relation, static_cast<uint16_t>(fact.symbol / 64));
    return ((row.bits >> (fact.symbol % 64)) & 1) != 0;
  }

  ScratchDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace portvakt::engine
