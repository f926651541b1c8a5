#include "cache/key/vary.hpp"

#include <algorithm>
#include <cstring>

#include "base/text/letters.hpp"
#include "http/rules/characters.hpp"

namespace tenfold::cache {

namespace {

using http::equals_ignoring_case;
using http::Field;

constexpr std::string_view known_encodings[] = {"br", "deflate", "gzip", "zstd", "*", "identity"};
constexpr std::size_t any_coding = 4;
constexpr std::size_t identity = 5;

// Elements of Accept-Encoding; browsers send four or five. A request with more goes past the cache: what would be left
// unread might refuse the coding it is given.
constexpr int most_codings = 32;

// What the edge tells the origin of each client (addresses, the connections on the way), whatever the client wrote in
// such a field. An answer that differs by it is one client's, and the request as received does not show it.
bool is_told_per_client(Field field) {
  return field == Field::x_forwarded_for || field == Field::x_forwarded_port || field == Field::x_real_ip ||
         field == Field::forwarded || field == Field::via;
}

// What the edge tells the origin of the scheme and host that were asked for: both are in the key.
bool is_in_key(Field field) { return field == Field::x_forwarded_proto || field == Field::x_forwarded_host; }

// An origin that codes answers may do it by Accept-Encoding without saying so: nginx, unless it is told to
// (gzip_vary).
bool is_coded(const http::Headers& response) {
  bool coded = false;
  for (const http::Header& header : response) {
    if (header.field != Field::content_encoding) continue;
    http::for_each_element(header.value, [&](std::string_view coding) {
      coded = coded || !equals_ignoring_case(coding, "identity");
      return !coded;
    });
  }
  return coded;
}

bool connection_names_fields(const http::Headers& headers) {
  return std::ranges::any_of(headers, [](const http::Header& header) {
    return header.field == Field::connection && !equals_ignoring_case(header.value, "keep-alive") &&
           !equals_ignoring_case(header.value, "close");
  });
}

// q=0, q=0.0 and so on: not acceptable (RFC 9110, 12.4.2).
bool has_zero_weight(std::string_view parameters) {
  const auto q = parameters.find_first_of("qQ");
  if (q == std::string_view::npos) return false;
  std::string_view value = parameters.substr(q + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '=')) value.remove_prefix(1);
  return !value.empty() && value.find_first_not_of("0. \t") == std::string_view::npos;
}

}  // namespace

VarySpec::VarySpec(std::string text) : text_(std::move(text)) {
  http::for_each_element(text_, [&](std::string_view name) {
    fields_.push_back({name, http::field_of(name)});
    return true;
  });
}

VarySpec::Reading VarySpec::read(const http::Headers& response, const Ref<const VarySpec>& known) {
  std::vector<std::string> names;
  bool unusable = false;
  const auto add = [&](std::string_view list) {
    http::for_each_element(list, [&](std::string_view element) {
      const Field field = http::field_of(element);
      if (is_in_key(field)) return true;
      // Lists of anything but tokens would not come out of their text as they went in.
      if (element == "*" || !http::is_token(element) || is_told_per_client(field)) unusable = true;
      std::string name(element);
      std::ranges::transform(name, name.begin(), to_lower);
      if (names.size() <= max_fields && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
      return !unusable && names.size() <= max_fields;
    });
  };
  for (const http::Header& header : response) {
    if (header.field == Field::vary) add(header.value);
  }
  if (is_coded(response)) add("accept-encoding");
  if (known) add(known->text());
  if (unusable || names.size() > max_fields) return {Verdict::unusable, {}};
  if (names.empty()) return {};

  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ",").append(name);
  if (known && known->text() == text) return {Verdict::usable, known};
  return {Verdict::usable, Ref<const VarySpec>(new VarySpec(std::move(text)))};
}

bool VarySpec::covers(const VarySpec* other) const {
  if (other == nullptr) return true;
  return std::ranges::all_of(other->fields_, [&](const Name& name) {
    return std::ranges::any_of(fields_, [&](const Name& mine) { return mine.name == name.name; });
  });
}

bool VarySpec::names(Field field) const {
  return std::ranges::any_of(fields_, [&](const Name& name) { return name.field == field; });
}

namespace {

bool is_coding(std::string_view coding, std::string_view known) {
  return equals_ignoring_case(coding, known) || (known == "gzip" && equals_ignoring_case(coding, "x-gzip"));
}

// One element of Accept-Encoding.
struct Wish {
  std::string_view coding;
  bool refused = false;  // by a weight of zero
};

Wish read_wish(std::string_view element) {
  const auto semicolon = element.find(';');
  return {trimmed(element.substr(0, semicolon)),
          semicolon != std::string_view::npos && has_zero_weight(element.substr(semicolon + 1))};
}

// What a request's Accept-Encoding says of the codings known here; of others nothing is kept.
class Codings {
 public:
  explicit Codings(const http::Headers& request) {
    for (const http::Header& header : request) {
      if (header.field != Field::accept_encoding) continue;
      any_field_ = true;
      http::for_each_element(header.value, [&](std::string_view element) {
        if (++elements_ <= most_codings) note(read_wish(element));
        return elements_ <= most_codings;
      });
    }
  }

