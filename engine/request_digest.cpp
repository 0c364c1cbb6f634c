// Each part has a fixed width or its length before it, so that no two requests read alike.
#include "engine/request_digest.h"

#include "engine/bytes.h"

namespace portvakt::engine {
namespace {

void Put(std::string& out, const std::string& text) {
  PutVarint(out, text.size());
  out += text;
}

void Put(std::string& out, const EntityName& name) {
  Put(out, name.type);
  Put(out, name.id);
}

template <class T>
void Put(std::string& out, const std::optional<T>& value) {
  out.push_back(value ? '\1' : '\0');
  if (value) Put(out, *value);
}

void Put(std::string& out, const InputValue& value) {
  out.push_back(static_cast<char>(value.kind));
  switch (value.kind) {
    case InputValue::Kind::kBool: out.push_back(value.boolean ? '\1' : '\0'); return;
    case InputValue::Kind::kInteger: PutNumber(out, value.integer); return;
    case InputValue::Kind::kDouble: PutNumber(out, value.number); return;
    case InputValue::Kind::kString: Put(out, value.text); return;
    case InputValue::Kind::kList:
      PutVarint(out, value.list.size());
      for (const InputValue& item : value.list) Put(out, item);
      return;
    case InputValue::Kind::kNull:
    case InputValue::Kind::kObject: return;
  }
}

void Put(std::string& out, const InputValues& values) {
  PutVarint(out, values.size());
  for (const auto& [name, value] : values) {
    Put(out, name);
    Put(out, value);
  }
}

void Put(std::string& out, const ChangeItem& item) {
  out.push_back(static_cast<char>(item.kind));
  Put(out, item.fact.subject);
  Put(out, item.fact.relation);
  Put(out, item.fact.symbol);
  Put(out, item.fact.program);
  Put(out, item.fact.object);
  PutNumber(out, item.validity.from_us);
  PutNumber(out, item.validity.until_us);
  Put(out, item.entity);
  Put(out, item.licence);
  PutNumber(out, item.seats);
  Put(out, item.attributes);
}

}  // namespace

std::string BytesOf(const ChangeRequest& request) {
  std::string out;
  Put(out, request.actor);
  Put(out, request.second);
  PutVarint(out, request.changes.size());
  for (const ChangeItem& item : request.changes) Put(out, item);
  Put(out, request.context);
  out.push_back(request.expected_revision ? '\1' : '\0');
  PutNumber(out, request.expected_revision.value_or(0));
  Put(out, request.reason);
  Put(out, request.ticket);
  out.push_back(request.dry_run ? '\1' : '\0');
  return out;
}

}  // namespace portvakt::engine
