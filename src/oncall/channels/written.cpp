#include "oncall/channels/written.hpp"

#include <fmt/format.h>

#include "oncall/plain_text.hpp"
#include "oncall/words/sms.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_text_bytes = 16 * 1024;  // of any message, before a channel's own bound
// Twilio takes 1,600 characters, which ten parts of 153 are; modems take more, and phones show as many.
constexpr std::size_t most_sms_parts = 10;
constexpr std::size_t most_sms_bytes = 640;  // of a message that has no short text: a handful of parts

}  // namespace

std::string_view kind_name(Message::Kind kind) {
  switch (kind) {
    case Message::Kind::alert: return "alert";
    case Message::Kind::reminder: return "reminder";
    case Message::Kind::over: return "over";
    case Message::Kind::gap: return "gap";
    case Message::Kind::drill: return "drill";
    case Message::Kind::uplink: return "uplink";
  }
  return "alert";
}

std::string plain_lines(std::string_view text, std::size_t most_bytes) {
  std::string out;
  text = text.substr(0, most_text_bytes);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!out.empty()) out += '\n';
    out += plain(line, most_text_bytes);
  }
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return shortened(out, most_bytes);
}

std::string written_without_link(const Message& message, std::size_t most_bytes) {
  return plain_lines(message.text.empty() ? message.subject : message.text, most_bytes);
}

namespace {

std::string with_link(std::string_view words, std::string_view url, std::size_t most_bytes) {
  const std::string link = plain(url, most_text_bytes);
  std::string text = plain_lines(words, most_bytes);
  if (link.empty() || text.find(link) != std::string::npos) return text;
  if (link.size() + 1 > most_bytes) return text;
  std::string all = plain_lines(words, most_text_bytes);
  if (const std::size_t place = all.find(link); place != std::string::npos) {  // it was, and was cut off
    all.erase(place, link.size());
    while (!all.empty() && (all.back() == '\n' || all.back() == ' ')) all.pop_back();
  }
  text = shortened(all, most_bytes - link.size() - 1);
  return text.empty() ? link : text + '\n' + link;
}

}  // namespace

std::string written(const Message& message, std::size_t most_bytes) {
  return with_link(message.text.empty() ? message.subject : message.text, message.acknowledge_url, most_bytes);
}

std::string written_short(const Message& message, Replies replies) {
  const bool is_to_reply = replies == Replies::taken && !message.short_text_to_reply.empty();
  const std::string& words = is_to_reply ? message.short_text_to_reply : message.short_text;
  if (words.empty()) return written(message, most_sms_bytes);
  std::string text = with_link(words, message.acknowledge_url, most_text_bytes);
  if (sms_parts(text) <= most_sms_parts) return text;
  const std::size_t link = words.find(message.acknowledge_url);
  return plain_lines(std::string_view(words).substr(0, link), most_text_bytes);
}

std::string subject_line(const Message& message, std::size_t most_bytes) {
  return shortened(plain(message.subject, most_text_bytes), most_bytes);
}

}  // namespace tenfold::oncall::channels
