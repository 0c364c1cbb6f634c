// Certificates for tests of TLS, made anew in each run: an authority, servers and clients of it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace portvakt::server {

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  struct Files {
    std::string certificate_path;
    std::string key_path;
  };
  // Writes `file_stem`.crt and `file_stem`.key for a subject such as {{"O", "Norr"}, {"CN", "a"}},
  // replacing what is there. It is a server's for "localhost" and 127.0.0.1, and a client's.
  // `days` from now until it is over; under 0: it is over already.
  using Subject = std::vector<std::pair<std::string, std::string>>;
  Files Issue(const std::string& file_stem, const Subject& subject, int days = 1) const;
  // Its own certificate.
  void Write(const std::string& path) const;

 private:
  x509_st* certificate_;
  evp_pkey_st* key_;
};

}  // namespace portvakt::server
