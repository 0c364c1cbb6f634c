// SHA-256 (FIPS 180-4). Names policy sources and chains revisions; not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace portvakt::engine {

using Sha256 = std::array<uint8_t, 32>;

class Sha256Hasher {
 public:
  void Add(std::string_view bytes);
  // The hasher is spent afterwards.
  Sha256 Finish();

 private:
  void Compress(const uint8_t* block);
  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> block_ = {};
  size_t filled_ = 0;    // of block_
  uint64_t length_ = 0;  // bytes in all
};

Sha256 Sha256Of(std::string_view bytes);
std::string ToHexadecimal(const Sha256& hash);

}  // namespace portvakt::engine
