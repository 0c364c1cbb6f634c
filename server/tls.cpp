// Contexts of OpenSSL made from files.
#include "server/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <mutex>
#include <utility>

#include "server/log.h"

namespace portvakt::server {
namespace {

using engine::Error;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;

// Only with forward secrecy and authenticated encryption; those of TLS 1.3 are all so.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

// What OpenSSL has to say of the last failure, in a few words.
std::string Reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string reason = text == nullptr ? "unknown reason" : text;
  ERR_clear_error();
  return reason;
}

SettingFault Unusable(const char* key, const std::string& what, const std::string& path) {
  return {key, {Error::Code::kIo, what + " `" + path + "` cannot be used: " + Reason()}};
}

// Keys with a pass phrase are refused instead of asked for at a terminal.
int NoPassPhrase(char*, int, int, void*) { return -1; }

// Clients that name their protocols must name ours, so that nothing meant for another server is
// understood here.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length,
                   const unsigned char* offered, unsigned int offered_length, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, length, kOurs, sizeof kOurs - 1, offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void VerifyClients(SSL_CTX* context, const TlsOptions& options, SettingFaults& faults) {
  if (SSL_CTX_load_verify_file(context, options.client_ca_path.c_str()) != 1) {
    faults.push_back(
        Unusable("tls.client_ca", "the file of client authorities", options.client_ca_path));
    return;
  }
  // Clients with several certificates choose by these names.
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(options.client_ca_path.c_str()));
  const bool is_required = options.client_certificates == TlsOptions::ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  // A resumed session would outlive the certificate that it was begun with.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

// The context is of use only without faults.
Context ReadFiles(const TlsOptions& options, SettingFaults& faults) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    faults.push_back({"tls", {Error::Code::kIo, "cannot begin TLS: " + Reason()}});
    return nullptr;
  }
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_cipher_list(raw, kCiphers);
  // An idle connection holds no buffers.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(raw, ChooseProtocol, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, NoPassPhrase);
  const std::string& certificate = options.certificate_path;
  if (SSL_CTX_use_certificate_chain_file(raw, certificate.c_str()) != 1) {
    faults.push_back(Unusable("tls.certificate", "the certificate", certificate));
  }
  // Also says that the two do not match.
  if (SSL_CTX_use_PrivateKey_file(raw, options.key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    faults.push_back(Unusable("tls.key", "the key", options.key_path));
  } else if (faults.empty() && SSL_CTX_check_private_key(raw) != 1) {
    faults.push_back(Unusable("tls.key", "the key", options.key_path));
  }
  if (options.client_certificates != TlsOptions::ClientCertificates::kNone) {
    VerifyClients(raw, options, faults);
  }
  return context;
}

void CheckOptions(const TlsOptions& options, SettingFaults& faults) {
  const auto add = [&](const char* key, const char* message) {
    faults.push_back({key, {Error::Code::kInvalid, message}});
  };
  if (options.certificate_path.empty() || options.key_path.empty()) {
    add("tls", "TLS needs both a certificate and its key; set the one that is missing");
  }
  const bool asks = options.client_certificates != TlsOptions::ClientCertificates::kNone;
  if (asks && options.client_ca_path.empty()) {
    add("tls.client_certificates",
        "client certificates need a file of the authorities that sign them");
  }
  if (!asks && !options.client_ca_path.empty()) {
    add("tls.client_ca",
        "a file of client authorities is set, but client certificates are not asked for; make them "
        "optional or required, or leave the file out");
  }
}

// What changes when a file is written or replaced.
struct Stamp {
  ino_t inode = 0;
  off_t bytes = 0;
  time_t seconds = 0;
  long nanoseconds = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};
using Stamps = std::array<Stamp, 3>;

Stamps StampsOf(const TlsOptions& options) {
  Stamps stamps;
  const std::string* paths[] = {&options.certificate_path, &options.key_path,
                                &options.client_ca_path};
  for (size_t index = 0; index < stamps.size(); ++index) {
    struct stat found {};
    if (paths[index]->empty() || stat(paths[index]->c_str(), &found) != 0) continue;
    stamps[index] = {found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
  }
  return stamps;
}

}  // namespace

struct Tls::State {
  TlsOptions options;
  std::mutex looking;  // held while the files are looked at
  Stamps stamps;
  std::mutex swapping;
  Context context;
};

Tls::Tls(std::unique_ptr<State> state) : state_(std::move(state)) {}

Tls::~Tls() = default;

SettingFaults Tls::Check(const TlsOptions& options) {
  SettingFaults faults;
  if (!options.enabled()) return faults;
  CheckOptions(options, faults);
  if (faults.empty()) ReadFiles(options, faults);
  return faults;
}

engine::Result<std::unique_ptr<Tls>> Tls::Open(const TlsOptions& options) {
  SettingFaults faults;
  CheckOptions(options, faults);
  if (!faults.empty()) return Joined(faults);
  auto state = std::make_unique<State>();
  state->options = options;
  // Before they are read: a file that is written meanwhile is read again.
  state->stamps = StampsOf(options);
  state->context = ReadFiles(options, faults);
  if (!faults.empty()) return Joined(faults);
  return std::unique_ptr<Tls>(new Tls(std::move(state)));
}

ssl_st* Tls::NewConnection() {
  const std::lock_guard hold(state_->swapping);
  return SSL_new(state_->context.get());
}

void Tls::Look() {
  const std::unique_lock hold(state_->looking, std::try_to_lock);
  if (!hold.owns_lock()) return;
  const Stamps stamps = StampsOf(state_->options);
  if (stamps == state_->stamps) return;
  state_->stamps = stamps;
  SettingFaults faults;
  Context context = ReadFiles(state_->options, faults);
  if (!faults.empty()) {
    Log(LogLevel::kError, "certificate_kept", {{"reason", Joined(faults).message}});
    return;
  }
  {
    const std::lock_guard swap(state_->swapping);
    std::swap(state_->context, context);
  }
  Log(LogLevel::kInfo, "certificate_read", {{"certificate", state_->options.certificate_path}});
}

void Tls::TakeOver(Tls& other) {
  const std::lock_guard hold(state_->looking);
  std::swap(state_->options, other.state_->options);
  std::swap(state_->stamps, other.state_->stamps);
  const std::lock_guard swap(state_->swapping);
  std::swap(state_->context, other.state_->context);
}

std::string CertificateSubject(const ssl_st* connection) {
  const X509* certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr || SSL_get_verify_result(connection) != X509_V_OK) return {};
  const std::unique_ptr<BIO, Free<BIO_free_all>> text(BIO_new(BIO_s_mem()));
  if (text == nullptr) return {};
  const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, flags) < 0) return {};
  char* data = nullptr;
  const long length = BIO_get_mem_data(text.get(), &data);
  return length > 0 ? std::string(data, static_cast<size_t>(length)) : std::string();
}

}  // namespace portvakt::server
