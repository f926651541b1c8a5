#include "app/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace tenfold::app {
namespace {

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool dumb() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) == "dumb";
}

std::string_view code(Ink ink) {
  switch (ink) {
    case Ink::red: return "31";
    case Ink::yellow: return "33";
    case Ink::green: return "32";
    case Ink::bold: return "1";
  }
  return "0";
}

}  // namespace

Terminal::Terminal(int descriptor)
    : descriptor_(descriptor), colour_(::isatty(descriptor) == 1 && !set("NO_COLOR") && !dumb()) {}

std::string Terminal::ink(Ink ink, std::string_view text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code(ink), text) : std::string(text);
}

void Terminal::line(std::string_view text) const {
  const std::string whole = fmt::format("{}\n", text);
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t wrote = ::write(descriptor_, rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

}  // namespace tenfold::app
