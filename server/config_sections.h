// One function a section of the configuration file, each in a file of its own name: `limits` is
// read in config_limits.cpp. A section names its keys in the order in which docs/configuration.md
// explains them.
#pragma once

#include "server/access_log.h"
#include "server/authentication.h"
#include "server/config_reader.h"
#include "server/decision_log.h"
#include "server/gateway.h"
#include "server/limits.h"
#include "server/tls.h"

namespace portvakt::server {

void ReadCallers(ConfigMap& map, AuthenticationOptions& callers);
void ReadGateway(ConfigMap& map, GatewayOptions& gateway);
void ReadLimits(ConfigMap& map, Limits& limits);
void ReadTls(ConfigMap& map, TlsOptions& tls);
// config_evidence.cpp
void ReadDecisionLog(ConfigMap& map, DecisionLogOptions& options);
void ReadAccessLog(ConfigMap& map, AccessLogOptions& options);

}  // namespace portvakt::server
