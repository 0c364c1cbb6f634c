// A reader for one line of attributes. Lists hold scalars only, so nothing recurses.
#include "engine/read_flow.h"

#include <algorithm>

namespace portvakt::engine {
namespace {

class FlowReader {
 public:
  FlowReader(std::string_view text, DataPlace place, DataFindings& findings)
      : text_(text), place_(place), findings_(findings) {}

  std::optional<DataNode> Read() {
    DataNode map = Make(DataNode::Kind::kMap);
    ++at_;
    while (!Take('}')) {
      if (map.entry_count() > 0 && !Expect(',')) return std::nullopt;
      DataNode key;
      DataNode value;
      if (!ReadScalar(":,}", key) || !Expect(':') || !ReadValue(value)) return std::nullopt;
      for (size_t i = 0; i < map.entry_count(); ++i) {
        if (map.key(i).text != key.text) continue;
        findings_.Add(key.place, Quoted(key.text) + " stands here for the second time");
        return std::nullopt;
      }
      map.items.push_back(std::move(key));
      map.items.push_back(std::move(value));
    }
    SkipBlanks();
    if (at_ == text_.size()) return map;
    Fail("the line goes on after its attributes");
    return std::nullopt;
  }

 private:
  DataPlace Here() const {
    uint32_t column = place_.column;
    for (size_t i = 0; i < at_; ++i) {
      if ((static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80) ++column;
    }
    return {place_.line, column};
  }
  DataNode Make(DataNode::Kind kind) const {
    DataNode node;
    node.kind = kind;
    node.place = Here();
    return node;
  }
  bool Fail(std::string message) {
    findings_.Add(Here(), std::move(message), "write { name: value, name: [value, value] }");
    return false;
  }
  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Take(char character) {
    SkipBlanks();
    if (at_ == text_.size() || text_[at_] != character) return false;
    ++at_;
    return true;
  }
  bool Expect(char character) {
    if (Take(character)) return true;
    const std::string wanted = Quoted(std::string_view(&character, 1));
    return Fail(at_ == text_.size()
                    ? "the line ends before " + wanted
                    : "here stands " + Quoted(text_.substr(at_, 1)) + " instead of " + wanted);
  }

  bool ReadValue(DataNode& out) {
    SkipBlanks();
    if (at_ == text_.size() || text_[at_] != '[') return ReadScalar(",}", out);
    out = Make(DataNode::Kind::kList);
    ++at_;
    while (!Take(']')) {
      if (!out.items.empty() && !Expect(',')) return false;
      if (!ReadScalar(",]}", out.items.emplace_back())) return false;
    }
    return true;
  }

  // Up to one of `ends`, or the "quoted" text that begins here.
  bool ReadScalar(std::string_view ends, DataNode& out) {
    SkipBlanks();
    out = Make(DataNode::Kind::kScalar);
    if (at_ < text_.size() && text_[at_] == '"') return ReadQuoted(out.text);
    const size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    std::string_view bare = text_.substr(at_, end - at_);
    while (!bare.empty() && (bare.back() == ' ' || bare.back() == '\t')) bare.remove_suffix(1);
    if (bare.empty()) return Fail("here a value is missing");
    out.text = bare;
    at_ = end;
    return true;
  }
  bool ReadQuoted(std::string& out) {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      out.push_back(TakeQuoted(text_, at_));
    }
    if (at_ == text_.size()) return Fail("a quote without its end");
    ++at_;
    return true;
  }

  std::string_view text_;
  DataPlace place_;
  DataFindings& findings_;
  size_t at_ = 0;
};

}  // namespace

char TakeQuoted(std::string_view text, size_t& at) {
  if (text[at] != '\\' || at + 1 == text.size()) return text[at];
  switch (text[at + 1]) {
    case '"': ++at; return '"';
    case '\\': ++at; return '\\';
    case 'n': ++at; return '\n';
    case 'r': ++at; return '\r';
    default: return text[at];
  }
}

std::optional<DataNode> ReadFlow(std::string_view text, DataPlace place, DataFindings& findings) {
  return FlowReader(text, place, findings).Read();
}

}  // namespace portvakt::engine
