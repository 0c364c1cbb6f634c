// The rules that keep a server from standing open.
#include "server/exposure.h"

namespace portvakt::server {

std::optional<SettingFault> JudgeExposure(const Exposure& exposure) {
  const auto refuse = [&](const char* key, const std::string& reason) {
    return SettingFault{
        key,
        {engine::Error::Code::kInvalid, "cannot listen on `" + exposure.listen + "`: " + reason}};
  };
  if (exposure.trusts_callers && exposure.has_callers) {
    return refuse(
        "trust_callers",
        "`trust_callers` and `callers` contradict each other; leave `trust_callers` out and say "
        "`names_actor: true` of the callers that may name whose change it is");
  }
  if (exposure.names_certificates && !exposure.asks_certificates) {
    return refuse("callers.certificates",
                  "`callers` names certificates, but clients are not asked for theirs; set "
                  "`tls.client_certificates` to `optional` or `required`, and `tls.client_ca`");
  }
  if (exposure.is_loopback) return std::nullopt;
  if (exposure.has_tls && exposure.has_callers) return std::nullopt;
  std::string missing;
  if (!exposure.has_tls) missing = "`tls` (a certificate and its key)";
  if (!exposure.has_callers) {
    missing += std::string(missing.empty() ? "" : " and ") +
               "`callers` (a `keys_file` made by `portvakt key create`, `certificates` or "
               "`issuers`)";
  }
  return refuse("listen", "other machines reach it, so its configuration needs " + missing +
                              "; without them only loopback addresses are served (127.0.0.1, ::1)");
}

}  // namespace portvakt::server
