// Members checked one by one, and what is left over.
#include "server/object_reader.h"

#include <algorithm>

#include "dsl/dsl.h"
#include "engine/calendar.h"

namespace portvakt::server {

using Kind = JsonValue::Kind;

ObjectReader::ObjectReader(const JsonValue& value, std::string where, Reading& reading)
    : value_(value), where_(std::move(where)), reading_(reading) {
  if (!value.is(Kind::kObject) && reading_.ok()) {
    reading_.fault = WrongType("`" + where_ + "`", value, "an object");
  }
}

std::string ObjectReader::PathOf(std::string_view name) const {
  return where_ + "/" + std::string(name);
}

void ObjectReader::Complain(std::string_view code, std::string message) {
  reading_.Complain(code, std::move(message));
}

const JsonValue* ObjectReader::Find(std::string_view name, Need need, std::string_view wanted) {
  known_.emplace_back(name);
  if (!reading_.ok()) return nullptr;
  const JsonValue* value = Member(value_, name);
  if (value == nullptr && need == Need::kRequired) {
    Complain("missing_member",
             "`" + PathOf(name) + "` is missing; it must be " + std::string(wanted));
  }
  return value;
}

bool ObjectReader::Text(std::string_view name, Need need, std::string& text) {
  const JsonValue* value = Find(name, need, "a string");
  if (value == nullptr) return false;
  if (auto fault = CheckName("`" + PathOf(name) + "`", *value)) {
    reading_.fault = std::move(fault);
    return false;
  }
  text = value->text();
  return true;
}

bool ObjectReader::Flag(std::string_view name, bool& flag) {
  const JsonValue* value = Find(name, Need::kOptional, "true or false");
  if (value == nullptr) return false;
  if (!value->is(Kind::kBool)) {
    reading_.fault = WrongType("`" + PathOf(name) + "`", *value, "true or false");
    return false;
  }
  flag = value->boolean();
  return true;
}

bool ObjectReader::WholeNumber(std::string_view name, Need need, uint64_t& number, uint64_t least,
                               uint64_t most) {
  const JsonValue* value = Find(name, need, "a whole number");
  if (value == nullptr) return false;
  if (!value->is(Kind::kInteger) && !value->is(Kind::kDouble)) {
    reading_.fault = WrongType("`" + PathOf(name) + "`", *value, "a whole number");
    return false;
  }
  const bool is_good = value->is(Kind::kInteger) && value->integer() >= 0 &&
                       static_cast<uint64_t>(value->integer()) >= least &&
                       static_cast<uint64_t>(value->integer()) <= most;
  if (!is_good) {
    const bool is_open = most >= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    Complain("wrong_value", "`" + PathOf(name) + "` must be a whole number from " +
                                std::to_string(least) +
                                (is_open ? " up" : " to " + std::to_string(most)));
    return false;
  }
  number = static_cast<uint64_t>(value->integer());
  return true;
}

bool ObjectReader::Instant(std::string_view name, Need need, int64_t& instant_us) {
  std::string text;
  if (!Text(name, need, text)) return false;
  const auto instant = engine::ParseInstant(text);
  if (!instant) {
    Complain("wrong_value",
             "`" + PathOf(name) + "` must be an instant such as \"2026-01-31T12:00:00Z\"");
    return false;
  }
  instant_us = *instant;
  return true;
}

bool ObjectReader::Entity(std::string_view name, Need need, engine::EntityName& entity) {
  const JsonValue* value = Find(name, need, "an object with `type` and `id`");
  if (value == nullptr) return false;
  ReadEntityName(*value, PathOf(name), reading_, entity);
  return reading_.ok();
}

bool ObjectReader::Entity(std::string_view name, std::optional<engine::EntityName>& entity) {
  engine::EntityName read;
  if (!Entity(name, Need::kOptional, read)) return false;
  entity = std::move(read);
  return true;
}

bool ObjectReader::Entities(std::string_view name, std::vector<engine::EntityName>& entities) {
  const JsonValue* array = Array(name, Need::kOptional);
  if (array == nullptr) return false;
  for (size_t index = 0; index < array->elements().size() && reading_.ok(); ++index) {
    ReadEntityName(array->elements()[index], PathOf(name) + "/" + std::to_string(index), reading_,
                   entities.emplace_back());
  }
  return reading_.ok();
}

bool ObjectReader::Texts(std::string_view name, std::vector<std::string>& texts) {
  const JsonValue* array = Array(name, Need::kOptional);
  if (array == nullptr) return false;
  for (size_t index = 0; index < array->elements().size(); ++index) {
    const JsonValue& element = array->elements()[index];
    if (auto fault = CheckName("`" + PathOf(name) + "/" + std::to_string(index) + "`", element)) {
      reading_.fault = std::move(fault);
      return false;
    }
    texts.push_back(element.text());
  }
  return true;
}

bool ObjectReader::Values(std::string_view name, engine::InputValues& values) {
  const JsonValue* object = Object(name, Need::kOptional);
  if (object == nullptr) return false;
  values = ToInputs(*object);
  return true;
}

const JsonValue* ObjectReader::Object(std::string_view name, Need need) {
  const JsonValue* value = Find(name, need, "an object");
  if (value == nullptr || value->is(Kind::kObject)) return value;
  reading_.fault = WrongType("`" + PathOf(name) + "`", *value, "an object");
  return nullptr;
}

const JsonValue* ObjectReader::Array(std::string_view name, Need need) {
  const JsonValue* value = Find(name, need, "an array");
  if (value == nullptr || value->is(Kind::kArray)) return value;
  reading_.fault = WrongType("`" + PathOf(name) + "`", *value, "an array");
  return nullptr;
}

const JsonValue* ObjectReader::Any(std::string_view name) {
  return Find(name, Need::kOptional, "a value");
}

void ObjectReader::Close() {
  if (!reading_.ok()) return;
  for (const auto& [name, value] : value_.members()) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const std::vector<std::string> near = dsl::Suggest(name, known_);
    std::string message = "there is no member `" + PathOf(name) + "`";
    if (!near.empty()) {
      message += "; did you mean `" + near.front() + "`?";
    } else {
      message += "; there are";
      for (const std::string& known : known_) {
        message += (&known == &known_.front() ? " `" : ", `") + known + "`";
      }
    }
    Complain("unknown_member", std::move(message));
    return;
  }
}

void ReadEntityName(const JsonValue& value, const std::string& where, Reading& reading,
                    engine::EntityName& entity) {
  ObjectReader reader(value, where, reading);
  reader.Text("type", Need::kRequired, entity.type);
  reader.Text("id", Need::kRequired, entity.id);
  reader.Close();
}

}  // namespace portvakt::server
