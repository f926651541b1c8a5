#pragma once

#include "base/clock.hpp"
#include "config/surroundings.hpp"

namespace tenfold::app {

// Looks into certificates with OpenSSL: PEM or not, chain and key belong together, valid at `now`, and for two more
// weeks (else a warning). Blocks on the disk.
config::CertificateCheck certificate_check(WallTime now);

}  // namespace tenfold::app
