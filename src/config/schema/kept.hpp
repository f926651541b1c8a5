#pragma once

#include <string>
#include <utility>

#include "config/schema/compound.hpp"
#include "config/schema/scalars.hpp"
#include "config/values.hpp"

// Values as modules keep them whose settings are read here.
namespace tenfold::config {

template <class E>
TypeOf<E> on_off_as(E on, E off) {
  return kept<E>(
      on_off(), [=](const E& word) { return word == on; }, [=](E& word, bool is_on) { word = is_on ? on : off; });
}

// T has status_from and status_to.
template <class T>
TypeOf<T> statuses() {
  return kept<T>(
      status_range(),
      [](const T& its) {
        return StatusRange{its.status_from, its.status_to};
      },
      [](T& its, const StatusRange& range) {
        its.status_from = range.from;
        its.status_to = range.to;
      });
}

// T has host and port.
template <class T>
TypeOf<T> host_and_port(PortUse use) {
  return kept<T>(
      host_port(use),
      [](const T& its) {
        return HostPort{its.host, its.port};
      },
      [](T& its, const HostPort& address) {
        its.host = address.host;
        its.port = address.port;
      });
}

}  // namespace tenfold::config
