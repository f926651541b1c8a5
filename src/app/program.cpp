#include "app/program.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "app/terminal.hpp"
#include "config/text.hpp"

namespace tenfold::app {
namespace {

// The command or option that was probably meant, in words; empty if none is near.
std::string meant(const CLI::App& program, int argc, const char* const* argv) {
  if (argc < 2) return {};
  std::vector<std::string_view> names;
  std::vector<std::string> kept;
  for (const CLI::App* command : program.get_subcommands({})) kept.push_back(command->get_name());
  for (const std::string& name : kept) names.push_back(name);
  const std::string_view found = argv[1];
  for (const std::string_view name : names) {
    if (name == found) return {};
  }
  const std::string_view nearest = config::nearest(found, names);
  return nearest.empty() ? std::string() : fmt::format("; did you mean \"tenfold {}\"?", nearest);
}

}  // namespace

void describe(CLI::App& program) {
  program.set_version_flag("--version", std::string("tenfold ") + TENFOLD_VERSION);
  program.require_subcommand(1);
  program.footer("`tenfold COMMAND --help` says what a command takes.");
}

int run(CLI::App& program, int argc, const char* const* argv, const Exit& exit) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return program.exit(asked);
  } catch (const CLI::ParseError& error) {
    const Terminal err(2);
    std::string what = error.what();
    if (argc > 1 && argv[1][0] != '-' && program.get_subcommands().empty()) {
      what = fmt::format("there is no command \"{}\"", config::shortened(argv[1]));
    }
    err.line(fmt::format("{} {}{}", err.ink(Ink::red, "tenfold:"), what, meant(program, argc, argv)));
    err.line("`tenfold --help` lists the commands.");
    return static_cast<int>(Exit::usage);
  }
  return static_cast<int>(exit);
}

}  // namespace tenfold::app
