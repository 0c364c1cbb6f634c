// Policy versions in the store. Internal to the store.
//
// Table kPolicies: key u32 version, big-endian:
//   i64 installed; u64 revision; 64 bytes digest; text name; varint count; count x (text name, text
//   text)
// where a text is a varint of its bytes and then these. Table kPrograms: the same key, of versions
// that were activated:
//   u64 program bytes; u64 zero; program; zeros up to kMinProgramValueBytes
// Values so large lie on pages of their own, behind a header of 16 bytes, so that a program begins
// at a multiple of 16 and is run where it lies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lmdb_environment.h"
#include "engine/store.h"

namespace portvakt::engine {

inline constexpr size_t kProgramAlignment = 8;
inline constexpr size_t kMinProgramValueBytes = 4096;

Status WritePolicy(WriteTransaction& transaction, const PolicyInfo& info,
                   const std::vector<PolicyFile>& sources);
Status RemovePolicy(WriteTransaction& transaction, uint32_t version);
Status WriteProgram(WriteTransaction& transaction, uint32_t version, std::string_view program);

// `active` is the version that is.
std::optional<PolicyInfo> ReadPolicy(const Transaction& transaction, uint32_t version,
                                     uint32_t active);
std::vector<PolicyInfo> ReadPolicies(const Transaction& transaction, uint32_t active);
std::vector<PolicyFile> ReadSources(const Transaction& transaction, uint32_t version);
std::string_view ReadProgram(const Transaction& transaction, uint32_t version);

}  // namespace portvakt::engine
