// Opening what options name, part by part, and handing it to a worker.
#include "server/settings.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "server/rate_limiter.h"

namespace portvakt::server {
namespace {

using engine::Status;

// A worker keeps no reference to what a part was before, so each part is opened on its own.
Status OpenCallers(Settings& next) {
  if (!next.options.callers.any()) return engine::Done{};
  auto opened = CallerAuthenticator::Open(next.options.callers);
  if (!opened) return opened.error();
  next.authenticator = std::move(*opened);
  return engine::Done{};
}

Status OpenGateway(Settings& next) {
  if (!next.options.gateway) return engine::Done{};
  auto made = Gateway::Make(*next.options.gateway);
  if (!made) return made.error();
  next.gateway = std::move(*made);
  return engine::Done{};
}

// A folder is locked by the log that writes it, so where it stays, the log does.
Status OpenDecisionLog(const Settings* running, Settings& next) {
  const DecisionLogOptions& options = next.options.decision_log;
  if (options.directory.empty()) return engine::Done{};
  const bool goes_on = running != nullptr && IsSameLog(running->options.decision_log, options);
  auto opened = goes_on ? running->decision_log->With(options)
                        : DecisionLog::Open(options, WorkerCount(next.options.workers));
  if (!opened) return opened.error();
  next.decision_log = std::move(*opened);
  return engine::Done{};
}

Status OpenAccessLog(const Settings* running, Settings& next) {
  const AccessLogOptions& options = next.options.access_log;
  if (options.to == AccessLogOptions::To::kOff) return engine::Done{};
  if (running != nullptr && running->options.access_log == options) {
    next.access_log = running->access_log;
    return engine::Done{};
  }
  auto opened = AccessLog::Open(options, WorkerCount(next.options.workers));
  if (!opened) return opened.error();
  next.access_log = std::move(*opened);
  return engine::Done{};
}

// What `base_url` says, or the address where nothing is said; null where that tells nobody
// anything.
std::shared_ptr<const Discovery> DiscoveryOf(const Server::Options& options,
                                             const std::string& address) {
  const std::string url =
      options.base_url.empty() ? DerivedBaseUrl(address, options.tls.enabled()) : options.base_url;
  return url.empty() ? nullptr : std::make_shared<const Discovery>(url);
}

// One that goes on knows who has been asking.
std::shared_ptr<RateLimiter> LimiterOf(const Settings* running, const Limits& limits) {
  const uint32_t rate = limits.requests_per_second;
  if (rate == 0) return nullptr;
  if (running != nullptr && running->options.limits.requests_per_second == rate) {
    return running->rate_limiter;
  }
  return std::make_shared<RateLimiter>(rate);
}

}  // namespace

uint32_t WorkerCount(uint32_t wanted) {
  const uint32_t count = wanted > 0 ? wanted : std::thread::hardware_concurrency();
  return std::clamp(count, uint32_t{1}, kMaxWorkers);
}

engine::Result<std::unique_ptr<const Settings>> Settings::Open(const Server::Options& options,
                                                               const std::string& address,
                                                               const Settings* running) {
  auto next = std::make_unique<Settings>();
  next->options = options;
  next->discovery = DiscoveryOf(options, address);
  next->rate_limiter = LimiterOf(running, options.limits);
  if (Status opened = OpenCallers(*next); !opened) return opened.error();
  if (Status opened = OpenGateway(*next); !opened) return opened.error();
  if (Status opened = OpenDecisionLog(running, *next); !opened) return opened.error();
  if (Status opened = OpenAccessLog(running, *next); !opened) return opened.error();
  return std::unique_ptr<const Settings>(std::move(next));
}

void Settings::GiveTo(Service& service) const {
  service.answer = options.answer;
  service.trust_callers = options.trust_callers;
  service.rate_limiter = rate_limiter.get();
  service.authenticator = authenticator.get();
  service.discovery = discovery;
  service.gateway = gateway;
  service.decision_log = decision_log.get();
  service.access_log = access_log.get();
}

}  // namespace portvakt::server
