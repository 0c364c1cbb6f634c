// `tls`: the files of the server's certificate, and what is asked of clients.
#include "server/config_sections.h"

namespace portvakt::server {

void ReadTls(ConfigMap& map, TlsOptions& tls) {
  if (const auto certificate = map.Need("certificate")) {
    certificate->Path(PathUse::kReadFile, tls.certificate_path);
  }
  if (const auto key = map.Need("key")) key->Path(PathUse::kSecretFile, tls.key_path);
  if (const auto how = map.Find("client_certificates")) {
    size_t index = 0;
    // In the order of the enumeration.
    how->Choice({"none", "optional", "required"}, index);
    tls.client_certificates = static_cast<TlsOptions::ClientCertificates>(index);
  }
  const auto authorities = map.Find("client_ca");
  if (authorities) authorities->Path(PathUse::kReadFile, tls.client_ca_path);
  const bool asks = tls.client_certificates != TlsOptions::ClientCertificates::kNone;
  if (asks && !authorities) {
    map.Complain(
        "client certificates need `client_ca`, the file of the authorities that sign them");
  }
  if (!asks && authorities) {
    authorities->Complain("`client_ca` is set, but client certificates are not asked for",
                          "set `client_certificates` to `optional` or `required`");
  }
}

}  // namespace portvakt::server