  bool too_many() const { return elements_ > most_codings; }
  bool wants(std::size_t i) const { return said_[i] == Said::wanted; }
  bool refuses(std::size_t i) const { return said_[i] == Said::refused; }
  // What is named counts before "*"; without the field every coding is taken (RFC 9110, 12.5.3).
  bool takes(std::size_t i) const {
    return i == identity || !any_field_ || wants(i) || (wants(any_coding) && !refuses(i));
  }
  bool refuses_identity() const { return !wants(identity) && (refuses(identity) || refuses(any_coding)); }

 private:
  enum class Said : std::uint8_t { nothing, refused, wanted };

  void note(const Wish& wish) {
    for (std::size_t i = 0; i < said_.size(); ++i) {
      if (!is_coding(wish.coding, known_encodings[i]) || wants(i)) continue;
      said_[i] = wish.refused ? Said::refused : Said::wanted;
    }
  }

  std::array<Said, std::size(known_encodings)> said_{};
  int elements_ = 0;
  bool any_field_ = false;
};

}  // namespace

bool variant_tells_coding(const VarySpec* spec, const http::Headers& request, const http::Headers& response) {
  if (spec == nullptr || !spec->names(Field::accept_encoding)) return true;
  const Codings wishes(request);
  bool tells = true;
  for (const http::Header& header : response) {
    if (header.field != Field::content_encoding) continue;
    http::for_each_element(header.value, [&](std::string_view coding) {
      tells = false;
      for (std::size_t i = 0; i < std::size(known_encodings); ++i) {
        tells = tells || (i != any_coding && is_coding(coding, known_encodings[i]) && wishes.takes(i));
      }
      return tells;
    });
    if (!tells) return false;
  }
  return true;
}

// Each field's value, with "~" before it where Connection names the field: what the origin is sent then is another
// thing, mostly nothing.
bool Variant::select(const VarySpec* spec, const http::RequestHead& request) {
  size_ = 0;
  if (spec == nullptr) return true;
  const bool named = connection_names_fields(request.headers);
  for (const VarySpec::Name& name : spec->fields_) {
    if (named && http::has_element(request.headers, Field::connection, name.name) && !put('~')) return false;
    if (!put_field(name, request.headers) || !put('\n')) return false;
  }
  return true;
}

bool Variant::put(std::string_view text) {
  if (text.size() > max_bytes - size_) return false;
  std::memcpy(bytes_.data() + size_, text.data(), text.size());
  size_ += text.size();
  return true;
}

// "-" for a field that is not there, else "+" and its value: absent and empty are not the same.
bool Variant::put_field(const VarySpec::Name& name, const http::Headers& headers) {
  bool present = false;
  for (const http::Header& header : headers) {
    const bool is_it = name.field != Field::other
                           ? header.field == name.field
                           : header.field == Field::other && equals_ignoring_case(header.name, name.name);
    if (!is_it) continue;
    if (name.field == Field::accept_encoding) return put('+') && put_encodings(headers);
    if (!put(present ? ',' : '+') || !put_list(header.value)) return false;
    present = true;
  }
  return present || put('-');
}

// The set of codings known here that the client takes, in one order. Weights above zero, codings nobody uses and those
// refused make no variant of their own, unless "*" would take what is refused: an origin that looks for a word only,
// and finds "br" in "br;q=0", gives what variant_tells_coding() keeps out.
bool Variant::put_encodings(const http::Headers& headers) {
  const Codings wishes(headers);
  if (wishes.too_many()) return false;
  for (std::size_t i = 0; i < identity; ++i) {
    const bool is_exception = wishes.refuses(i) && wishes.wants(any_coding);
    if (is_exception && !put('-')) return false;
    if ((wishes.wants(i) || is_exception) && (!put(known_encodings[i]) || !put(' '))) return false;
  }
  return !wishes.refuses_identity() || put('!');
}

// The value without white space around its commas. A run of blanks is looked at once, however long.
bool Variant::put_list(std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t blank = std::min(value.find_first_of(blanks, at), value.size());
    const std::size_t next = std::min(value.find_first_not_of(blanks, blank), value.size());
    const bool beside_comma = next == value.size() || value[next] == ',' || (blank > 0 && value[blank - 1] == ',');
    if (!put(value.substr(at, (beside_comma ? blank : next) - at))) return false;
    at = next;
  }
  return true;
}

}  // namespace tenfold::cache
