// What a step of Session::Missing costs. Only the order of plans hangs on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/judge.h"
#include "engine/program.h"

namespace portvakt::engine::missing {

// The asker alone can take it, at once and without any right: log in better, say why.
inline constexpr uint32_t kContextCost = 1;
// An everyday act of one administrator: a tick, a mark, an assignment.
inline constexpr uint32_t kFactCost = 2;
// A seat is paid for, whether it lies there or is ordered.
inline constexpr uint32_t kHoldCost = 3;
inline constexpr uint32_t kSeatCost = 3;
// On top, for the first seat of a licence in a pool: a new contract, not one more of the same.
inline constexpr uint32_t kFirstSeatCost = 1;
// Power over others: dearer than any one right, cheaper than four of them.
inline constexpr uint32_t kAppointCost = 6;
// Takes something from somebody, who may need it for what nobody asked about here.
inline constexpr uint32_t kWithdrawCost = 8;

// On top, for what ends by itself: it has to be done again.
inline constexpr uint32_t kPassingCost = 4;
// On top, for a step that nobody may make: the operator has to be found. More than all the steps
// that somebody ordinarily makes in its place.
inline constexpr uint32_t kOperatorCost = 12;

// Prices are costs with room below for a second order: of two sets that cost the same, the one that
// hands out less comes first. A step hands out at most all permissions ever numbered, 4096; the
// eight steps of the longest plan stay below one unit of cost.
inline constexpr uint32_t kPriceBits = 16;
constexpr uint64_t PriceOf(uint32_t cost) { return uint64_t{cost} << kPriceBits; }
constexpr uint32_t CostOf(uint64_t price) { return static_cast<uint32_t>(price >> kPriceBits); }

// Steps of one plan, ordered seats included. Longer ones help nobody, and are counted as left out.
inline constexpr size_t kMaxPlanSteps = 10;

// The permits of the policy about a change, whoever makes it: indexes of change rules.
std::vector<uint32_t> PermitsOf(const Program& program, const ProposedChange& change);

// Of a step about a fact, a role, a licence or seats.
uint64_t PriceOf(const Program& program, const ProposedChange& change);

}  // namespace portvakt::engine::missing
