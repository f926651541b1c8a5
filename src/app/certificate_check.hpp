#pragma once

#include "base/clock.hpp"
#include "config/surroundings.hpp"

namespace tenfold::app {

// Looks into certificates with OpenSSL: PEM or not, the key is that of the chain's first, and a listener can be made of
// them. Warnings: one that is not
// valid at `now` and for two more weeks, a chain out of order, and one that leads to no authority that this machine
// trusts (an intermediate is missing). A chain that ends in an authority of its own is somebody's choice. Blocks on the
// disk.
config::CertificateCheck certificate_check(WallTime now);

}  // namespace tenfold::app
