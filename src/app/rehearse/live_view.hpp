#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/rehearse/options.hpp"
#include "app/terminal.hpp"
#include "rehearse/drive/drive.hpp"

namespace tenfold::app {

// Of UTF-8 text as a terminal counts.
std::size_t characters_in(std::string_view text);
std::string_view first_characters(std::string_view text, std::size_t most);

// The run as it goes: redrawn in place on a terminal, a line every 10 s elsewhere. Says stop when a person interrupts
// or the shop is clearly down.
class LiveView final : public rehearse::DriveObserver {
 public:
  enum class Form : unsigned char { redrawn, lines };
  // SIGINT, SIGTERM and SIGHUP must be blocked in all threads: they are asked for each second.
  LiveView(const Terminal& err, Form form, RehearseOptions::WhenDown when_down)
      : err_(err), form_(form), when_down_(when_down) {}
  ~LiveView() override { erase(); }

  Proceed second(const rehearse::RunRecord& record) override;

  // What goes before each line ("step 3: 4 times the visitors"), for the search.
  void name_step(std::string name);
  bool interrupted() const { return interrupted_; }
  const std::string& why_down() const { return why_down_; }
  void erase();

 private:
  void draw(const rehearse::RunRecord& record);
  void draw_line(std::string_view text, Ink ink);
  void say(const rehearse::RunRecord& record);

  const Terminal& err_;
  const Form form_;
  const RehearseOptions::WhenDown when_down_;
  std::string step_;
  std::vector<std::size_t> drawn_;  // characters of each line on the screen
  int seconds_ = 0;
  bool interrupted_ = false;
  std::string why_down_;
};

}  // namespace tenfold::app
