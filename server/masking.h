// What a log must not hold: paths into a request whose values are replaced before a line is built.
//
//   subject.id  resource.id
//   context.NAME  subject.properties.NAME  action.properties.NAME  resource.properties.NAME
//
// NAME is one name, several joined by points for what is inside an object, or `*` for all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"
#include "engine/result.h"

namespace portvakt::server {

// What stands in place of a masked value.
inline constexpr std::string_view kMasked = "[masked]";

// The paths below one of the four objects of a request, each as its names. Safe to share.
class MaskedPaths {
 public:
  void Add(std::vector<std::string> names) { paths_.push_back(std::move(names)); }
  // {"name":value,..}, with what is masked left out of it.
  void AppendJsonObject(const engine::InputValues& values, std::string& out) const;

 private:
  std::vector<std::vector<std::string>> paths_;
};

struct Masks {
  // kInvalid, naming the path and what paths there are.
  static engine::Result<Masks> Of(const std::vector<std::string>& paths);

  bool subject_id = false;
  bool resource_id = false;
  MaskedPaths context;
  MaskedPaths subject_properties;
  MaskedPaths action_properties;
  MaskedPaths resource_properties;
};

}  // namespace portvakt::server
