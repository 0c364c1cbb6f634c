// Reads the objects of requests to /v1 member by member. Those interfaces are ours alone, so a
// member that nobody asked for is a misspelling and is refused with the name that was meant.
//
//   Reading reading;
//   ObjectReader body(json, "", reading);
//   body.Entity("subject", Need::kRequired, subject);
//   body.Number("limit", Need::kOptional, limit, 0, 1000);
//   body.Close();
//   if (reading.fault) return Refuse(*reading.fault);
//
// The first fault stays; everything after it reads nothing. A member that is null counts as absent.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"
#include "server/json.h"
#include "server/request_json.h"

namespace portvakt::server {

struct Reading {
  std::optional<Fault> fault;

  bool ok() const { return !fault; }
  void Complain(std::string_view code, std::string message) {
    if (!fault) fault = Fault{std::string(code), std::move(message)};
  }
};

enum class Need : uint8_t { kOptional, kRequired };

class ObjectReader {
 public:
  // `where` is the object's JSON pointer, "" for the body. The value outlives the reader.
  ObjectReader(const JsonValue& value, std::string where, Reading& reading);

  // Each is true when the member is there and well; otherwise nothing is written.
  bool Text(std::string_view name, Need need, std::string& text);
  bool Flag(std::string_view name, bool& flag);
  template <class T>
  bool Number(std::string_view name, Need need, T& number, uint64_t least = 0,
              uint64_t most = std::numeric_limits<T>::max()) {
    uint64_t read = 0;
    if (!WholeNumber(name, need, read, least, most)) return false;
    number = static_cast<T>(read);
    return true;
  }
  // RFC 3339, as microseconds since 1970.
  bool Instant(std::string_view name, Need need, int64_t& instant_us);
  // {"type", "id"} and nothing else.
  bool Entity(std::string_view name, Need need, engine::EntityName& entity);
  bool Entity(std::string_view name, std::optional<engine::EntityName>& entity);
  bool Entities(std::string_view name, std::vector<engine::EntityName>& entities);
  bool Texts(std::string_view name, std::vector<std::string>& texts);
  // An object of values by name, whatever they are called.
  bool Values(std::string_view name, engine::InputValues& values);

  // For what has a reader of its own; null pointer when absent or of another type.
  const JsonValue* Object(std::string_view name, Need need);
  const JsonValue* Array(std::string_view name, Need need);
  const JsonValue* Any(std::string_view name);

  // All members have been asked for: whatever else is there is refused.
  void Close();

  // "/changes/0/add/subject"
  std::string PathOf(std::string_view name) const;
  Reading& reading() { return reading_; }

 private:
  const JsonValue* Find(std::string_view name, Need need, std::string_view wanted);
  bool WholeNumber(std::string_view name, Need need, uint64_t& number, uint64_t least,
                   uint64_t most);
  void Complain(std::string_view code, std::string message);

  const JsonValue& value_;
  const std::string where_;
  Reading& reading_;
  std::vector<std::string> known_;
};

// {"type", "id"} and nothing else.
void ReadEntityName(const JsonValue& value, const std::string& where, Reading& reading,
                    engine::EntityName& entity);

}  // namespace portvakt::server
