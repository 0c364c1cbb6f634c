#include "server/policy_json.h"

#include <array>
#include <string>
#include <utility>

#include "server/names_json.h"

namespace portvakt::server {
namespace {

constexpr std::array<const char*, engine::Impact::kEffects> kEffects = {"gained", "lost",
                                                                        "depends"};

JsonValue MomentJson(const engine::PolicyVersion::Moment& moment) {
  return JsonValue::Object({{"revision", moment.revision},
                            {"instant", InstantJson(moment.instant_us)},
                            {"by", moment.actor},
                            {"reason", moment.reason}});
}

JsonValue TallyJson(const engine::Impact::Tally& tally) {
  return JsonValue::Object({{"decisions", tally.decisions}, {"subjects", tally.subjects}});
}

JsonValue ExamplesJson(const engine::Impact::Tally& tally) {
  JsonValue examples = JsonValue::Array();
  for (const engine::Impact::Example& example : tally.examples) {
    examples.Append(JsonValue::Object({{"subject", EntityJson(example.subject)},
                                       {"resource", EntityJson(example.resource)},
                                       {"before", AnswerName(example.before)},
                                       {"after", AnswerName(example.after)}}));
  }
  return examples;
}

JsonValue PermissionJson(const engine::Impact::Permission& permission) {
  JsonValue object = JsonValue::Object({{"name", permission.name},
                                        {"declared_before", permission.declared_before},
                                        {"declared_after", permission.declared_after}});
  for (size_t effect = 0; effect < kEffects.size(); ++effect) {
    JsonValue tally = TallyJson(permission.tallies[effect]);
    object.Set(kEffects[effect],
               std::move(tally.Set("examples", ExamplesJson(permission.tallies[effect]))));
  }
  return object;
}

}  // namespace

JsonValue PolicyVersionJson(const engine::PolicyVersion& version) {
  JsonValue object = JsonValue::Object();
  object.Set("version", version.version).Set("name", version.name).Set("title", version.title);
  object.Set("digest", version.digest).Set("active", version.active);
  object.Set("uploaded", MomentJson(version.uploaded));
  object.Set("activated", version.activated ? MomentJson(*version.activated) : JsonValue());
  return object;
}

JsonValue PolicyVersionJson(const engine::PolicyVersion& version, const dsl::SourceSet& sources) {
  JsonValue files = JsonValue::Array();
  for (uint32_t i = 0; i < sources.size(); ++i) {
    files.Append(
        JsonValue::Object({{"name", sources.file(i).name}, {"text", sources.file(i).text}}));
  }
  JsonValue object = PolicyVersionJson(version);
  return object.Set("files", std::move(files));
}

JsonValue PolicyVersionsJson(const std::vector<engine::PolicyVersion>& versions) {
  JsonValue policies = JsonValue::Array();
  for (const engine::PolicyVersion& version : versions) policies.Append(PolicyVersionJson(version));
  return JsonValue::Object({{"policies", std::move(policies)}});
}

JsonValue PolicyDiffJson(uint32_t from, uint32_t to,
                         const std::vector<dsl::DeclarationChange>& changes) {
  JsonValue list = JsonValue::Array();
  for (const dsl::DeclarationChange& change : changes) {
    list.Append(JsonValue::Object({{"kind", dsl::NameOf(change.kind)},
                                   {"what", change.what},
                                   {"name", change.name},
                                   {"before", change.before},
                                   {"after", change.after}}));
  }
  return JsonValue::Object({{"from", from}, {"to", to}, {"changes", std::move(list)}});
}

JsonValue ImpactJson(const engine::Impact& impact) {
  JsonValue object = JsonValue::Object();
  object.Set("before", impact.before).Set("after", impact.after);
  object.Set("revision", impact.revision).Set("now", InstantJson(impact.now_us));
  object.Set("subjects", impact.subjects).Set("pairs", impact.pairs);
  object.Set("undecided", impact.undecided);
  for (size_t effect = 0; effect < kEffects.size(); ++effect) {
    object.Set(kEffects[effect], TallyJson(impact.totals[effect]));
  }
  JsonValue permissions = JsonValue::Array();
  for (const auto& permission : impact.permissions) permissions.Append(PermissionJson(permission));
  JsonValue holders = JsonValue::Array();
  for (const engine::Impact::Holder& holder : impact.holders) {
    JsonValue told = JsonValue::Object({{"subject", EntityJson(holder.subject)}});
    for (size_t effect = 0; effect < kEffects.size(); ++effect) {
      told.Set(kEffects[effect], holder.decisions[effect]);
    }
    holders.Append(std::move(told));
  }
  object.Set("permissions", std::move(permissions)).Set("holders", std::move(holders));
  return object;
}

}  // namespace portvakt::server
