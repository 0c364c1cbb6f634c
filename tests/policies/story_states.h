// The story of examples/norr in the domain's facts, state by state.
#pragma once

#include "tests/policies/domain.h"

namespace portvakt::policies {

// State 0 is before.yaml, state 7 is after.yaml.
World StateOfStory(int state);

}  // namespace portvakt::policies
