#include "console/model.hpp"

namespace tenfold::console {

std::string_view name(Status::Reload::Result result) {
  using Result = Status::Reload::Result;
  switch (result) {
    case Result::none: return "none";
    case Result::ok: return "ok";
    case Result::refused: return "refused";
  }
  return "none";
}

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
