// TLS of the listening side: what the operator sets, and the certificates as they are in force. The
// files are read again when they change; connections that are open keep what they began with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/result.h"
#include "server/setting_fault.h"

struct ssl_st;
struct ssl_ctx_st;

namespace portvakt::server {

struct TlsOptions {
  // PEM: the server's certificate, then those between it and its authority. "": no TLS.
  std::string certificate_path;
  // PEM, without a pass phrase.
  std::string key_path;
  // PEM: the authorities of client certificates.
  std::string client_ca_path;
  enum class ClientCertificates : uint8_t {
    kNone,      // not asked for
    kOptional,  // verified where the client has one
    kRequired,  // the handshake fails without one
  };
  ClientCertificates client_certificates = ClientCertificates::kNone;

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
  bool enabled() const { return !certificate_path.empty() || !key_path.empty(); }
};

// TLS 1.2 and 1.3. Safe to share.
class Tls {
 public:
  // kInvalid where options lack something, kIo where a file cannot be used; the message names the
  // file and what to do.
  static engine::Result<std::unique_ptr<Tls>> Open(const TlsOptions& options);
  // What Open would refuse; nothing for options that are not enabled().
  static SettingFaults Check(const TlsOptions& options);
  ~Tls();

  // The server's end of a new connection, by the files read last. The caller owns it; null when
  // there is no memory.
  ssl_st* NewConnection();
  // Reads the files again if one has changed since they were read. When they cannot be used, what
  // was read before stays in force, and the log says why, once a change. To be called every second
  // or so; it only looks at the times of the files.
  void Look();
  // Becomes the other one for connections that begin from now on.
  void TakeOver(Tls& other);

 private:
  struct State;
  explicit Tls(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Of the client certificate that the handshake verified, as RFC 4514 writes it:
// "CN=gateway,O=Norr"; letters beyond ASCII are UTF-8. "" for none.
std::string CertificateSubject(const ssl_st* connection);

}  // namespace portvakt::server
