#include "config/dialling.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

// Facts of the ITU's "Dialling procedures (international prefix, national (trunk) prefix and national (significant)
// number)", the annex to its Operational Bulletin No. 994, and of the countries' own numbering plans since.
// libphonenumber knows them too, and brings twenty packages along for this one question.
namespace tenfold::config {
namespace {

// Countries whose trunk prefix is 0 and of whose numbers none begins with 0.
constexpr auto zero_dropped = std::to_array<std::string_view>(
    {"20",  "211", "212", "213", "218", "231", "232", "233", "234", "243", "249", "250", "251", "252", "254",
     "255", "256", "260", "261", "262", "263", "264", "265", "27",  "291", "31",  "32",  "33",  "353", "355",
     "358", "359", "36",  "370", "373", "374", "375", "377", "380", "381", "382", "383", "385", "386", "387",
     "389", "40",  "41",  "421", "423", "43",  "44",  "46",  "49",  "51",  "52",  "53",  "54",  "55",  "57",
     "58",  "590", "591", "593", "594", "595", "596", "598", "60",  "61",  "62",  "63",  "64",  "66",  "81",
     "82",  "84",  "850", "855", "856", "86",  "880", "886", "90",  "91",  "92",  "93",  "94",  "95",  "961",
     "962", "963", "964", "966", "967", "970", "971", "972", "976", "977", "98",  "994", "995", "996"});

struct Trunk {
  std::string_view country;
  std::string_view prefix;
  std::size_t digits;  // of the number behind it; 0: any, since no number begins so
};
// The longer of two that begin alike first. Where numbers may begin with the prefix's digits (8, 1), the number is one
// digit too long with it.
constexpr std::array others{
    Trunk{"1", "1", 10},  Trunk{"36", "06", 0},  Trunk{"370", "8", 8},  Trunk{"375", "80", 9},
    Trunk{"375", "8", 9}, Trunk{"52", "044", 0}, Trunk{"52", "045", 0}, Trunk{"52", "01", 0},
    Trunk{"7", "8", 10},  Trunk{"992", "8", 9},  Trunk{"993", "8", 8},  Trunk{"998", "8", 9},
};

std::string international(std::string_view country, std::string_view rest) {
  return std::string("+").append(country).append(rest);
}

}  // namespace

std::string without_trunk_prefix(std::string_view number) {
  if (!number.starts_with('+')) return std::string(number);
  const std::string_view digits = number.substr(1);
  for (const Trunk& trunk : others) {
    if (!digits.starts_with(trunk.country)) continue;
    const std::string_view national = digits.substr(trunk.country.size());
    if (!national.starts_with(trunk.prefix)) continue;
    const std::string_view rest = national.substr(trunk.prefix.size());
    if (trunk.digits == 0 || rest.size() == trunk.digits) return international(trunk.country, rest);
  }
  for (const std::string_view country : zero_dropped) {
    if (!digits.starts_with(country)) continue;
    const std::string_view national = digits.substr(country.size());
    if (national.starts_with('0')) return international(country, national.substr(1));
  }
  return std::string(number);
}

}  // namespace tenfold::config
