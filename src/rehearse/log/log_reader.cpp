#include "rehearse/log/log_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "rehearse/log/line_parser.hpp"
#include "rehearse/log/line_source.hpp"
#include "rehearse/log/time_window.hpp"

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

// One file, with its next good entry looked up.
class File {
 public:
  explicit File(std::unique_ptr<LineSource> source) : source_(std::move(source)) {}

  // Goes on to the next good line. False: there is none.
  bool advance(LogCounts& counts) {
    while (const auto line = source_->next()) {
      if (line->empty() || line->front() == '#') continue;  // W3C directives and the like
      ++counts.lines;
      std::string_view expected = "a line of at most 64 KiB";
      if (!source_->overlong() && parser_.parse(*line, entry_, expected)) return true;
      ++counts.bad_lines;
      if (counts.examples.size() < most_examples)
        counts.examples.push_back({source_->file(), source_->number(), shown(*line), std::string(expected)});
    }
    return false;
  }
  const Entry& entry() const { return entry_; }
  const std::optional<Error>& error() const { return source_->error(); }

 private:
  std::unique_ptr<LineSource> source_;
  LineParser parser_;
  Entry entry_;
};

}  // namespace

Result<LogCounts> read_logs(const std::vector<std::string>& files, const LogReaderOptions& options,
                            const std::function<void(const Entry&)>& visit) {
  std::vector<std::unique_ptr<File>> open;
  for (const std::string& name : files) {
    auto source = LineSource::open(name);
    if (!source) return std::unexpected(std::move(source.error()));
    open.push_back(std::make_unique<File>(std::move(*source)));
  }
  LogCounts counts;
  std::optional<Error> error;
  const auto end_of = [&](const File& file) {
    if (file.error() && !error) error = file.error();
  };
  std::erase_if(open, [&](const std::unique_ptr<File>& file) {
    const bool some = file->advance(counts);
    if (!some) end_of(*file);
    return !some;
  });

  const auto window_s = std::chrono::ceil<std::chrono::seconds>(options.sorting_window).count();
  TimeWindow window(window_s, options.most_waiting, visit);
  while (!open.empty()) {
    const auto first = std::min_element(
        open.begin(), open.end(), [](const auto& a, const auto& b) { return a->entry().at_ms < b->entry().at_ms; });
    window.take((*first)->entry());
    if (!(*first)->advance(counts)) {
      end_of(**first);
      open.erase(first);
    }
  }
  window.flush();
  counts.late_lines = window.late();
  if (error) return std::unexpected(std::move(*error));
  if (counts.lines == 0) return fail(Errc::invalid, fmt::format("{}: the log is empty", files.front()));
  if (counts.lines == counts.bad_lines) {
    const BadLine& bad = counts.examples.front();
    return fail(Errc::invalid, fmt::format("no line is one of an access log: {}:{}: expected {}, found \"{}\"",
                                           bad.file, bad.number, bad.expected, bad.text));
  }
  return counts;
}

}  // namespace tenfold::rehearse
