#include "benchmarks/world.h"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/load.h"

namespace portvakt::benchmarks {
namespace {

// Permissions of the reference domain that policies/byra leaves out.
constexpr size_t kPermissionsOfTheDomain = 223;

bool Replace(std::string& text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  if (at == std::string::npos) return false;
  text.replace(at, what.size(), with);
  return true;
}

// Ticked and licensed like the others.
bool AddProgram(dsl::SourceSet& sources, size_t permissions) {
  dsl::SourceSet wider;
  bool boxes = false, licence = false;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    std::string text = sources.file(i).text;
    boxes = Replace(text, "set boxes = ", "set boxes = extra, ") || boxes;
    licence = Replace(text, "held by agency covers bokforing,",
                      "held by agency covers extra, bokforing,") ||
              licence;
    if (sources.file(i).name.ends_with("programs.vakt")) {
      text += "\nprogram extra \"Extra\" in tenant\n";
      for (size_t each = 0; each < permissions; ++each) {
        text += "    permission k" + std::to_string(each) + "\n";
      }
    }
    wider.Add(sources.file(i).name, text);
  }
  sources = std::move(wider);
  return boxes && licence;
}

std::unique_ptr<World> Make(uint64_t ticks, Sync sync, size_t permissions) {
  auto world = std::make_unique<World>();
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  std::string error;
  if (!dsl::ReadPolicy(PORTVAKT_SOURCE_DIR "/policies/byra", sources, findings, error)) return {};
  auto module = dsl::Compile(sources, findings);
  if (!module) return {};
  if (permissions > module->permissions.size()) {
    if (!AddProgram(sources, permissions - module->permissions.size())) return {};
    module = dsl::Compile(sources, findings);
    if (!module) return {};
  }
  static int count = 0;
  world->directory =
      (std::filesystem::temp_directory_path() /
       ("portvakt-bench-" + std::to_string(::getpid()) + "-" + std::to_string(++count)))
          .string();
  std::filesystem::remove_all(world->directory);
  engine::Engine::Options options;
  options.store.sync = sync == Sync::kOn;
  auto opened = engine::Engine::Open(world->directory, options);
  if (!opened.ok()) return {};
  world->engine = std::move(*opened);
  if (!world->engine->InstallPolicy(sources, *module, {}).ok()) return {};
  world->agency = MakeAgency(*module, ticks, kSeed);
  std::istringstream text(world->agency.sentences);
  if (!engine::LoadText(*world->engine, *module, "agency", text).ok()) return {};
  world->agency.sentences.clear();
  world->requests = MakeRequests(world->agency, kRequests, kSeed + 1);
  return world;
}

}  // namespace

World::~World() {
  engine.reset();
  if (!directory.empty()) std::filesystem::remove_all(directory);
}

std::unique_ptr<World> MakeWorld(uint64_t ticks, Sync sync) { return Make(ticks, sync, 0); }

World* WorldOf(uint64_t ticks) {
  static std::map<uint64_t, std::unique_ptr<World>> worlds;
  auto& world = worlds[ticks];
  if (!world) world = MakeWorld(ticks, Sync::kOff);
  return world.get();
}

World* MediumWorld() {
  static const std::unique_ptr<World> world =
      Make(kMediumTicks, Sync::kOff, kPermissionsOfTheDomain);
  return world.get();
}

double Quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace portvakt::benchmarks
