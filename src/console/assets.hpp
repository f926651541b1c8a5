#pragma once

#include <string_view>

// The status page: the files in assets/, compiled in by tenfold_embed.
namespace tenfold::console::assets {

extern const std::string_view console_html;
extern const std::string_view console_css;
extern const std::string_view console_js;
extern const std::string_view console_svg;

}  // namespace tenfold::console::assets
