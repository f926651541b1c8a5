#include <filesystem>
#include <fstream>
#include <system_error>

#include "rehearse/report/report.hpp"

namespace tenfold::rehearse {

Result<void> write_report(const Rehearsal& rehearsal, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::failed, folder + ": " + error.message());
  const std::pair<const char*, std::string> files[] = {{"report.html", report_html(rehearsal)},
                                                       {"report.json", report_json(rehearsal) + "\n"},
                                                       {"junit.xml", report_junit(rehearsal)}};
  for (const auto& [name, text] : files) {
    const std::filesystem::path path = std::filesystem::path(folder) / name;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text << std::flush;
    if (!out) return fail(Errc::failed, path.string() + ": cannot be written");
  }
  return {};
}

}  // namespace tenfold::rehearse
