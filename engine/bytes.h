// Numbers as bytes. Values of the store are in the host's order, which must be little-endian; keys
// are big-endian, so that they sort as numbers, and of fixed width or last in their key.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace portvakt::engine {

static_assert(std::endian::native == std::endian::little, "stores are little-endian");

template <class T>
void PutNumber(std::string& out, T number) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// The caller has checked that `bytes` reaches that far.
template <class T>
T GetNumber(std::string_view bytes, size_t offset = 0) {
  static_assert(std::is_trivially_copyable_v<T>);
  T number;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

// 7 bits a byte, lowest first; small numbers of either sign stay small after ZigZag.
void PutVarint(std::string& out, uint64_t number);
// Takes it off the front of `in`. False when `in` ends too soon.
bool TakeVarint(std::string_view& in, uint64_t& number);
constexpr uint64_t ZigZag(int64_t number) {
  return (static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63);
}
constexpr int64_t UnZigZag(uint64_t number) {
  return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1);
}

// A composite key built in place; converts to the view that LMDB wants.
class Key {
 public:
  // The longest key that LMDB takes.
  static constexpr size_t kMaxBytes = 511;

  template <class T>
  Key& Add(T number) {
    static_assert(std::is_unsigned_v<T>);
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes_[size_ + i] = static_cast<char>(number >> (8 * (sizeof(T) - 1 - i)));
    }
    size_ += sizeof(T);
    return *this;
  }
  Key& Add(std::string_view text) {
    std::memcpy(bytes_ + size_, text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  std::string_view view() const { return {bytes_, size_}; }
  operator std::string_view() const { return view(); }  // NOLINT

 private:
  size_t size_ = 0;
  char bytes_[kMaxBytes];
};

// The number that Key::Add wrote at `offset`.
template <class T>
T GetBig(std::string_view bytes, size_t offset) {
  T number = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    number = static_cast<T>((number << 8) | static_cast<unsigned char>(bytes[offset + i]));
  }
  return number;
}

}  // namespace portvakt::engine
