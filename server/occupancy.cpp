// Counting connections in and out.
#include "server/occupancy.h"

#include <utility>

namespace portvakt::server {

Occupancy::Place::Place(Occupancy* occupancy, std::string network, Welcome welcome)
    : occupancy_(occupancy), network_(std::move(network)), welcome_(welcome) {}

Occupancy::Place::Place(Place&& other) noexcept
    : occupancy_(std::exchange(other.occupancy_, nullptr)),
      network_(std::move(other.network_)),
      welcome_(other.welcome_) {}

Occupancy::Place::~Place() {
  if (occupancy_ != nullptr) occupancy_->Leave(network_, welcome_);
}

void Occupancy::SetLimits(const Limits& limits) {
  most_connections_.store(limits.connections, std::memory_order_relaxed);
  most_by_address_.store(limits.connections_by_address, std::memory_order_relaxed);
  most_requests_.store(limits.requests_in_flight, std::memory_order_relaxed);
}

Occupancy::Place Occupancy::Enter(const std::string& network) {
  const std::lock_guard hold(lock_);
  Welcome welcome = Welcome::kServe;
  if (connections() >= most_connections_) {
    welcome = Welcome::kTooMany;
  } else if (const auto known = by_network_.find(network);
             known != by_network_.end() && known->second >= most_by_address_) {
    welcome = Welcome::kTooManyFromAddress;
  }
  if (welcome == Welcome::kServe) {
    ++by_network_[network];
    connections_.fetch_add(1, std::memory_order_relaxed);
  } else if (refused_ >= kRefusedConnections) {
    return Place(nullptr, {}, Welcome::kNoRoom);
  } else {
    ++refused_;
  }
  return Place(this, network, welcome);
}

void Occupancy::Leave(const std::string& network, Welcome welcome) {
  const std::lock_guard hold(lock_);
  if (welcome != Welcome::kServe) {
    --refused_;
    return;
  }
  connections_.fetch_sub(1, std::memory_order_relaxed);
  const auto known = by_network_.find(network);
  if (--known->second == 0) by_network_.erase(known);
}

Occupancy::Flight::Flight(Occupancy& occupancy) : occupancy_(occupancy) {
  const uint32_t before = occupancy_.requests_.fetch_add(1, std::memory_order_relaxed);
  is_counted_ = before < occupancy_.most_requests_.load(std::memory_order_relaxed);
  if (!is_counted_) occupancy_.requests_.fetch_sub(1, std::memory_order_relaxed);
}

void Occupancy::Flight::Leave() {
  if (!std::exchange(is_counted_, false)) return;
  occupancy_.requests_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace portvakt::server
