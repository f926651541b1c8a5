#include "console/model.hpp"

namespace tenfold::console {

std::string_view name(OriginServer::State state) {
  switch (state) {
    case OriginServer::State::up: return "up";
    case OriginServer::State::slow_start: return "slow_start";
    case OriginServer::State::suspected: return "suspected";
    case OriginServer::State::ejected: return "ejected";
    case OriginServer::State::down: return "down";
    case OriginServer::State::draining: return "draining";
    case OriginServer::State::unchecked: return "unchecked";
  }
  return "unchecked";
}

}  // namespace tenfold::console
