// Writing and reading policy versions. The format is in the header.
#include "engine/policies.h"

#include "engine/bytes.h"
#include "engine/sha256.h"

namespace portvakt::engine {
namespace {

constexpr size_t kDigestBytes = 64;
constexpr size_t kProgramHeaderBytes = 16;

Key VersionKey(uint32_t version) {
  Key key;
  key.Add(version);
  return key;
}

void PutText(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out.append(text);
}

std::string_view TakeBytes(std::string_view& bytes, uint64_t count) {
  if (count > bytes.size()) DieOfCorruption("policy cut short");
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}
uint64_t TakeCount(std::string_view& bytes) {
  uint64_t count = 0;
  if (!TakeVarint(bytes, count)) DieOfCorruption("policy cut short");
  return count;
}
std::string TakeText(std::string_view& bytes) {
  const uint64_t count = TakeCount(bytes);
  return std::string(TakeBytes(bytes, count));
}

// Leaves the sources in `bytes`.
PolicyInfo TakeInfo(const Transaction& transaction, uint32_t version, uint32_t active,
                    std::string_view& bytes) {
  PolicyInfo info;
  std::string_view program;
  info.has_program = transaction.Get(StoreTable::kPrograms, VersionKey(version), program);
  info.version = version;
  info.active = version == active;
  info.installed_us = GetNumber<int64_t>(TakeBytes(bytes, sizeof(int64_t)));
  info.revision = GetNumber<uint64_t>(TakeBytes(bytes, sizeof(uint64_t)));
  info.digest = TakeBytes(bytes, kDigestBytes);
  info.name = TakeText(bytes);
  return info;
}

}  // namespace

std::string DigestOf(const std::vector<PolicyFile>& files) {
  Sha256Hasher hasher;
  for (const PolicyFile& file : files) {
    for (const std::string& text : {file.name, file.text}) {
      std::string length;
      PutNumber(length, uint64_t{text.size()});
      hasher.Add(length);
      hasher.Add(text);
    }
  }
  return ToHexadecimal(hasher.Finish());
}

Status WritePolicy(WriteTransaction& transaction, const PolicyInfo& info,
                   const std::vector<PolicyFile>& sources) {
  std::string bytes;
  PutNumber(bytes, info.installed_us);
  PutNumber(bytes, info.revision);
  bytes.append(info.digest);
  PutText(bytes, info.name);
  PutVarint(bytes, sources.size());
  for (const PolicyFile& file : sources) {
    PutText(bytes, file.name);
    PutText(bytes, file.text);
  }
  return transaction.Put(StoreTable::kPolicies, VersionKey(info.version), bytes);
}

Status RemovePolicy(WriteTransaction& transaction, uint32_t version) {
  return transaction.Delete(StoreTable::kPolicies, VersionKey(version));
}

Status WriteProgram(WriteTransaction& transaction, uint32_t version, std::string_view program) {
  std::string bytes;
  PutNumber(bytes, uint64_t{program.size()});
  PutNumber(bytes, uint64_t{0});
  bytes.append(program);
  if (bytes.size() < kMinProgramValueBytes) bytes.resize(kMinProgramValueBytes, '\0');
  return transaction.Put(StoreTable::kPrograms, VersionKey(version), bytes);
}

std::optional<PolicyInfo> ReadPolicy(const Transaction& transaction, uint32_t version,
                                     uint32_t active) {
  std::string_view bytes;
  if (!transaction.Get(StoreTable::kPolicies, VersionKey(version), bytes)) return std::nullopt;
  return TakeInfo(transaction, version, active, bytes);
}

std::vector<PolicyInfo> ReadPolicies(const Transaction& transaction, uint32_t active) {
  std::vector<PolicyInfo> all;
  Cursor cursor(transaction, StoreTable::kPolicies);
  for (bool more = cursor.Seek(VersionKey(0)); more; more = cursor.Next()) {
    std::string_view bytes = cursor.value();
    all.push_back(TakeInfo(transaction, GetBig<uint32_t>(cursor.key(), 0), active, bytes));
  }
  return all;
}

std::vector<PolicyFile> ReadSources(const Transaction& transaction, uint32_t version) {
  std::string_view bytes;
  if (!transaction.Get(StoreTable::kPolicies, VersionKey(version), bytes)) return {};
  TakeInfo(transaction, version, 0, bytes);
  std::vector<PolicyFile> sources;
  for (uint64_t left = TakeCount(bytes); left > 0; --left) {
    std::string name = TakeText(bytes);
    sources.push_back({std::move(name), TakeText(bytes)});
  }
  return sources;
}

std::string_view ReadProgram(const Transaction& transaction, uint32_t version) {
  std::string_view bytes;
  if (!transaction.Get(StoreTable::kPrograms, VersionKey(version), bytes)) return {};
  const auto length = GetNumber<uint64_t>(TakeBytes(bytes, kProgramHeaderBytes));
  return TakeBytes(bytes, length);
}

}  // namespace portvakt::engine
