// `decision_log` and `access_log`: what is kept of decisions and of requests.
#include <utility>

#include "server/config_sections.h"

namespace portvakt::server {
namespace {

void ReadRule(ConfigMap& map, DecisionLogRule& rule) {
  map.Read("permissions", [&](const ConfigValue& permissions) {
    permissions.Items([&](const ConfigValue& item) {
      std::string pattern;
      if (item.Text(pattern)) rule.permissions.push_back(std::move(pattern));
    });
  });
  map.Read("verdict", [&](const ConfigValue& value) {
    size_t index = 0;
    if (value.Choice({"deny", "permit"}, index)) rule.permit = index == 1;
  });
  map.Decimal("share", 0, 1, rule.share);
}

}  // namespace

void ReadDecisionLog(ConfigMap& map, DecisionLogOptions& options) {
  if (const auto folder = map.Need("directory")) {
    folder->Path(PathUse::kStateFolder, options.directory);
  }
  map.Read("mode", [&](const ConfigValue& value) {
    size_t index = 0;
    if (!value.Choice({"best_effort", "must_log"}, index)) return;
    options.mode =
        index == 0 ? DecisionLogOptions::Mode::kBestEffort : DecisionLogOptions::Mode::kMustLog;
  });
  map.Read("rules", [&](const ConfigValue& rules) {
    rules.Items([&](const ConfigValue& item) {
      DecisionLogRule rule;
      if (item.Map([&](ConfigMap& each) { ReadRule(each, rule); })) {
        options.rules.push_back(std::move(rule));
      }
    });
  });
  map.Read("mask", [&](const ConfigValue& mask) {
    mask.Items([&](const ConfigValue& item) {
      std::string path;
      if (!item.Text(path)) return;
      if (const auto masks = Masks::Of({path}); !masks) return item.Complain(masks.error().message);
      options.mask.push_back(std::move(path));
    });
  });
  map.Number("segment_bytes", uint64_t{1} << 20, uint64_t{1} << 40, options.segment_bytes);
  map.Number("segments", 2u, 1'000'000u, options.segments);
  map.Number("queue_bytes", size_t{1} << 20, size_t{1} << 32, options.queue_bytes);
}

void ReadAccessLog(ConfigMap& map, AccessLogOptions& options) {
  map.Read("to", [&](const ConfigValue& value) {
    size_t index = 0;
    if (!value.Choice({"off", "stderr", "file"}, index)) return;
    constexpr AccessLogOptions::To kTo[] = {AccessLogOptions::To::kOff,
                                            AccessLogOptions::To::kStandardError,
                                            AccessLogOptions::To::kFile};
    options.to = kTo[index];
  });
  const bool has_file = map.Path("file", PathUse::kWrittenFile, options.file);
  if (has_file != (options.to == AccessLogOptions::To::kFile)) {
    map.Complain("`to: file` and `file` go together");
  }
  map.Number("queue_bytes", size_t{1} << 16, size_t{1} << 32, options.queue_bytes);
}

}  // namespace portvakt::server
