#include "rehearse/log/known_formats.hpp"

#include <string_view>

namespace tenfold::rehearse {
namespace {

constexpr std::string_view words[] = {
    // nginx proxy manager, with and without a cache
    R"~([$time_local] $- $- $status - $request_method $- $host "$request_uri" [Client $remote_addr] [Length $bytes_sent] [Gzip $-] [Sent-to $-] "$http_user_agent" "$http_referer")~",
    R"~([$time_local] $status - $request_method $- $host "$request_uri" [Client $remote_addr] [Length $bytes_sent] [Gzip $-] "$http_user_agent" "$http_referer")~",
    // Istio since 1.9, then Envoy's own
    R"~([$start_time] "$request" $status $- $- $- "$-" $- $bytes_sent $- $- "$x_forwarded_for" "$http_user_agent" "$-" "$authority" "$-" $- $- $- $remote_addr $- $-)~",
    R"~([$start_time] "$request" $status $- $- $bytes_sent $- $- "$x_forwarded_for" "$http_user_agent" "$-" "$authority" "$-")~",
    // AWS: application load balancer, then the classic one
    R"~($- $timestamp $- $remote_addr $- $- $- $- $status $- $- $bytes_sent "$request" "$http_user_agent" $-)~",
    R"~($timestamp $- $remote_addr $- $- $- $- $status $- $- $bytes_sent "$request" "$http_user_agent" $-)~",
};

}  // namespace

const std::vector<LineFormat>& known_formats() {
  static const auto formats = [] {
    std::vector<LineFormat> made;
    for (const std::string_view each : words) {
      auto format = LineFormat::of(each);
      if (format) made.push_back(std::move(*format));
    }
    return made;
  }();
  return formats;
}

}  // namespace tenfold::rehearse
