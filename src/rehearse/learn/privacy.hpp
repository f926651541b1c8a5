#pragma once

#include <string_view>

namespace tenfold::rehearse {

enum class Secrecy { path_and_query, query_only };

// Whether a target may tell of a person or open a door, whoever asked for it: an e-mail address, a number like a
// telephone's (9 digits or more) in the query, or long random text such as a session's or reset token.
// query_only: random text in the path is allowed, as in the names of an asset ("/app.9f86d081884c7d65.js").
bool looks_private(std::string_view target, Secrecy where);

}  // namespace tenfold::rehearse
