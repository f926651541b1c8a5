#pragma once

#include <string_view>

// Addresses as logs write them, told by their shape.
namespace tenfold::rehearse {

// The address in a word such as "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or "[2001:db8::1]:443", without brackets
// and port. Empty: the word is none.
std::string_view address_in(std::string_view word);

// Private, loopback or link-local (RFC 1918, 4193, 3927): a visitor from the internet has none such, a proxy has.
bool is_internal(std::string_view address);

// "203.0.113.7, 10.0.0.2": the first that is not internal, or the first. Empty: the text is no list of addresses
// ("unknown" and "-" among them are passed over).
std::string_view client_in(std::string_view list);

// "shop.example", "shop.example:443": the name without the port, where it looks like one. Empty: it does not.
std::string_view host_in(std::string_view word);

}  // namespace tenfold::rehearse
