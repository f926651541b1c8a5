#pragma once

#include <string>

#include "oncall/channels/act_outcome.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall::channels {

// What a voice says to somebody who has pressed a key: what that has led to, and goodbye. Pure.
std::string act_words(const ActOutcome& outcome, Language language);
// Where nobody knows in time what it has led to.
std::string key_was_heard(Language language);

}  // namespace tenfold::oncall::channels
