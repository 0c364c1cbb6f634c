// A JSON text read where it lies: one flat list of entries, whose texts are views into the source.
// For requests, which are read once and thrown away; ReadJson (json.h) makes values of it that live
// on their own. No recursion and no allocation a value.
//
//   JsonDocument document;
//   if (const auto error = document.Read(text)) return Refuse(error->message, error->offset);
//   const JsonView id = document.root().Find("id");
//   if (id && id.is(JsonValue::Kind::kString)) Use(id.text());
//
// Views are cheap to copy and live until the document is read anew or dies, or the source does.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/json.h"

namespace portvakt::server {

class JsonView;

class JsonDocument {
 public:
  // Takes and refuses what ReadJson does (json.h). The text outlives the document's views.
  std::optional<JsonError> Read(std::string_view text, const JsonLimits& limits = {});
  // After a Read that took the text.
  JsonView root() const;

 private:
  friend class JsonView;
  class Builder;

  // An array is followed by its elements, an object by a text and a value a member.
  struct Entry {
    JsonValue::Kind kind = JsonValue::Kind::kNull;
    bool is_moved = false;  // a text that had to be unescaped: lies in `moved_`
    uint32_t size = 0;      // bytes of a text; elements or members
    // Boolean, integer, a double's bits, where a text begins; of arrays and objects the entry after
    // the whole value.
    int64_t bits = 0;
  };

  std::string_view TextOf(const Entry& entry) const {
    const char* const all = entry.is_moved ? moved_.data() : source_.data();
    return {all + entry.bits, entry.size};
  }
  // The entry after the value that begins at `at`.
  uint32_t After(uint32_t at) const {
    const Entry& entry = entries_[at];
    return entry.kind >= JsonValue::Kind::kArray ? static_cast<uint32_t>(entry.bits) : at + 1;
  }

  std::string_view source_;
  std::string moved_;
  std::vector<Entry> entries_;
};

// A value of a document; false when there is none.
class JsonView {
 public:
  class Elements;
  class Members;

  JsonView() = default;
  explicit operator bool() const { return document_ != nullptr; }

  JsonValue::Kind kind() const { return entry().kind; }
  bool is(JsonValue::Kind wanted) const { return kind() == wanted; }

  // Each only when kind() says so.
  bool boolean() const { return entry().bits != 0; }
  int64_t integer() const { return entry().bits; }
  double number() const { return std::bit_cast<double>(entry().bits); }
  std::string_view text() const { return document_->TextOf(entry()); }
  Elements elements() const;
  Members members() const;

  // The member of an object; none when there is none, or this is no object.
  JsonView Find(std::string_view name) const;
  // As a value of its own.
  JsonValue ToValue() const;

 private:
  friend class JsonDocument;
  JsonView(const JsonDocument& document, uint32_t at) : document_(&document), at_(at) {}
  const JsonDocument::Entry& entry() const { return document_->entries_[at_]; }
  uint32_t After() const { return document_->After(at_); }
  JsonView At(uint32_t at) const { return {*document_, at}; }

  const JsonDocument* document_ = nullptr;
  uint32_t at_ = 0;
};

// What a range-based for needs, and how many there are.
class JsonView::Elements {
 public:
  class Iterator {
   public:
    explicit Iterator(JsonView at) : at_(at) {}
    JsonView operator*() const { return at_; }
    Iterator& operator++() {
      at_.at_ = at_.After();
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_.at_ == other.at_.at_; }

   private:
    JsonView at_;
  };

  explicit Elements(JsonView array) : array_(array) {}
  size_t size() const { return array_.entry().size; }
  bool empty() const { return size() == 0; }
  Iterator begin() const { return Iterator(array_.At(array_.at_ + 1)); }
  Iterator end() const { return Iterator(array_.At(array_.After())); }

 private:
  JsonView array_;
};

class JsonView::Members {
 public:
  struct Member {
    std::string_view name;
    JsonView value;
  };
  class Iterator {
   public:
    explicit Iterator(JsonView at) : at_(at) {}
    Member operator*() const { return {at_.text(), at_.At(at_.at_ + 1)}; }
    Iterator& operator++() {
      at_.at_ = at_.At(at_.at_ + 1).After();
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_.at_ == other.at_.at_; }

   private:
    JsonView at_;
  };

  explicit Members(JsonView object) : object_(object) {}
  size_t size() const { return object_.entry().size; }
  Iterator begin() const { return Iterator(object_.At(object_.at_ + 1)); }
  Iterator end() const { return Iterator(object_.At(object_.After())); }

 private:
  JsonView object_;
};

inline JsonView JsonDocument::root() const { return {*this, 0}; }
inline JsonView::Elements JsonView::elements() const { return Elements(*this); }
inline JsonView::Members JsonView::members() const { return Members(*this); }

}  // namespace portvakt::server
