// No text crashes the JSON reader, and what it takes it writes so that the same is read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/json.h"

using portvakt::server::JsonRead;
using portvakt::server::JsonStyle;
using portvakt::server::JsonValue;
using portvakt::server::ReadJson;
using portvakt::server::WriteJson;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const JsonRead read = ReadJson(text);
  // Any bytes at all can be written as a string.
  if (!ReadJson(WriteJson(JsonValue(text))).value) std::abort();
  if (!read.value) {
    if (read.error.message.empty() || read.error.offset > size) std::abort();
    return 0;
  }
  for (const JsonStyle style : {JsonStyle::kCompact, JsonStyle::kPretty}) {
    const JsonRead again = ReadJson(WriteJson(*read.value, style));
    if (!again.value || !(*again.value == *read.value)) std::abort();
  }
  return 0;
}
