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
// More slips than these in one name are another name, however long it is.
constexpr size_t kMaxEdits = 3;

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

// Code points with case folded away. What is not UTF-8 gives some letters, no more than its bytes.
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
  return std::min(std::max({left_length, right_length, kMinLetters}) / 3, kMaxEdits);
}

// Insertions, deletions, replacements and swaps of neighbours (no letter edited twice) that turn
// `left` into `right`; nothing when there are more than `limit`. Three rows of the table are kept,
// and of them the cells near the diagonal.
std::optional<size_t> EditDistance(std::u32string_view left, std::u32string_view right,
                                   size_t limit) {
  const size_t longer = std::max(left.size(), right.size());
  if (longer - std::min(left.size(), right.size()) > limit) return std::nullopt;
  // Cells further than `limit` from the diagonal are worth more than it: they stay at `beyond`.
  const size_t beyond = limit + 2;
  std::array<std::vector<size_t>, 3> rows;
  for (auto& row : rows) row.assign(right.size() + 1, beyond);
  for (size_t column = 0; column <= std::min(right.size(), limit); ++column) {
    rows[0][column] = column;
  }
  for (size_t line = 1; line <= left.size(); ++line) {
    const std::vector<size_t>& above = rows[(line - 1) % 3];
    const std::vector<size_t>& two_above = rows[(line + 1) % 3];
    std::vector<size_t>& row = rows[line % 3];
    const size_t first = line > limit ? line - limit : 1;
    const size_t last = std::min(right.size(), line + limit);
    row[first - 1] = first == 1 ? line : beyond;
    if (last < right.size()) row[last + 1] = beyond;
    size_t least = row[first - 1];
    for (size_t column = first; column <= last; ++column) {
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

// `to_assigned` for `assigned_to`, `las.bokforing` for `bokforing.las`.
bool SameWords(std::u32string_view left, std::u32string_view right) {
  if (left.size() != right.size()) return false;
  auto left_words = Split(left, U"._");
  auto right_words = Split(right, U"._");
  std::sort(left_words.begin(), left_words.end());
  std::sort(right_words.begin(), right_words.end());
  return left_words.size() > 1 && left_words == right_words;
}

// The same last word after different leading ones: `lon.attestera` for `lon.lonekorning.attestera`.
// Segments that both have make the likeness greater.
std::optional<size_t> LastSegmentCost(std::u32string_view name, std::u32string_view candidate) {
  const size_t name_dot = name.rfind(U'.');
  const size_t candidate_dot = candidate.rfind(U'.');
  constexpr size_t kNoDot = std::u32string_view::npos;
  if (name_dot == kNoDot && candidate_dot == kNoDot) return std::nullopt;
  const std::u32string_view left = name_dot == kNoDot ? name : name.substr(name_dot + 1);
  const std::u32string_view right =
      candidate_dot == kNoDot ? candidate : candidate.substr(candidate_dot + 1);
  if (left.size() < kMinLetters || right.size() < kMinLetters) return std::nullopt;
  const auto edits = EditDistance(left, right, AllowedEdits(left.size(), right.size()));
  if (!edits) return std::nullopt;
  const auto name_segments = Split(name, U".");
  const auto segments = Split(candidate, U".");
  size_t shared = 0;
  for (size_t index = 0; index + 1 < name_segments.size(); ++index) {
    const auto last = std::prev(segments.end());
    if (std::find(segments.begin(), last, name_segments[index]) != last) ++shared;
  }
  return kLastSegmentCost + kEditCost * *edits - std::min(shared, kEditCost - 1);
}

// Lower is nearer; nothing when they are not alike.
std::optional<size_t> Cost(std::u32string_view name, std::u32string_view candidate) {
  if (name == candidate) return 0;
  if (name.size() < kMinLetters) return std::nullopt;
  const auto edits = EditDistance(name, candidate, AllowedEdits(name.size(), candidate.size()));
  if (edits && *edits == 1) return kEditCost;
  if (SameWords(name, candidate)) return kOtherOrderCost;
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
  const std::u32string folded = Fold(name);
  std::vector<Likeness> likenesses;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate == name || candidate.size() > 2 * kMaxNameBytes) continue;
    const auto known = [&](const Likeness& other) { return *other.candidate == candidate; };
    const auto cost = Cost(folded, Fold(candidate));
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
