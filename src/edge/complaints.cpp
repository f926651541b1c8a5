#include "edge/complaints.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/visit.hpp"

namespace tenfold::edge {

namespace {

// Cut, and with a question mark for all that is not a printable ASCII character: a path may hold anything.
std::string plain(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string result(text.substr(0, longest));
  for (char& c : result) c = c > ' ' && c <= '~' ? c : c == ' ' ? ' ' : '?';
  if (text.size() > longest) result += "...";
  return result;
}

}  // namespace

std::string Complaints::text(const Complaint& complaint) {
  std::string line = fmt::format("{} {}: ", plain(complaint.what), plain(complaint.path));
  if (complaint.status != 0) line += fmt::format("{}: ", complaint.status);
  if (complaint.server != nullptr) line += fmt::format("{}: ", complaint.server->full_name());
  line += plain(complaint.cause);
  if (complaint.attempts > 1) line += fmt::format(" ({} attempts)", complaint.attempts);
  return line;
}

void Complaints::tell(TimePoint now, const Complaint& complaint) {
  if (now - began_ >= interval) {
    if (untold_ != 0) log::warn("{} more requests failed at the origins and were not told of here", untold_);
    began_ = now;
    told_ = 0;
    untold_ = 0;
  }
  if (told_ >= most) {
    ++untold_;
    return;
  }
  ++told_;
  log::warn("{}", text(complaint));
}

void complain(Visit& visit, int status) {
  const http::RequestHead& request = visit.request();
  visit.site.complaints.tell(visit.now(), {.what = request.method_name,
                                           .path = request.path(),
                                           .status = status,
                                           .server = visit.origin_server,
                                           .cause = visit.origin_error,
                                           .attempts = visit.attempts});
}

void complain(Visit& visit, int status, std::string_view why) {
  visit.origin_error = why;
  complain(visit, status);
}

void note_cut(Visit& visit, std::string_view why) {
  visit.site.metrics.broken_answers.add();
  complain(visit, visit.exchange.status_sent(), visit.arena().copy(why));
}

}  // namespace tenfold::edge
