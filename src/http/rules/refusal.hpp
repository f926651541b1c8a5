#pragma once

#include <string_view>

namespace tenfold::http {

// Why a message is refused: the status that a server answers with, and a static sentence for people.
struct Refusal {
  int status = 0;  // 0: it is not
  std::string_view reason;
};

}  // namespace tenfold::http
