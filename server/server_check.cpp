// What is wrong with options before anything of them is used, and what of them a running server
// cannot take.
#include <filesystem>
#include <system_error>
#include <utility>

#include "server/exposure.h"
#include "server/listener.h"
#include "server/settings.h"

namespace portvakt::server {
namespace {

template <class Value>
void Keep(const char* key, const Value& held, Value& next, std::vector<std::string>& kept) {
  if (next == held) return;
  next = held;
  kept.emplace_back(key);
}

}  // namespace

std::optional<SettingFault> JudgeOptions(const Server::Options& options) {
  const auto address = ParseListenAddress(options.listen);
  if (!address) return SettingFault{"listen", address.error()};
  const bool asks = options.tls.enabled() &&
                    options.tls.client_certificates != TlsOptions::ClientCertificates::kNone;
  return JudgeExposure({.listen = options.listen,
                        .is_loopback = address->is_loopback,
                        .has_tls = options.tls.enabled(),
                        .has_callers = options.callers.any(),
                        .trusts_callers = options.trust_callers,
                        .names_certificates = !options.callers.certificates.empty(),
                        .asks_certificates = asks});
}

SettingFaults Server::Check(const Options& options) {
  SettingFaults faults;
  const auto take = [&](SettingFaults more) {
    for (SettingFault& fault : more) faults.push_back(std::move(fault));
  };
  if (auto fault = JudgeOptions(options)) faults.push_back(*std::move(fault));
  if (!options.base_url.empty()) {
    if (const auto fault = BaseUrlFault(options.base_url)) {
      faults.push_back({"base_url", {engine::Error::Code::kInvalid, "`base_url` " + *fault}});
    }
  }
  take(CallerAuthenticator::Check(options.callers));
  take(Tls::Check(options.tls));
  if (options.gateway) {
    if (const auto made = Gateway::Make(*options.gateway); !made) {
      faults.push_back({"gateway", made.error()});
    }
  }
  take(DecisionLog::Check(options.decision_log));
  take(AccessLog::Check(options.access_log));
  return faults;
}

bool IsSameLog(const DecisionLogOptions& one, const DecisionLogOptions& other) {
  if (one.directory.empty() || other.directory.empty()) return false;
  std::error_code ignored;
  return one.directory == other.directory ||
         std::filesystem::equivalent(one.directory, other.directory, ignored);
}

std::vector<std::string> KeepFixed(const Server::Options& running, Server::Options& next) {
  std::vector<std::string> kept;
  // The socket is bound, each thread has its place, and a connection is encrypted or not from its
  // first byte.
  Keep("listen", running.listen, next.listen, kept);
  Keep("workers", running.workers, next.workers, kept);
  if (running.tls.enabled() != next.tls.enabled()) Keep("tls", running.tls, next.tls, kept);
  // Another folder is another log, all of which is new.
  const DecisionLogOptions& log = running.decision_log;
  DecisionLogOptions& wanted = next.decision_log;
  if (IsSameLog(log, wanted)) {
    Keep("decision_log.segment_bytes", log.segment_bytes, wanted.segment_bytes, kept);
    Keep("decision_log.segments", log.segments, wanted.segments, kept);
    Keep("decision_log.queue_bytes", log.queue_bytes, wanted.queue_bytes, kept);
  }
  next.answer = running.answer;
  return kept;
}

}  // namespace portvakt::server
