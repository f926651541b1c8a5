#pragma once

#include <memory>
#include <string>

#include "app/alarm_service/callback_server.hpp"
#include "config/oncall.hpp"
#include "oncall/service/oncall.hpp"

namespace tenfold::app {

// Makes the configured channels in the order in which those of one kind are tried: SIP before Twilio for calls, Twilio
// before the modem for SMS. `callbacks` gets what asks the Twilio channels, if there are any; it may be called until
// the poller ends. What is returned is to be called while the arguments are there.
oncall::OnCall::MakeChannels make_channels(const config::OnCall& from, const std::string& shop, const Clock& clock,
                                           CallbackServer::Ask& callbacks);

}  // namespace tenfold::app
