// Changes read from JSON, one function a kind.
#include "server/change_read.h"

#include <utility>

namespace portvakt::server {
namespace {

using Kind = engine::ChangeItem::Kind;

void ReadAdd(ObjectReader& reader, engine::ChangeItem& change) {
  ReadFact(reader, change.fact);
  reader.Instant("from", Need::kOptional, change.validity.from_us);
  reader.Instant("until", Need::kOptional, change.validity.until_us);
}

void ReadRemove(ObjectReader& reader, engine::ChangeItem& change) { ReadFact(reader, change.fact); }

void ReadSeats(ObjectReader& reader, engine::ChangeItem& change) {
  reader.Entity("pool", Need::kRequired, change.entity);
  reader.Text("licence", Need::kRequired, change.licence);
  reader.Number("seats", Need::kRequired, change.seats);
}

void ReadDelete(ObjectReader& reader, engine::ChangeItem& change) {
  reader.Text("type", Need::kRequired, change.entity.type);
  reader.Text("id", Need::kRequired, change.entity.id);
}

void ReadWithAttributes(ObjectReader& reader, engine::ChangeItem& change) {
  ReadDelete(reader, change);
  reader.Values("attributes", change.attributes);
}

struct KindReader {
  const char* name;
  Kind kind;
  void (*read)(ObjectReader&, engine::ChangeItem&);
};

constexpr KindReader kKinds[] = {
    {"add", Kind::kAdd, ReadAdd},
    {"remove", Kind::kRemove, ReadRemove},
    {"seats", Kind::kSeats, ReadSeats},
    {"create", Kind::kCreate, ReadWithAttributes},
    {"set", Kind::kSet, ReadWithAttributes},
    {"delete", Kind::kDelete, ReadDelete},
};

}  // namespace

void ReadFact(ObjectReader& reader, engine::FactName& fact) {
  reader.Entity("subject", Need::kRequired, fact.subject);
  reader.Text("relation", Need::kRequired, fact.relation);
  reader.Text("symbol", Need::kOptional, fact.symbol);
  reader.Text("program", Need::kOptional, fact.program);
  reader.Entity("object", fact.object);
}

void ReadChangeItem(const JsonValue& value, const std::string& where, Reading& reading,
                    engine::ChangeItem& change) {
  ObjectReader item(value, where, reading);
  size_t count = 0;
  for (const KindReader& kind : kKinds) {
    const JsonValue* inner = item.Object(kind.name, Need::kOptional);
    if (inner == nullptr) continue;
    ++count;
    change.kind = kind.kind;
    ObjectReader reader(*inner, item.PathOf(kind.name), reading);
    kind.read(reader, change);
    reader.Close();
  }
  item.Close();
  if (count == 1) return;
  reading.Complain("wrong_value", "`" + where +
                                      "` must have exactly one of `add`, `remove`, `seats`, "
                                      "`create`, `set`, `delete`");
}

void ReadChangeItems(ObjectReader& body, std::string_view member, Need need,
                     std::vector<engine::ChangeItem>& changes) {
  const JsonValue* array = body.Array(member, need);
  if (array == nullptr) return;
  const JsonValue::Elements& elements = array->elements();
  if (elements.size() > engine::kMaxChanges) {
    body.reading().Complain("too_many_changes",
                            "`" + body.PathOf(member) + "` has " + std::to_string(elements.size()) +
                                " changes; send at most " + std::to_string(engine::kMaxChanges) +
                                " at a time");
    return;
  }
  changes.reserve(elements.size());
  for (size_t index = 0; index < elements.size() && body.reading().ok(); ++index) {
    ReadChangeItem(elements[index], body.PathOf(member) + "/" + std::to_string(index),
                   body.reading(), changes.emplace_back());
  }
}

}  // namespace portvakt::server
