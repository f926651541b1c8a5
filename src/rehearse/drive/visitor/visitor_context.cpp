#include "rehearse/drive/visitor/visitor_context.hpp"

#include "base/text/percent.hpp"

namespace tenfold::rehearse {

Ask& VisitorContext::new_ask() {
  if (unused_asks_.empty()) return asks_.emplace_back();
  Ask& ask = *unused_asks_.back();
  unused_asks_.pop_back();
  return ask;
}

namespace {

// A model may be edited by hand: what would end the request line goes out escaped.
void append_target(std::string& text, std::string_view target) {
  for (const char c : target) {
    if (c > ' ' && c < 0x7f) {
      text += c;
    } else {
      append_percent(text, c);
    }
  }
}

void append_field(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ");
  for (const char c : value) text += c >= ' ' && c < 0x7f ? c : '?';
  text.append("\r\n");
}

}  // namespace

void write_request(const VisitorContext& context, std::string_view user_agent, std::string_view more, Ask& ask) {
  std::string& text = ask.text;
  text.assign(ask.method_name).append(" ");
  if (!ask.target.starts_with('/')) text += '/';
  append_target(text, ask.target);
  text.append(" HTTP/1.1\r\n");
  append_field(text, "Host", context.authority);
  append_field(text, "User-Agent", user_agent);
  const bool page = ask.part == Ask::Part::page;
  append_field(text, "Accept", page ? "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" : "*/*");
  append_field(text, "Accept-Encoding", "gzip");
  text.append(more);
  // Forms are sent empty: what people wrote into them is in no log.
  if (!http::is_safe(ask.method)) {
    append_field(text, "Content-Type", "application/x-www-form-urlencoded");
    append_field(text, "Content-Length", "0");
  }
  if (!context.credential.empty()) append_field(text, "Tenfold-Rehearsal", context.credential);
  text.append("\r\n");
  ask.request = text;
}

}  // namespace tenfold::rehearse
