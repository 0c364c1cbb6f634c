// One thread that accepts connections and hands each to whoever takes them. It is plain POSIX: it
// needs no event loop, and accepting never waits for an answer that is being made.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "engine/result.h"

namespace portvakt::server {

// An address of `listen`: "127.0.0.1:8080", "[::1]:8080", "localhost:8080".
struct ListenAddress {
  std::string host;  // as numbers
  uint16_t port = 0;
  bool is_v6 = false;
  bool is_loopback = false;  // nobody but this machine reaches it
};
// kInvalid with a reason for what is no address.
engine::Result<ListenAddress> ParseListenAddress(std::string_view text);

// A connection that has just come.
struct Accepted {
  int descriptor = -1;  // non-blocking, without delay; the taker's
  std::string address;  // "192.0.2.7"; IPv4 inside IPv6 is written as IPv4
  // What connections are counted by: the address, or the first 64 bits of an IPv6 one, which is
  // what one machine is given at least.
  std::string network;
};

class Listener {
 public:
  // Bound and listening: clients can connect from here on.
  static engine::Result<std::unique_ptr<Listener>> Open(const ListenAddress& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  uint16_t port() const { return address_.port; }
  std::string address() const;

  // `take` is called on the listener's thread.
  void Run(std::function<void(Accepted)> take);
  // Takes what has connected already, then stops listening. Returns when no more will be taken.
  void Stop();

 private:
  Listener(ListenAddress address, int listening, int wake_read, int wake_write);
  void AcceptAll();

  ListenAddress address_;
  int listening_;
  int wake_read_;            // readable: stop
  int wake_write_;           // -1 after Stop
  bool is_pausing_ = false;  // no connection was accepted since that failed; told once
  std::function<void(Accepted)> take_;
  std::thread thread_;
};

}  // namespace portvakt::server
