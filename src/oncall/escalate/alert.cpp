#include "oncall/escalate/alert.hpp"

#include <fmt/format.h>

namespace tenfold::oncall {

std::string_view name(Alert::State state) {
  switch (state) {
    case Alert::State::ringing: return "ringing";
    case Alert::State::acknowledged: return "acknowledged";
    case Alert::State::silenced: return "silenced";
    case Alert::State::resting: return "resting";
    case Alert::State::settling: return "settling";
    case Alert::State::over: return "over";
  }
  return "?";
}

std::string_view name(Alert::Kind kind) {
  switch (kind) {
    case Alert::Kind::trouble: return "trouble";
    case Alert::Kind::drill: return "drill";
    case Alert::Kind::uplink: return "uplink";
  }
  return "?";
}

std::string_view name(Alert::Means means) {
  switch (means) {
    case Alert::Means::elsewhere: return "elsewhere";
    case Alert::Means::call: return "call";
    case Alert::Means::reply: return "reply";
  }
  return "?";
}

std::string_view name(Message::Kind kind) {
  switch (kind) {
    case Message::Kind::alert: return "alert";
    case Message::Kind::reminder: return "reminder";
    case Message::Kind::over: return "over";
    case Message::Kind::gap: return "gap";
    case Message::Kind::drill: return "drill";
    case Message::Kind::uplink: return "uplink";
  }
  return "?";
}

std::string key(const Order& order) {
  return fmt::format("{}-{}-{}-{}-{}-{}-{}", order.alert, name(order.kind), order.round, order.step,
                     order.recipient.who, name(order.recipient.contact.channel), order.recipient.contact.to);
}

}  // namespace tenfold::oncall
