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

// How far the words name commands.
struct Reached {
  const CLI::App* command;  // the last one that they name
  std::string words;        // "tenfold drill"
  std::string stray;        // the word behind it where only a command of its own could stand; empty: none
};

const CLI::App* find_command(const CLI::App& above, const std::string& name) {
  for (const CLI::App* command : above.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

Reached reached(const CLI::App& program, int argc, const char* const* argv) {
  Reached at{&program, "tenfold", {}};
  for (int i = 1; i < argc; ++i) {
    const CLI::App* const next = find_command(*at.command, argv[i]);
    if (next == nullptr) {
      if (at.command->get_require_subcommand_min() > 0) at.stray = argv[i];
      break;
    }
    at.command = next;
    at.words += fmt::format(" {}", argv[i]);
  }
  return at;
}

// Why the stray word is none of the commands, and which was probably meant.
std::string about_stray(const Reached& at) {
  if (at.stray.starts_with('-')) {
    return fmt::format("there is no option {} of \"{}\"", config::shortened(at.stray), at.words);
  }
  std::vector<std::string> kept;
  for (const CLI::App* command : at.command->get_subcommands({})) kept.push_back(command->get_name());
  const std::vector<std::string_view> names(kept.begin(), kept.end());
  const std::string_view nearest = config::nearest(at.stray, names);
  return fmt::format("there is no command \"{} {}\"{}", at.words, config::shortened(at.stray),
                     nearest.empty() ? "" : fmt::format("; did you mean \"{} {}\"?", at.words, nearest));
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
    const Reached at = reached(program, argc, argv);
    const bool lists = at.command->get_require_subcommand_min() > 0;
    err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold:"), at.stray.empty() ? error.what() : about_stray(at)));
    err.line(fmt::format("`{} --help` {}", at.words, lists ? "lists the commands." : "says what it takes."));
    return static_cast<int>(Exit::usage);
  }
  return static_cast<int>(exit);
}

}  // namespace tenfold::app
