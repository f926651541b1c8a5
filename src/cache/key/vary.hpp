#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/ref.hpp"
#include "http/message.hpp"

namespace tenfold::cache {

// The request's fields that select among the variants of one URI (RFC 9110, 12.5.5). Immutable, shared.
class VarySpec final : public Counted<VarySpec> {
 public:
  static constexpr std::size_t max_fields = 8;

  enum class Verdict : std::uint8_t {
    usable,
    unusable,  // "*", what is no field name or the edge writes anew for each client (X-Forwarded-For, Via and the
               // like), or more than max_fields: such a response is not stored
  };
  struct Reading {
    Verdict verdict = Verdict::usable;
    Ref<const VarySpec> spec;  // null: nothing selects
  };
  // What the response varies by (Accept-Encoding too, if it comes in a coding), together with `known`, by which the URI
  // is known to vary already: variants are then told apart by all of it, which is never too coarse. Gives `known`
  // itself when the response adds nothing.
  static Reading read(const http::Headers& response, const Ref<const VarySpec>& known);

  // Comma-separated names in lower case, in order: equal texts, equal specs.
  std::string_view text() const { return text_; }
  bool names(http::Field field) const;
  // True when it names every field that the other names (null: none).
  bool covers(const VarySpec* other) const;
  std::size_t charged_bytes() const {
    return sizeof(*this) + text_.capacity() + fields_.capacity() * sizeof(Name) + 64;
  }

  static void destroy(VarySpec* spec) { delete spec; }

 private:
  friend class Variant;
  struct Name {
    std::string_view name;  // in text_
    http::Field field;
  };
  explicit VarySpec(std::string text);

  std::string text_;
  std::vector<Name> fields_;
};

// The secondary key (RFC 9111, 4.1): the request's values of the fields in a VarySpec, normalised so that values which
// mean the same are the same. It is made of the request as received, and tells apart at least what reaches the origin:
// see VarySpec::Verdict for what the edge writes anew. Kept on the stack.
class Variant {
 public:
  static constexpr std::size_t max_bytes = 1024;

  // False when the values are longer than max_bytes, or Accept-Encoding has more elements than anybody sends: such a
  // request is not for the cache. The work is linear in the fields' length.
  bool select(const VarySpec* spec, const http::RequestHead& request);
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  bool put(char c) {
    if (size_ == max_bytes) return false;
    bytes_[size_++] = c;
    return true;
  }
  bool put(std::string_view text);
  bool put_field(const VarySpec::Name& name, const http::Headers& headers);
  bool put_encodings(const http::Headers& headers);
  bool put_list(std::string_view value);

  std::size_t size_ = 0;
  std::array<char, max_bytes> bytes_;
};

// False for an answer that varies by Accept-Encoding and came in a coding that Variant does not tell apart, or that the
// request does not take (some origins look for no more than a word in the field): it would be given to clients that
// cannot read it.
bool variant_tells_coding(const VarySpec* spec, const http::Headers& request, const http::Headers& response);

}  // namespace tenfold::cache
