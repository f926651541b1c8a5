#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenfold::rehearse {

// How a path's segment goes into a template's name.
struct Segment {
  enum class Kind : unsigned char {
    word,     // itself, until there are too many of them
    id,       // "{id}": a number or several, a UUID, hexadecimal
    name,     // "{name}": an e-mail address or other text that is not to be kept
    instead,  // of a common one: "{name}", because its neighbours are too many
  } kind = Kind::word;
  std::string_view extension;  // with its dot, of the ones files have; kept
};
Segment segment_of(std::string_view text);

// "{id}", "{name}.png"; a word is itself.
std::string name_of(std::string_view text, Segment segment);

// The parameters' names in their order: "?name={}&wh={}"; a name with digits or odd signs is left out, as are all
// after the eighth.
struct QueryShape {
  std::string text;
  std::vector<std::string_view> values;  // of the names that are kept; in the query
};
void query_shape(std::string_view query, QueryShape& into);

// What a target is by how it is written alone.
enum class Hint : unsigned char {
  none,
  file,    // ends like what browsers fetch for a page: ".css", or "?name=a.jpg"
  folder,  // lies where such things do: "/image/31/brand"
  page,    // ".html", "/robots.txt"
};
Hint hint_of(std::string_view target);

}  // namespace tenfold::rehearse
