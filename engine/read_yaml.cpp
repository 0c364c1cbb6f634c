// The only unit below the command line that includes yaml-cpp. Reads events, not yaml-cpp's own
// tree: events have places, show duplicate keys and aliases, and can be stopped.
#include "engine/read_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

namespace portvakt::engine {
namespace {

// Ends the parse; caught in ReadYaml.
struct Stop {
  DataPlace place;
  std::string message;
  std::string help;
};

DataPlace PlaceOf(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

struct Size {
  size_t nodes = 1;
  size_t depth = 1;
};
// Recursion as deep as the tree, which kMaxYamlDepth bounds.
Size SizeOf(const DataNode& node) {
  Size size;
  for (const DataNode& item : node.items) {
    const Size inner = SizeOf(item);
    size.nodes += inner.nodes;
    size.depth = std::max(size.depth, inner.depth + 1);
  }
  return size;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(DataFindings& findings) : findings_(findings) {}
  DataNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Count(mark, {});
    Add(Make(DataNode::Kind::kNull, mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{PlaceOf(mark), "an alias inside its own anchor", ""};
    Count(mark, SizeOf(found->second));
    DataNode copy = found->second;
    copy.place = PlaceOf(mark);
    Add(std::move(copy), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    Count(mark, {});
    DataNode node = Make(DataNode::Kind::kScalar, mark);
    node.text = value;
    Add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Begin(DataNode::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { End(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Begin(DataNode::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override {
    CheckKeys(open_.back().node);
    End();
  }

 private:
  struct Open {
    DataNode node;
    YAML::anchor_t anchor;
  };

  static DataNode Make(DataNode::Kind kind, const YAML::Mark& mark) {
    DataNode node;
    node.kind = kind;
    node.place = PlaceOf(mark);
    return node;
  }
  void Count(const YAML::Mark& mark, const Size& size) {
    nodes_ += size.nodes;
    if (nodes_ > kMaxYamlNodes) {
      throw Stop{PlaceOf(mark), "more than " + std::to_string(kMaxYamlNodes) + " values",
                 "load large data as text, one sentence a line"};
    }
    if (open_.size() + size.depth > kMaxYamlDepth) {
      throw Stop{PlaceOf(mark),
                 "values lie more than " + std::to_string(kMaxYamlDepth) + " deep in each other",
                 ""};
    }
  }
  void Begin(DataNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Count(mark, {});
    open_.push_back({Make(kind, mark), anchor});
  }
  void End() {
    Open done = std::move(open_.back());
    open_.pop_back();
    Add(std::move(done.node), done.anchor);
  }
  void Add(DataNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    (open_.empty() ? root_ : open_.back().node.items.emplace_back()) = std::move(node);
  }
  void CheckKeys(const DataNode& map) {
    std::unordered_set<std::string_view> keys;
    for (size_t i = 0; i < map.entry_count(); ++i) {
      const DataNode& key = map.key(i);
      if (key.kind != DataNode::Kind::kScalar) {
        findings_.Add(key.place, std::string("a key is a name, not ") + NameOfKind(key.kind));
      } else if (!keys.insert(key.text).second) {
        findings_.Add(key.place, Quoted(key.text) + " stands here for the second time",
                      "put what belongs to it in one place");
      }
    }
  }

  DataFindings& findings_;
  DataNode root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, DataNode> anchors_;
  size_t nodes_ = 0;
};

}  // namespace

std::optional<DataNode> ReadYaml(std::string_view text, DataFindings& findings) {
  const size_t findings_before = findings.size();
  TreeBuilder builder(findings);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (parser && parser.HandleNextDocument(builder)) {
      findings.Add({}, "a file is one YAML document", "take `---` out");
    }
  } catch (const Stop& stop) {
    findings.Add(stop.place, stop.message, stop.help);
  } catch (const YAML::Exception& error) {
    findings.Add(PlaceOf(error.mark), "this is no YAML: " + error.msg);
  }
  if (findings.size() != findings_before) return std::nullopt;
  return builder.TakeRoot();
}

}  // namespace portvakt::engine
