// Steps of a plan: literals of the formula as changes to a state, and as people read them.
#pragma once

#include <string>

#include "engine/evaluator.h"
#include "engine/missing.h"
#include "engine/missing_formula.h"
#include "engine/overlay.h"

namespace portvakt::engine::missing {

// Seats of a licence that are taken in a pool.
uint32_t SeatsTaken(Evaluator& evaluator, const View& view, EntityId pool, uint32_t licence);

// The kind of step that a literal is, with the names of its change or of its input. Orders of seats
// get their number from SetSeats.
MissingStep StepOf(const Program& program, const View& view, const Formula& formula,
                   uint32_t literal, int64_t now_us);

// Makes the change that a step is (nothing for what the request brings). Seats: one more than are
// taken, or as many as the step says already.
void Apply(const Literal& literal, uint32_t seats, Overlay& overlay);

}  // namespace portvakt::engine::missing
