#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oncall/escalate/alert.hpp"

// An order as JSON, as the book and the outbox keep it. AlertBook has save() and load() of the whole book. Pure.
namespace tenfold::oncall {

std::string saved(const Order& order);
// Errors: invalid, naming what is missing or of the wrong kind. Whatever saved() wrote loads as the same.
Result<Order> load_order(std::string_view saved);

}  // namespace tenfold::oncall
