// Changes as requests to /v1 write them (server/change_json.h writes the same shapes).
#pragma once

#include <string>
#include <vector>

#include "engine/change.h"
#include "server/object_reader.h"

namespace portvakt::server {

// The members of a fact; the caller closes the reader, or reads more members.
void ReadFact(ObjectReader& reader, engine::FactName& fact);
// One change: an object with one member, which says the kind.
void ReadChangeItem(const JsonValue& value, const std::string& where, Reading& reading,
                    engine::ChangeItem& change);
// An array of them, at most engine::kMaxChanges.
void ReadChangeItems(ObjectReader& body, std::string_view member, Need need,
                     std::vector<engine::ChangeItem>& changes);

}  // namespace portvakt::server
