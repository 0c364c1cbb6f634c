// Families for the library's serializer.
#include "server/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace portvakt::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double kNanosecondsASecond = 1e9;

ClientMetric Labelled(MetricsPage::Label label) {
  ClientMetric metric;
  if (!label.name.empty()) {
    metric.label.push_back({std::string(label.name), std::string(label.value)});
  }
  return metric;
}

}  // namespace

struct MetricsPage::State {
  void Begin(const char* name, const char* help, MetricType type) {
    MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    families.push_back(std::move(family));
  }

  std::vector<MetricFamily> families;
};

MetricsPage::MetricsPage() : state_(std::make_unique<State>()) {}
MetricsPage::~MetricsPage() = default;

void MetricsPage::BeginGauge(const char* name, const char* help) {
  state_->Begin(name, help, MetricType::Gauge);
}

void MetricsPage::BeginCounter(const char* name, const char* help) {
  state_->Begin(name, help, MetricType::Counter);
}

void MetricsPage::BeginHistogram(const char* name, const char* help) {
  state_->Begin(name, help, MetricType::Histogram);
}

void MetricsPage::Add(double value, Label label) {
  MetricFamily& family = state_->families.back();
  ClientMetric metric = Labelled(label);
  (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

// The serializer adds the bucket of all when the last one given is not it.
void MetricsPage::Add(const TimeTotals& times, Label label) {
  ClientMetric metric = Labelled(label);
  uint64_t count = 0;
  for (size_t i = 0; i < kTimeBucketsNs.size(); ++i) {
    count += times.counts[i];
    metric.histogram.bucket.push_back(
        {count, static_cast<double>(kTimeBucketsNs[i]) / kNanosecondsASecond});
  }
  metric.histogram.sample_count = count + times.counts.back();
  metric.histogram.sample_sum = static_cast<double>(times.sum_ns) / kNanosecondsASecond;
  state_->families.back().metric.push_back(std::move(metric));
}

void MetricsPage::Gauge(const char* name, const char* help, double value) {
  BeginGauge(name, help);
  Add(value);
}

void MetricsPage::Counter(const char* name, const char* help, double value) {
  BeginCounter(name, help);
  Add(value);
}

std::string MetricsPage::Text() const {
  return prometheus::TextSerializer().Serialize(state_->families);
}

}  // namespace portvakt::server
