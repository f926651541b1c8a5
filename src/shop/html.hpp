#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/text/markup.hpp"

// Writing HTML and XML so that forgetting to escape is not possible: every string that goes into a template is
// escaped, except what says that it is markup already.
namespace tenfold::shop::html {

// Text that is markup already.
struct Markup {
  std::string_view text;
};

// Text to be escaped for element content and for attributes in either kind of quotes.
struct Escaped {
  std::string_view text;
};

namespace detail {

template <class T>
auto guard(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return Escaped{std::string_view(value)};
  } else {
    return value;
  }
}

template <class T>
using Guarded = decltype(guard(std::declval<const T&>()));

}  // namespace detail

}  // namespace tenfold::shop::html

template <>
struct fmt::formatter<tenfold::shop::html::Escaped> {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
  auto format(tenfold::shop::html::Escaped value, fmt::format_context& context) const {
    const std::string text = tenfold::markup_escaped(value.text);
    return std::copy(text.begin(), text.end(), context.out());
  }
};

template <>
struct fmt::formatter<tenfold::shop::html::Markup> {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
  auto format(tenfold::shop::html::Markup value, fmt::format_context& context) const {
    return std::copy(value.text.begin(), value.text.end(), context.out());
  }
};

namespace tenfold::shop::html {

template <class... Guarded>
void put_guarded(std::string& out, fmt::string_view format, const Guarded&... guarded) {
  fmt::vformat_to(std::back_inserter(out), format, fmt::make_format_args(guarded...));
}

// put(out, "<b>{}</b>", text): a format string of fmt, checked at compile time.
template <class... Arguments>
void put(std::string& out, fmt::format_string<detail::Guarded<Arguments>...> format, const Arguments&... arguments) {
  put_guarded(out, format, detail::guard(arguments)...);
}

// The first value of a key in "a=1&b=2", decoded; empty when there is none.
std::string form_value(std::string_view form, std::string_view key);

}  // namespace tenfold::shop::html
