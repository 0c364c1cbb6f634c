// Keeping values that end, and finding them again. The tables are described in the header.
#include "engine/past.h"

namespace portvakt::engine {

Status KeepPast(WriteTransaction& transaction, StoreTable past, std::string_view key,
                uint64_t revision, std::string_view old_value) {
  if (old_value.empty()) return Done{};
  return transaction.Put(past, PastKey(key, revision), old_value);
}

std::string_view ValueAsOf(Cursor& past, std::string_view key, uint64_t revision,
                           std::string_view present) {
  if (!present.empty() && SinceOf(present) <= revision) return present;
  if (!past.Seek(PastKey(key, revision + 1))) return {};
  if (past.key().size() != key.size() + sizeof(uint64_t) || !past.key().starts_with(key)) return {};
  return SinceOf(past.value()) <= revision ? past.value() : std::string_view();
}

}  // namespace portvakt::engine
