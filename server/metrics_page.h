// The page for Prometheus, family by family, in its text format: the only place that knows the
// library. Names and helps are docs/operations/README.md's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/request_counters.h"

namespace portvakt::server {

// The samples of a family are those added right after each other under one name.
class MetricsPage {
 public:
  // At most one: nothing has more so far.
  struct Label {
    std::string_view name;  // "" for none
    std::string_view value;
  };

  MetricsPage();
  ~MetricsPage();

  // A family that may end up without samples is begun so that its help is there all the same.
  void BeginGauge(const char* name, const char* help);
  void BeginCounter(const char* name, const char* help);
  void BeginHistogram(const char* name, const char* help);
  // Of the family begun last.
  void Add(double value, Label label = {});
  // In seconds.
  void Add(const TimeTotals& times, Label label = {});

  void Gauge(const char* name, const char* help, double value);
  void Counter(const char* name, const char* help, double value);

  std::string Text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::server
