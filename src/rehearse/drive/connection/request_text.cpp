#include "rehearse/drive/connection/request_text.hpp"

namespace tenfold::rehearse {

std::string simple_request(std::string_view target, std::string_view authority, std::string_view user_agent,
                           std::string_view credential) {
  std::string text = "GET ";
  text.append(target).append(" HTTP/1.1\r\nHost: ").append(authority);
  text.append("\r\nUser-Agent: ").append(user_agent);
  text.append("\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n");
  if (!credential.empty()) text.append("Tenfold-Rehearsal: ").append(credential).append("\r\n");
  return text.append("\r\n");
}

}  // namespace tenfold::rehearse
