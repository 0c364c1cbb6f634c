// What is wrong with a load, collected up to a limit.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/dsl.h"
#include "engine/data_node.h"
#include "engine/load.h"

namespace portvakt::engine {

class DataFindings {
 public:
  DataFindings(std::string file, std::vector<DataFinding>& list)
      : file_(std::move(file)), list_(list) {}

  void Add(DataPlace place, std::string message, std::string help = "") {
    if (full()) return;
    list_.push_back({file_, place.line, place.column, std::move(message), std::move(help)});
  }
  bool full() const { return list_.size() >= kMaxDataFindings; }
  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }

 private:
  std::string file_;
  std::vector<DataFinding>& list_;
};

// "did you mean `a` or `b`?", or "" when nothing comes near.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates);

// In backticks, without what a terminal would obey, and not longer than a line.
std::string Quoted(std::string_view text);

}  // namespace portvakt::engine
