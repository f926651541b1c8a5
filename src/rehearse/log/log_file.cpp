#include "rehearse/log/log_file.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::size_t most_examples = 5;
constexpr std::size_t example_bytes = 200;

std::string shown(std::string_view line) {
  std::string text(line.substr(0, example_bytes));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (line.size() > example_bytes) text += "...";
  return text;
}

}  // namespace

bool LogFile::parse_next(LogCounts& counts) {
  while (const auto line = source_->next()) {
    if (line->empty() || *line == "[" || *line == "\xEF\xBB\xBF[" || *line == "]")
      continue;  // the ends of a list of JSON objects
    if (line->front() == '#' || line->starts_with("\xEF\xBB\xBF#")) {
      parser_.comment(line->substr(line->find('#')));
      continue;
    }
    ++counts.lines;
    std::string_view expected = "a line of at most 64 KiB";
    if (!source_->overlong() && parser_.parse(*line, parsed_, expected)) return true;
    ++counts.bad_lines;
    if (counts.examples.size() < most_examples)
      counts.examples.push_back({source_->file(), source_->number(), shown(*line), std::string(expected)});
  }
  return false;
}

bool LogFile::advance(LogCounts& counts) {
  while (true) {
    if (const Entry* ready = steps_.pop()) {
      entry_ = ready;
      return true;
    }
    if (!parse_next(counts)) {
      if (steps_.empty()) return false;
      steps_.end();
      continue;
    }
    if (parsed_.zoned && steps_.empty()) {
      entry_ = &parsed_;
      return true;
    }
    steps_.push(parsed_);
  }
}

}  // namespace tenfold::rehearse
