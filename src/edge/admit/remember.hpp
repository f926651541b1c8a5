#pragma once

#include "edge/visit.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// Gives the visitor, with an answer that is passed on to it alone, the cookie by which it is known again: when it has
// none, or a new deed that the origin's answer confirms (something in the cart, an order), or an old one. Notes orders.
// `answer`: what the client gets; the cookie is added to it.
void remember_visitor(Visit& visit, http::ResponseHead& answer);

}  // namespace tenfold::edge
