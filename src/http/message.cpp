#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text/letters.hpp"

namespace tenfold::http {
namespace {

constexpr std::array<std::string_view, 10> method_names = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                           "CONNECT", "OPTIONS", "TRACE", "PATCH", ""};

// In the order of Field.
constexpr std::array field_names = {
    std::string_view(""),
    std::string_view("accept"),
    std::string_view("accept-encoding"),
    std::string_view("accept-ranges"),
    std::string_view("age"),
    std::string_view("authorization"),
    std::string_view("cache-control"),
    std::string_view("cache-status"),
    std::string_view("cdn-cache-control"),
    std::string_view("connection"),
    std::string_view("content-encoding"),
    std::string_view("content-length"),
    std::string_view("content-range"),
    std::string_view("content-type"),
    std::string_view("cookie"),
    std::string_view("date"),
    std::string_view("etag"),
    std::string_view("expect"),
    std::string_view("expires"),
    std::string_view("forwarded"),
    std::string_view("host"),
    std::string_view("if-match"),
    std::string_view("if-modified-since"),
    std::string_view("if-none-match"),
    std::string_view("if-range"),
    std::string_view("if-unmodified-since"),
    std::string_view("keep-alive"),
    std::string_view("last-modified"),
    std::string_view("location"),
    std::string_view("max-forwards"),
    std::string_view("origin"),
    std::string_view("pragma"),
    std::string_view("proxy-authenticate"),
    std::string_view("proxy-authorization"),
    std::string_view("proxy-connection"),
    std::string_view("range"),
    std::string_view("referer"),
    std::string_view("retry-after"),
    std::string_view("server"),
    std::string_view("set-cookie"),
    std::string_view("te"),
    std::string_view("tenfold-challenge"),
    std::string_view("tenfold-queue"),
    std::string_view("tenfold-rehearsal"),
    std::string_view("trailer"),
    std::string_view("transfer-encoding"),
    std::string_view("upgrade"),
    std::string_view("user-agent"),
    std::string_view("vary"),
    std::string_view("via"),
    std::string_view("warning"),
    std::string_view("www-authenticate"),
    std::string_view("x-forwarded-for"),
    std::string_view("x-forwarded-host"),
    std::string_view("x-forwarded-port"),
    std::string_view("x-forwarded-proto"),
    std::string_view("x-real-ip"),
    std::string_view("x-request-id"),
};
constexpr std::size_t field_count = field_names.size();
static_assert(field_count == static_cast<std::size_t>(Field::x_request_id) + 1);

// ---- Looking a name up: a perfect hash over length and three letters, then one comparison ----

constexpr std::size_t longest_name = 24;
constexpr std::size_t hash_slots = 512;

constexpr std::size_t slot_of(std::size_t length, char first, char middle, char last, std::uint32_t seed) {
  const std::uint32_t key = static_cast<std::uint32_t>(length) | static_cast<std::uint32_t>(first | 0x20) << 8 |
                            static_cast<std::uint32_t>(middle | 0x20) << 16 |
                            static_cast<std::uint32_t>(last | 0x20) << 24;
  return ((key ^ (key >> 15)) * seed) >> 23;
}

struct FieldTable {
  std::array<std::uint8_t, hash_slots> slot{};
  std::uint32_t seed = 0;
};

constexpr bool fill(FieldTable& table, std::uint32_t seed) {
  table.slot = {};
  for (std::size_t i = 1; i < field_count; ++i) {
    const std::string_view text = field_names[i];
    auto& slot = table.slot[slot_of(text.size(), text.front(), text[text.size() * 3 / 4], text.back(), seed)];
    if (slot != 0) return false;
    slot = static_cast<std::uint8_t>(i);
  }
  table.seed = seed;
  return true;
}

// Tries multipliers until no two names share a slot; the compiler does it.
constexpr FieldTable make_field_table() {
  FieldTable table;
  std::uint32_t seed = 0x9e3779b1u;
  while (!fill(table, seed)) seed = seed * 0x19660du + 0x3c6ef35fu;
  return table;
}

constexpr FieldTable field_table = make_field_table();

struct PaddedName {
  std::array<char, longest_name> text{};
  std::array<char, longest_name> case_mask{};  // ~0x20 where a letter may be of either case, else all ones
};

constexpr std::array<PaddedName, field_count> make_padded_names() {
  std::array<PaddedName, field_count> names;
  for (std::size_t i = 0; i < field_count; ++i) {
    for (std::size_t k = 0; k < field_names[i].size(); ++k) {
      const char c = field_names[i][k];
      names[i].text[k] = c;
      names[i].case_mask[k] = static_cast<char>(c >= 'a' && c <= 'z' ? 0xdf : 0xff);
    }
  }
  return names;
}

constexpr std::array<PaddedName, field_count> padded_names = make_padded_names();

std::uint64_t load(const char* from, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

// True if `bytes` bytes at `at` differ from the name at that offset by more than the case of letters.
template <std::size_t bytes>
bool differs(const char* at, const PaddedName& name, std::size_t offset) {
  return ((load(at + offset, bytes) ^ load(name.text.data() + offset, bytes)) &
          load(name.case_mask.data() + offset, bytes)) != 0;
}

bool matches(std::string_view text, const PaddedName& name) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    if (differs<8>(at, name, 0) || differs<8>(at, name, size - 8)) return false;
    return size <= 16 || !differs<8>(at, name, 8);
  }
  if (size >= 4) return !differs<4>(at, name, 0) && !differs<4>(at, name, size - 4);
  return !differs<2>(at, name, 0) && !differs<1>(at, name, size - 1);  // no name is shorter than "te"
}

}  // namespace

