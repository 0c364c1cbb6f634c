#include "tests/agreement/harness.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "dsl/dsl.h"
#include "tests/agreement/generator.h"

namespace portvakt::agreement {

using engine::InputValue;

namespace {

engine::InputValues Inputs(const World& world, const std::vector<dsl::Attribute>& attributes,
                           const std::map<std::string, Value>& values) {
  engine::InputValues inputs;
  for (const auto& attribute : attributes) {
    auto place = values.find(attribute.name);
    if (place == values.end()) continue;
    InputValue input;
    const Value& value = place->second;
    switch (attribute.type.kind) {
      case dsl::ValueKind::kBool:
        input.kind = InputValue::Kind::kBool;
        input.boolean = value.number != 0;
        break;
      case dsl::ValueKind::kDecimal:
        input.kind = InputValue::Kind::kDouble;
        input.number = static_cast<double>(value.number) / static_cast<double>(dsl::kDecimalScale);
        break;
      case dsl::ValueKind::kInt:
        input.kind = InputValue::Kind::kInteger;
        input.integer = value.number;
        break;
      case dsl::ValueKind::kEntity:
        input.kind = InputValue::Kind::kString;
        input.text = world.entities[static_cast<size_t>(value.number)].id;
        break;
      default: input.kind = InputValue::Kind::kString; input.text = value.text;
    }
    inputs.emplace_back(attribute.name, input);
  }
  return inputs;
}

}  // namespace

std::string TemporaryDirectory(const std::string& purpose) {
  return (std::filesystem::temp_directory_path() /
          ("portvakt-agreement-" + purpose + "-" + std::to_string(::getpid())))
      .string();
}

std::unique_ptr<engine::Engine> TemporaryEngine(const std::string& directory) {
  std::filesystem::remove_all(directory);
  engine::Engine::Options options;
  options.store.map_bytes = uint64_t{64} << 20;
  options.store.sync = false;
  options.now_us = [] { return kNowUs; };
  auto opened = engine::Engine::Open(directory, options);
  return opened.ok() ? std::move(*opened) : nullptr;
}

uint64_t SeedOfRun() {
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t seed =
      given != nullptr
          ? std::strtoull(given, nullptr, 10)
          : static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  std::cout << "seed " << seed << std::endl;
  return seed;
}

bool IsLongRun() {
  const char* given = std::getenv("PORTVAKT_LONG");
  return given != nullptr && std::string(given) == "1";
}

std::string Findings(const dsl::SourceSet& sources, const dsl::Diagnostics& findings) {
  std::string text;
  for (const auto& finding : findings.all()) text += dsl::Render(finding, sources);
  return text;
}

engine::Request ToRequest(const dsl::Module& module, const World& world, const Question& question) {
  const Entity& subject = world.entities[question.subject];
  const Entity& object = world.entities[question.object];
  engine::Request request;
  request.subject = {module.types[subject.type].name, subject.id};
  request.resource = {module.types[object.type].name, object.id};
  request.action = module.permissions[question.permission].name;
  request.context = Inputs(world, module.context, question.context);
  request.action_properties = Inputs(world, module.action, question.action_properties);
  request.subject_properties =
      Inputs(world, module.types[subject.type].attributes, question.subject_properties);
  request.resource_properties =
      Inputs(world, module.types[object.type].attributes, question.object_properties);
  request.now_us = question.now_us;
  return request;
}

}  // namespace portvakt::agreement
