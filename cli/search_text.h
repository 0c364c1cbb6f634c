// A search as people write it: a question or the sentence of a definition, with `?` (or `client:?`)
// in the place of what is looked for.
//
//   david enter ?                   where may he
//   ? klienthanterare.oppna norr    who may
//   david ? alfa                    what may he
//   david listed for ?              of which clients does the definition hold
#pragma once

#include <string_view>

#include "cli/question.h"
#include "dsl/module.h"
#include "engine/result.h"
#include "engine/search.h"

namespace portvakt::cli {

engine::Result<engine::SearchQuery> ReadSearch(const dsl::Module& module, const Known& known,
                                               std::string_view text);

}  // namespace portvakt::cli