Method method_of(std::string_view name) {
  for (std::size_t i = 0; i + 1 < method_names.size(); ++i) {
    if (name == method_names[i]) return static_cast<Method>(i);
  }
  return Method::other;
}

std::string_view name(Method method) { return method_names[static_cast<std::size_t>(method)]; }

bool is_safe(Method method) {
  return method == Method::get || method == Method::head || method == Method::options || method == Method::trace;
}

bool is_idempotent(Method method) { return is_safe(method) || method == Method::put || method == Method::delete_; }

Field field_of(std::string_view name) {
  if (name.size() < 2 || name.size() > longest_name) return Field::other;
  const std::size_t slot = slot_of(name.size(), name.front(), name[name.size() * 3 / 4], name.back(), field_table.seed);
  const std::size_t index = field_table.slot[slot];
  if (field_names[index].size() != name.size() || !matches(name, padded_names[index])) return Field::other;
  return static_cast<Field>(index);
}

std::string_view name(Field field) { return field_names[static_cast<std::size_t>(field)]; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

void Headers::add(Field field, std::string_view value) { fields_.push_back({http::name(field), value, field}); }

void Headers::set(Field field, std::string_view value) {
  auto found = fields_.begin();
  while (found != fields_.end() && found->field != field) ++found;
  if (found == fields_.end()) return add(field, value);
  found->value = value;
  fields_.erase(std::remove_if(found + 1, fields_.end(), [field](const Header& h) { return h.field == field; }),
                fields_.end());
}

void Headers::remove(Field field) {
  remove_if([field](const Header& header) { return header.field == field; });
}

void Headers::remove(std::string_view name) {
  remove_if([name](const Header& header) { return equals_ignoring_case(header.name, name); });
}

std::optional<std::string_view> Headers::find(Field field) const {
  for (const Header& header : fields_) {
    if (header.field == field) return header.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Header& header : fields_) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(Field field) const {
  std::size_t count = 0;
  for (const Header& header : fields_) count += header.field == field ? 1 : 0;
  return count;
}

bool has_element(const Headers& headers, Field field, std::string_view element) {
  bool found = false;
  for (const Header& header : headers) {
    if (header.field != field) continue;
    for_each_element(header.value, [&](std::string_view each) {
      found = equals_ignoring_case(each, element);
      return !found;
    });
    if (found) return true;
  }
  return false;
}

std::string_view RequestHead::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

bool has_no_body(Method request_method, int status) {
  if (request_method == Method::head || status == 204 || status == 304 || (status >= 100 && status < 200)) return true;
  return request_method == Method::connect && status >= 200 && status < 300;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 208: return "Already Reported";
    case 226: return "IM Used";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 506: return "Variant Also Negotiates";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    case 511: return "Network Authentication Required";
    default: return "";
  }
}

}  // namespace tenfold::http
