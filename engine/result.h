// Expected failures are values: a Result holds what was asked for or an Error that says why not.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace portvakt::engine {

struct Error {
  enum class Code {
    kInvalid,  // what was given is wrong; the message says what and where
    kNotFound,
    kConflict,  // the state is not the expected one
    kTooNew,    // the store was written by a newer Portvakt
    kCorrupt,   // the store or a program in it does not verify
    kFull,      // a limit of the store; the message names it
    kIo,        // the operating system said no
  };
  Code code = Code::kInvalid;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // Only when ok().
  T& value() {
    assert(ok());
    return std::get<0>(state_);
  }
  const T& value() const {
    assert(ok());
    return std::get<0>(state_);
  }
  T* operator->() { return &value(); }
  T& operator*() { return value(); }
  const T* operator->() const { return &value(); }
  const T& operator*() const { return value(); }
  // Only when not ok().
  const Error& error() const {
    assert(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

// A Result without a value.
struct Done {};
using Status = Result<Done>;

}  // namespace portvakt::engine
