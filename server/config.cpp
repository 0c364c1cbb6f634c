// The configuration file's own keys; its sections are read in config_<section>.cpp.
#include "server/config.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <utility>

#include "server/config_sections.h"

namespace portvakt::server {
namespace {

void ReadRoot(ConfigMap& root, Config& config) {
  config.has_listen = root.Text("listen", config.server.listen);
  std::string path;
  if (root.Path("store", PathUse::kStateFolder, path)) config.store = path;
  if (root.Path("policy", PathUse::kFileOrFolder, path)) config.policy = path;
  root.Read("data", [&](const ConfigValue& data) {
    data.Items([&](const ConfigValue& file) {
      if (file.Path(PathUse::kReadFile, path)) config.data.push_back(path);
    });
  });
  root.Number("workers", 0u, kMaxWorkers, config.server.workers);
  root.Flag("watch", config.watch);
  root.Flag("trust_callers", config.server.trust_callers);
  root.Map("callers", [&](ConfigMap& map) { ReadCallers(map, config.server.callers); });
  root.Read("base_url", [&](const ConfigValue& value) {
    if (!value.Text(config.server.base_url)) return;
    if (const auto fault = BaseUrlFault(config.server.base_url)) {
      value.Complain("`base_url` " + *fault);
    }
  });
  root.Map("gateway", [&](ConfigMap& map) { ReadGateway(map, config.server.gateway.emplace()); });
  root.Map("limits", [&](ConfigMap& map) { ReadLimits(map, config.server.limits); });
  root.Map("tls", [&](ConfigMap& map) { ReadTls(map, config.server.tls); });
  root.Map("decision_log",
           [&](ConfigMap& map) { ReadDecisionLog(map, config.server.decision_log); });
  root.Map("access_log", [&](ConfigMap& map) { ReadAccessLog(map, config.server.access_log); });
}

// Of no place in the file.
constexpr dsl::Span kNowhere{UINT32_MAX, 0, 0};

dsl::Notice FindingAt(const dsl::Span& span, std::string message,
                      dsl::Severity severity = dsl::Severity::kError) {
  return {.severity = severity,
          .code = "",
          .message = std::move(message),
          .span = span,
          .label = "",
          .related = {},
          .help = {},
          .suggestions = {}};
}

// A finding about the file as a whole.
ConfigRead Refuse(std::string message) {
  ConfigRead read;
  read.findings.push_back(FindingAt(kNowhere, std::move(message)));
  return read;
}

// Of the key, or of the nearest around it that the file has.
dsl::Span PlaceOf(std::string_view key, const ConfigPlaces& places) {
  while (!key.empty()) {
    if (const auto found = places.find(key); found != places.end()) return found->second;
    const size_t end = key.find_last_of(".[");
    key = key.substr(0, end == std::string_view::npos ? 0 : end);
  }
  return kNowhere;
}

// A gateway whose every question would be refused.
void WarnOfGateway(const Server::Options& options, ConfigRead& read) {
  if (!options.gateway) return;
  const GatewaySubjectOptions& subject = options.gateway->subject;
  const auto warn = [&](const char* key, const char* message) {
    read.findings.push_back(FindingAt(PlaceOf(key, read.places), message, dsl::Severity::kWarning));
  };
  if (subject.header.empty()) {
    if (options.callers.any()) return;
    warn("gateway",
         "without `callers` nobody has credentials that name a subject, so every request is "
         "refused; set up `callers`, or `subject.header`");
    return;
  }
  const bool names_anonymous = std::find(subject.callers.begin(), subject.callers.end(),
                                         "anonymous") != subject.callers.end();
  if (!options.callers.any() && !subject.callers.empty() && !names_anonymous) {
    warn("gateway.subject.callers",
         "without the file's own `callers` everybody is `anonymous`, who is not one of these, so "
         "every request is refused");
  } else if (options.callers.any() && names_anonymous) {
    warn(
        "gateway.subject.callers",
        "with the file's own `callers` nobody is `anonymous`; name the caller that the gateway is");
  }
}

}  // namespace

ConfigRead ParseConfig(std::string_view text, const std::string& path) {
  if (text.size() > kMaxConfigBytes) {
    return Refuse(path + ": longer than " + std::to_string(kMaxConfigBytes) + " bytes");
  }
  ConfigState state{ConfigText(path, std::string(text))};
  Config config;
  // A file of comments alone says nothing, which is no fault.
  if (state.text.root().kind != ConfigNode::Kind::kNull) {
    ConfigValue(state, state.text.root(), "").Map([&](ConfigMap& root) { ReadRoot(root, config); });
  }
  state.text.Sort();
  ConfigRead read;
  if (!state.text.has_errors()) read.config = std::move(config);
  read.sources = state.text.sources();
  read.findings = state.text.findings();
  read.paths = std::move(state.paths);
  read.places = std::move(state.places);
  return read;
}

ConfigRead ReadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return Refuse(path + ": cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  return ParseConfig(text, path);
}

void CheckConfig(const Config& config, ConfigRead& read) {
  SettingFaults faults = Server::Check(config.server);
  if (config.watch && !config.policy) {
    faults.push_back(
        {"watch",
         {engine::Error::Code::kInvalid,
          "there are no policy files to watch; name them as `policy`, or with --policy PATH"}});
  }
  for (const SettingFault& fault : faults) {
    const dsl::Span span = PlaceOf(fault.key, read.places);
    const bool is_told =
        std::any_of(read.findings.begin(), read.findings.end(), [&](const dsl::Notice& finding) {
          return finding.severity == dsl::Severity::kError && finding.span == span;
        });
    if (is_told && span != kNowhere) continue;
    read.findings.push_back(FindingAt(span, fault.error.message));
  }
  WarnOfGateway(config.server, read);
  if (!faults.empty()) read.config.reset();
}

std::string FindingLine(const dsl::Notice& finding, const dsl::SourceSet& sources) {
  const bool has_place = finding.span.file < sources.size();
  const std::string meant =
      finding.suggestions.empty() ? "" : "; did you mean `" + finding.suggestions.front() + "`?";
  return (has_place ? sources.Place(finding.span) + ": " : "") + finding.message + meant;
}

}  // namespace portvakt::server
