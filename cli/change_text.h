// A change as people write it, and what it stands for:
//
//   add david assigned_to alfa            with `from` and `until` as in data
//   remove david assigned_to alfa
//   seats of kh in norr is 3
//   create user david { person: david_dahl, home: norr }
//   set client alfa { status: blocked }
//   delete user david
//
// The sentences are those of data files (docs/data.md). Plain ids are looked up among the types
// that their place admits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/question.h"
#include "dsl/module.h"
#include "engine/change.h"
#include "engine/result.h"
#include "engine/search.h"

namespace portvakt::cli {

// With the verb that people leave out: `david assigned_to alfa` is an `add`, as is `+ ..`; `- ..`
// is a `remove`.
std::string WholeChange(std::string_view text);

// A name that nobody has stays a change, which the engine refuses; an id that several types have is
// an error that says how to choose. `earlier` are the changes before it, whose new entities count.
engine::Result<engine::ChangeItem> ReadChange(const dsl::Module& module, const Known& known,
                                              std::string_view text,
                                              const std::vector<engine::ChangeItem>& earlier = {});

// A change with `?` (or `client:?`) in one place, as a search through that change. The number of
// seats may be left out. `actor` is who would make it, `?` for the one who is searched for.
engine::Result<engine::SearchQuery> ReadChangeSearch(const dsl::Module& module, const Known& known,
                                                     std::string_view text, std::string_view actor);

// Who makes changes: the id of an entity that some rule about a change admits, `type:id` where
// several types have it.
engine::Result<engine::EntityName> ReadActor(const dsl::Module& module, const Known& known,
                                             std::string_view text);

}  // namespace portvakt::cli
