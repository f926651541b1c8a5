#pragma once

#include <string>
#include <string_view>

#include "oncall/people/plan.hpp"

namespace tenfold::oncall {

// What a check says ("status 500, expected 200-399; the same over IPv6 (...)"), in that language: the sentences of
// watch are known and bounded. Names, addresses and the words of servers and of the system's libraries stay as they
// are, and so does a sentence that is not known. Counts have their singular; decimals the language's own mark. Pure.
std::string reason_in(std::string_view what, Language language);

// The same without its "; the same again on a fresh connection": that a second look saw the same, by whatever way, says
// nothing to who has just been woken, and takes a quarter of an SMS.
std::string_view without_second_look(std::string_view what);

}  // namespace tenfold::oncall
