// `gateway`: who the subject is, and which request needs which permission.
#include "server/config_sections.h"

namespace portvakt::server {
namespace {

void ReadTexts(ConfigMap& map, const std::string& key, std::vector<std::string>& texts) {
  map.Read(key, [&](const ConfigValue& value) {
    value.Items([&](const ConfigValue& item) { item.Text(texts.emplace_back()); });
  });
}

void ReadSubject(ConfigMap& map, GatewaySubjectOptions& subject) {
  map.Text("header", subject.header);
  map.Text("type", subject.type);
  ReadTexts(map, "callers", subject.callers);
  ReadTexts(map, "addresses", subject.addresses);
  const engine::Status checked = Gateway::CheckSubject(subject);
  if (!checked.ok()) map.Complain(checked.error().message);
}

bool NeedText(ConfigMap& map, const std::string& key, std::string& text) {
  const std::optional<ConfigValue> value = map.Need(key);
  return value && value->Text(text);
}

// False when a part of it is missing or wrong, which has been told.
bool ReadRoute(ConfigMap& map, RouteOptions& route) {
  const bool has_path = NeedText(map, "path", route.path);
  ReadTexts(map, "methods", route.methods);
  const bool has_permission = NeedText(map, "permission", route.permission);
  bool has_resource = false;
  if (const std::optional<ConfigValue> value = map.Need("resource")) {
    value->Map([&](ConfigMap& resource) {
      const bool has_type = NeedText(resource, "type", route.resource_type);
      has_resource = NeedText(resource, "id", route.resource_id) && has_type;
    });
  }
  map.Read("context", [&](const ConfigValue& context) {
    context.Entries([&](const std::string& name, const ConfigValue& value) {
      std::string text;
      if (value.Text(text)) route.context.emplace_back(name, text);
    });
  });
  return has_path && has_permission && has_resource;
}

}  // namespace

void ReadGateway(ConfigMap& map, GatewayOptions& gateway) {
  map.Map("subject", [&](ConfigMap& subject) { ReadSubject(subject, gateway.subject); });
  map.Flag("tell_reasons", gateway.tell_reasons);
  RouteTable table;  // for faults at the route that has them
  map.Read("routes", [&](const ConfigValue& routes) {
    routes.Items([&](const ConfigValue& item) {
      RouteOptions route;
      bool is_whole = false;
      item.Map([&](ConfigMap& keys) { is_whole = ReadRoute(keys, route); });
      if (!is_whole) return;
      const std::string fault = table.Add(route);
      if (!fault.empty()) item.Complain("the route of `" + route.path + "` " + fault);
      gateway.routes.push_back(std::move(route));
    });
  });
}

}  // namespace portvakt::server
