// Writing and reading records where they lie. The format is in the header.
#include "engine/records.h"

#include <algorithm>

#include "engine/lmdb_environment.h"

namespace portvakt::engine {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kSlotBytes = 8;

void EncodeScalar(std::string& out, const StoredValue& value) {
  out.push_back(static_cast<char>(value.kind));
  if (value.kind == StoredValue::Kind::kText) {
    out.append(value.text);
  } else {
    PutNumber(out, value.number);
  }
}

void EncodeValue(std::string& out, const StoredValue& value) {
  if (value.kind != StoredValue::Kind::kSet) return EncodeScalar(out, value);
  std::string members;
  out.push_back(static_cast<char>(value.kind));
  PutNumber(out, static_cast<uint32_t>(value.set.size()));
  for (const StoredValue& member : value.set) {
    EncodeScalar(members, member);
    PutNumber(out, static_cast<uint32_t>(members.size()));
  }
  out.append(members);
}

// Part [begin, end) of the payload that begins at `payload`, where ends lie `stride` bytes apart
// from `ends` on.
std::string_view PartAt(std::string_view bytes, size_t ends, size_t stride, size_t payload,
                        size_t index) {
  if (payload > bytes.size()) DieOfCorruption("record out of bounds");
  const uint32_t begin = index == 0 ? 0 : GetNumber<uint32_t>(bytes, ends + (index - 1) * stride);
  const uint32_t end = GetNumber<uint32_t>(bytes, ends + index * stride);
  if (begin > end || end > bytes.size() - payload) DieOfCorruption("record out of bounds");
  return bytes.substr(payload + begin, end - begin);
}

// Where the parts of a record lie.
struct RecordLayout {
  explicit RecordLayout(std::string_view bytes) {
    if (bytes.size() < kHeaderBytes) DieOfCorruption("record too short");
    id_bytes = GetNumber<uint16_t>(bytes);
    count = GetNumber<uint16_t>(bytes, 2);
    slots = kHeaderBytes + id_bytes;
    values = slots + count * kSlotBytes;
    if (values > bytes.size()) DieOfCorruption("record too short");
  }
  size_t id_bytes;
  size_t count;
  size_t slots;
  size_t values;
};

uint16_t AttributeAt(std::string_view bytes, const RecordLayout& layout, size_t index) {
  return GetNumber<uint16_t>(bytes, layout.slots + index * kSlotBytes);
}
ValueView ValueAt(std::string_view bytes, const RecordLayout& layout, size_t index) {
  return ValueView(PartAt(bytes, layout.slots + 4, kSlotBytes, layout.values, index));
}

StoredValue Copy(const ValueView& view) {
  StoredValue value;
  value.kind = view.kind();
  switch (value.kind) {
    case StoredValue::Kind::kNumber:
    case StoredValue::Kind::kEntity: value.number = view.number(); break;
    case StoredValue::Kind::kText: value.text = view.text(); break;
    case StoredValue::Kind::kSet:
      for (size_t i = 0; i < view.size(); ++i) {
        StoredValue member;
        const ValueView inner = view.at(i);
        member.kind = inner.kind();
        if (member.kind == StoredValue::Kind::kText) {
          member.text = inner.text();
        } else {
          member.number = inner.number();
        }
        value.set.push_back(std::move(member));
      }
      break;
  }
  return value;
}

bool ScalarLess(const StoredValue& a, const StoredValue& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.kind == StoredValue::Kind::kText ? a.text < b.text : a.number < b.number;
}

}  // namespace

Status NormaliseAttributes(std::vector<StoredAttribute>& attributes) {
  std::sort(attributes.begin(), attributes.end(),
            [](const auto& a, const auto& b) { return a.attribute < b.attribute; });
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (i > 0 && attributes[i].attribute == attributes[i - 1].attribute) {
      return Error{Error::Code::kInvalid, "an attribute is given twice"};
    }
    std::vector<StoredValue>& set = attributes[i].value.set;
    std::sort(set.begin(), set.end(), ScalarLess);
    set.erase(std::unique(set.begin(), set.end()), set.end());
    for (const StoredValue& member : set) {
      if (member.kind == StoredValue::Kind::kSet)
        return Error{Error::Code::kInvalid, "a set inside a set"};
    }
  }
  return Done{};
}

