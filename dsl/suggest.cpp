// "did you mean": which declared names a misspelt one stands for. One pure function: names are
// compared as folded code points, and each candidate gets the cost of its best likeness.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

constexpr size_t kMaxSuggestions = 3;
// Names of one or two letters are near to everything.
constexpr size_t kMinLetters = 3;

// Costs: one edit is 10. Words in another order stand between one edit and two; a likeness of the
// last segments alone comes after all likenesses of whole names.
constexpr size_t kEditCost = 10;
constexpr size_t kOtherOrderCost = 15;
constexpr size_t kLastSegmentCost = 1000;

char32_t FoldCase(char32_t letter) {
  if (letter >= U'A' && letter <= U'Z') return letter + 32;
  // Latin-1: À to Þ, but for the multiplication sign between them.
  if (letter >= 0xC0 && letter <= 0xDE && letter != 0xD7) return letter + 32;
  return letter;
}

// Code points with case folded away. Bytes that are not UTF-8 stand for themselves.
std::u32string Fold(std::string_view text) {
  std::u32string folded;
  folded.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 1 || at + length > text.size()) {
      folded.push_back(FoldCase(lead));
      ++at;
      continue;
    }
    char32_t letter = lead & (0x7Fu >> length);
    for (size_t next = 1; next < length; ++next) {
      letter = (letter << 6) | (static_cast<unsigned char>(text[at + next]) & 0x3Fu);
    }
    folded.push_back(FoldCase(letter));
    at += length;
  }
  return folded;
}

size_t AllowedEdits(size_t left_length, size_t right_length) {
  return std::max(std::max(left_length, right_length), kMinLetters) / 3;
}

// Insertions, deletions, replacements and swaps of neighbours (no letter edited twice) that turn
// `left` into `right`; nothing when there are more than `limit`. Three rows of the table are kept.
std::optional<size_t> EditDistance(std::u32string_view left, std::u32string_view right,
                                   size_t limit) {
  const size_t longer = std::max(left.size(), right.size());
  if (longer - std::min(left.size(), right.size()) > limit) return std::nullopt;
  std::array<std::vector<size_t>, 3> rows;
  for (auto& row : rows) row.resize(right.size() + 1);
  for (size_t column = 0; column <= right.size(); ++column) rows[0][column] = column;
  for (size_t line = 1; line <= left.size(); ++line) {
    const std::vector<size_t>& above = rows[(line - 1) % 3];
    const std::vector<size_t>& two_above = rows[(line + 1) % 3];
    std::vector<size_t>& row = rows[line % 3];
    row[0] = line;
    size_t least = line;
    for (size_t column = 1; column <= right.size(); ++column) {
      const size_t replaced = above[column - 1] + (left[line - 1] == right[column - 1] ? 0 : 1);
      size_t best = std::min({above[column] + 1, row[column - 1] + 1, replaced});
      if (line > 1 && column > 1 && left[line - 1] == right[column - 2] &&
          left[line - 2] == right[column - 1]) {
        best = std::min(best, two_above[column - 2] + 1);
      }
      row[column] = best;
      least = std::min(least, best);
    }
    // A swap can reach back over one row, so the limit must be passed by more than its one edit.
    if (least > limit + 1) return std::nullopt;
  }
  const size_t distance = rows[left.size() % 3][right.size()];
  if (distance > limit) return std::nullopt;
  return distance;
}

std::vector<std::u32string_view> Split(std::u32string_view text, std::u32string_view separators) {
  std::vector<std::u32string_view> words;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// A name taken apart once, since it is compared with thousands.
struct Folded {
  explicit Folded(std::string_view name)
      : whole(Fold(name)), segments(Split(whole, U".")), words(Split(whole, U"._")) {
    std::sort(words.begin(), words.end());
  }
  Folded(const Folded&) = delete;
  Folded& operator=(const Folded&) = delete;

  std::u32string whole;
  std::vector<std::u32string_view> segments;  // by dots
  std::vector<std::u32string_view> words;     // by dots and underscores, sorted
};

// The same last word after different leading ones: `lon.attestera` for `lon.lonekorning.attestera`.
// Segments that both have make the likeness greater.
std::optional<size_t> LastSegmentCost(const Folded& name, const Folded& candidate) {
  if (name.segments.empty() || candidate.segments.empty()) return std::nullopt;
  if (name.segments.size() == 1 && candidate.segments.size() == 1) return std::nullopt;
  const std::u32string_view left = name.segments.back();
  const std::u32string_view right = candidate.segments.back();
  if (left.size() < kMinLetters || right.size() < kMinLetters) return std::nullopt;
  const auto edits = EditDistance(left, right, AllowedEdits(left.size(), right.size()));
  if (!edits) return std::nullopt;
  size_t shared = 0;
  for (size_t index = 0; index + 1 < name.segments.size(); ++index) {
    const auto last = std::prev(candidate.segments.end());
    if (std::find(candidate.segments.begin(), last, name.segments[index]) != last) ++shared;
  }
  return kLastSegmentCost + kEditCost * *edits - std::min(shared, kEditCost - 1);
}

// Lower is nearer; nothing when they are not alike.
std::optional<size_t> Cost(const Folded& name, const Folded& candidate) {
  if (name.whole == candidate.whole) return 0;
  if (name.whole.size() < kMinLetters) return std::nullopt;
  const bool same_words = name.words.size() > 1 && name.words == candidate.words;
  const size_t allowed = AllowedEdits(name.whole.size(), candidate.whole.size());
  const auto edits = EditDistance(name.whole, candidate.whole, allowed);
  if (edits && same_words) return std::min(kEditCost * *edits, kOtherOrderCost);
  if (same_words) return kOtherOrderCost;
  if (edits) return kEditCost * *edits;
  return LastSegmentCost(name, candidate);
}

struct Likeness {
  size_t cost;
  const std::string* candidate;
};

}  // namespace

std::vector<std::string> Suggest(std::string_view name,
                                 const std::vector<std::string>& candidates) {
  // Beyond the longest name that can be declared nothing is a misspelling.
  if (name.empty() || name.size() > 2 * kMaxNameBytes) return {};
  const Folded folded(name);
  std::vector<Likeness> likenesses;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate == name || candidate.size() > 2 * kMaxNameBytes) continue;
    const auto known = [&](const Likeness& other) { return *other.candidate == candidate; };
    const auto cost = Cost(folded, Folded(candidate));
    if (!cost || std::any_of(likenesses.begin(), likenesses.end(), known)) continue;
    likenesses.push_back({*cost, &candidate});
  }
  if (likenesses.empty()) return {};
  std::stable_sort(
      likenesses.begin(), likenesses.end(),
      [](const Likeness& left, const Likeness& right) { return left.cost < right.cost; });

  // What is clearly worse than the best only distracts.
  const size_t best = likenesses.front().cost;
  const size_t worst = best == 0 ? 0 : best + kEditCost;
  std::erase_if(likenesses, [&](const Likeness& likeness) { return likeness.cost > worst; });
  // Many names that share a last segment say nothing about which of them was meant.
  const bool by_last_segment = best + kEditCost > kLastSegmentCost;
  if (by_last_segment && likenesses.size() > kMaxSuggestions) {
    std::erase_if(likenesses, [&](const Likeness& likeness) { return likeness.cost > best; });
    if (likenesses.size() > kMaxSuggestions) return {};
  }
  std::vector<std::string> names;
  for (const Likeness& likeness : likenesses) {
    if (names.size() == kMaxSuggestions) break;
    names.push_back(*likeness.candidate);
  }
  return names;
}

}  // namespace portvakt::dsl
