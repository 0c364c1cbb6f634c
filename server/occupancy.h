// How full the server is: connections in all and by address, and requests in flight, held against
// their limits. Safe to share: it is asked once a connection under a lock, once a request without.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "server/limits.h"

namespace portvakt::server {

class Occupancy {
 public:
  explicit Occupancy(const Limits& limits) { SetLimits(limits); }
  Occupancy(const Occupancy&) = delete;
  Occupancy& operator=(const Occupancy&) = delete;

  enum class Welcome : uint8_t {
    kServe,
    kTooMany,             // to be told so; counted until then
    kTooManyFromAddress,  // likewise
    kNoRoom,              // so many are being told already that it is to be closed without a word
  };
  // The place of one connection, until it is destroyed. The occupancy outlives it.
  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();
    Welcome welcome() const { return welcome_; }

   private:
    friend class Occupancy;
    Place(Occupancy* occupancy, std::string network, Welcome welcome);

    Occupancy* occupancy_;
    std::string network_;
    Welcome welcome_;
  };
  // `network` is what connections are counted by: Accepted::network.
  Place Enter(const std::string& network);

  // One request in flight, until it is destroyed or left.
  class Flight {
   public:
    explicit Flight(Occupancy& occupancy);
    ~Flight() { Leave(); }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;
    // False: there are as many as there may be.
    explicit operator bool() const { return is_counted_; }
    void Leave();

   private:
    Occupancy& occupancy_;
    bool is_counted_;
  };

  // For what comes from now on.
  void SetLimits(const Limits& limits);
  // Without those that are only told to go.
  uint32_t connections() const { return connections_.load(std::memory_order_relaxed); }
  uint32_t requests_in_flight() const { return requests_.load(std::memory_order_relaxed); }

 private:
  void Leave(const std::string& network, Welcome welcome);

  std::atomic<uint32_t> most_connections_ = 0;
  std::atomic<uint32_t> most_by_address_ = 0;
  std::atomic<uint32_t> most_requests_ = 0;
  std::atomic<uint32_t> connections_ = 0;  // written under the lock
  std::atomic<uint32_t> requests_ = 0;
  std::mutex lock_;
  uint32_t refused_ = 0;
  std::unordered_map<std::string, uint32_t> by_network_;
};

}  // namespace portvakt::server