std::string EncodeRecord(std::string_view id, const std::vector<StoredAttribute>& attributes) {
  std::string slots;
  std::string values;
  for (const StoredAttribute& attribute : attributes) {
    EncodeValue(values, attribute.value);
    PutNumber(slots, attribute.attribute);
    PutNumber(slots, uint16_t{0});
    PutNumber(slots, static_cast<uint32_t>(values.size()));
  }
  std::string record;
  PutNumber(record, static_cast<uint16_t>(id.size()));
  PutNumber(record, static_cast<uint16_t>(attributes.size()));
  record.append(id).append(slots).append(values);
  return record;
}

std::string_view RecordInBlock(std::string_view block, size_t index) {
  if (block.size() < kHeaderBytes) DieOfCorruption("record block too short");
  const size_t count = GetNumber<uint16_t>(block);
  if (index >= count) return {};
  return PartAt(block, kHeaderBytes, sizeof(uint32_t), kHeaderBytes + count * sizeof(uint32_t),
                index);
}

void PrefetchRecord(std::string_view block, size_t index) {
  const size_t slot = kHeaderBytes + index * sizeof(uint32_t);
  if (slot < block.size()) __builtin_prefetch(block.data() + slot);
}

std::string EncodeBlock(const std::vector<std::string_view>& records) {
  std::string block;
  PutNumber(block, static_cast<uint16_t>(records.size()));
  PutNumber(block, uint16_t{0});
  uint32_t end = 0;
  for (const std::string_view record : records) {
    end += static_cast<uint32_t>(record.size());
    PutNumber(block, end);
  }
  for (const std::string_view record : records) block.append(record);
  return block;
}

void CollectReferences(std::string_view record, std::vector<RecordReference>& out) {
  if (record.empty()) return;
  const RecordLayout layout(record);
  for (size_t i = 0; i < layout.count; ++i) {
    const uint16_t attribute = AttributeAt(record, layout, i);
    const ValueView value = ValueAt(record, layout, i);
    if (value.kind() == StoredValue::Kind::kEntity) out.push_back({attribute, value.entity()});
    if (value.kind() != StoredValue::Kind::kSet) continue;
    for (size_t member = 0; member < value.size(); ++member) {
      const ValueView inner = value.at(member);
      if (inner.kind() == StoredValue::Kind::kEntity) out.push_back({attribute, inner.entity()});
    }
  }
}

// ---- views ------------------------------------------------------------------------------------

StoredValue::Kind ValueView::kind() const {
  if (bytes_.empty()) DieOfCorruption("value without a kind");
  return static_cast<StoredValue::Kind>(bytes_.front());
}
int64_t ValueView::number() const {
  if (bytes_.size() != 1 + sizeof(int64_t)) DieOfCorruption("value that is no number");
  return GetNumber<int64_t>(bytes_, 1);
}
std::string_view ValueView::text() const { return bytes_.substr(1); }
size_t ValueView::size() const {
  if (bytes_.size() < 1 + sizeof(uint32_t)) DieOfCorruption("value that is no set");
  const auto count = GetNumber<uint32_t>(bytes_, 1);
  if ((bytes_.size() - 5) / sizeof(uint32_t) < count) DieOfCorruption("set too short");
  return count;
}
ValueView ValueView::at(size_t index) const {
  const size_t count = size();
  return ValueView(
      PartAt(bytes_, 1 + sizeof(uint32_t), sizeof(uint32_t), 5 + count * sizeof(uint32_t), index));
}

std::string_view Record::id() const {
  const RecordLayout layout(bytes_);
  return bytes_.substr(kHeaderBytes, layout.id_bytes);
}

bool Record::Find(uint16_t attribute, ValueView& value) const {
  if (bytes_.empty()) return false;
  const RecordLayout layout(bytes_);
  for (size_t i = 0; i < layout.count; ++i) {
    const uint16_t found = AttributeAt(bytes_, layout, i);
    if (found > attribute) return false;
    if (found < attribute) continue;
    value = ValueAt(bytes_, layout, i);
    return true;
  }
  return false;
}

std::vector<StoredAttribute> Record::All() const {
  std::vector<StoredAttribute> all;
  if (bytes_.empty()) return all;
  const RecordLayout layout(bytes_);
  for (size_t i = 0; i < layout.count; ++i) {
    all.push_back({AttributeAt(bytes_, layout, i), Copy(ValueAt(bytes_, layout, i))});
  }
  return all;
}

Cell::Row Cell::at(size_t index) const { return GetNumber<Row>(bytes_, index * sizeof(Row)); }

}  // namespace portvakt::engine
