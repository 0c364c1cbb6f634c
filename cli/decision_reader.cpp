// Lines of segments that grow, and the way from one to the next.
#include "cli/decision_reader.h"

#include <utility>

#include "server/segments.h"

namespace portvakt::cli {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;

}  // namespace

std::optional<DecisionText> DecisionReader::Next() {
  while (true) {
    const size_t end = unread_.find('\n');
    if (end == std::string::npos) {
      if (unread_.size() > kMaxReadLineBytes) {
        unread_.clear();
        is_skipping_ = true;
      }
      if (ReadMore()) continue;
      // What was written before the next segment began is read by now, but for what came between
      // the last look and its beginning.
      const uint64_t before = number_;
      const std::vector<std::string> segments = server::ListSegments(directory_);
      const bool has_next = !segments.empty() && server::SegmentNumber(segments.back()) > before;
      if (!has_next) {
        Forget();
        return std::nullopt;
      }
      if (ReadMore()) continue;
      if (!Advance()) return std::nullopt;
      continue;
    }
    DecisionText line;
    line.place = path_ + ":" + std::to_string(++line_);
    line.is_too_long = std::exchange(is_skipping_, false) || end > kMaxReadLineBytes;
    if (!line.is_too_long) line.text = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
  }
}

// The beginning of a line is read again next time: a server that could not finish it cuts it off.
void DecisionReader::Forget() {
  if (unread_.empty()) return;
  position_ -= static_cast<std::streamoff>(unread_.size());
  unread_.clear();
  file_.clear();
  file_.seekg(position_);
}

bool DecisionReader::ReadMore() {
  if (!file_.is_open()) return false;
  file_.clear();  // of the end that was met before
  const size_t before = unread_.size();
  unread_.resize(before + kChunkBytes);
  file_.read(unread_.data() + before, static_cast<std::streamsize>(kChunkBytes));
  const auto got = static_cast<size_t>(file_.gcount());
  unread_.resize(before + got);
  position_ += static_cast<std::streamoff>(got);
  return got > 0;
}

bool DecisionReader::Advance() {
  for (const std::string& path : server::ListSegments(directory_)) {
    const uint64_t number = server::SegmentNumber(path);
    if (number <= number_) continue;
    number_ = number;
    path_ = path;
    line_ = 0;
    position_ = 0;
    unread_.clear();
    is_skipping_ = false;
    file_.close();
    file_.clear();
    file_.open(path, std::ios::binary);
    if (file_.is_open()) return true;
  }
  return false;
}

}  // namespace portvakt::cli
