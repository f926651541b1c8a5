#pragma once

#include <span>

namespace tenfold::guard::kernel {

// program.bpf.c, compiled for the kernel: an ELF file. Empty where the build had no compiler for that. Defined in a
// source that is made at build time (cmake/TenfoldBpf.cmake).
extern const std::span<const unsigned char> xdp_object;

}  // namespace tenfold::guard::kernel
