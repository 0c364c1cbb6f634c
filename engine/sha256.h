// SHA-256 (FIPS 180-4), by OpenSSL. Names policy sources and chains revisions; not for passwords.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace portvakt::engine {

using Sha256 = std::array<uint8_t, 32>;

class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;

  void Add(std::string_view bytes);
  // The hasher is spent afterwards.
  Sha256 Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256 Sha256Of(std::string_view bytes);
std::string ToHexadecimal(const Sha256& hash);

}  // namespace portvakt::engine
