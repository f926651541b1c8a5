/* What the program in the kernel and Tenfold say to each other, in one place for both: C, for it is compiled for the
 * kernel too. Whoever changes a layout here changes the size of a key or a value, or the name of its map: a map that an
 * earlier version pinned is taken over only where both are the same. */
#ifndef TENFOLD_GUARD_KERNEL_XDP_ABI_H
#define TENFOLD_GUARD_KERNEL_XDP_ABI_H

#include <linux/types.h>

/* Lengths of prefixes that are blocked, as of the 128-bit form: IPv4 /32, /24, /16 and IPv6 /64, /56, /48. No length is
 * of both families, so that one table holds both. Bit i of tenfold_settings.lengths: some prefix is blocked with
 * length i. */
enum tenfold_length {
  TENFOLD_V4_CLIENT,
  TENFOLD_V4_NETWORK,
  TENFOLD_V4_BLOCK,
  TENFOLD_V6_CLIENT,
  TENFOLD_V6_NETWORK,
  TENFOLD_V6_BLOCK,
  TENFOLD_LENGTHS
};

/* A blocked prefix: the leading 64 bits of an IPv6 address, or 0 and an IPv4 address; in network byte order, the bits
 * behind the prefix 0. */
struct tenfold_block_key {
  __u32 length; /* enum tenfold_length */
  __be32 address[2];
};

struct tenfold_block {
  __u64 until_ns; /* of CLOCK_MONOTONIC; from then on it blocks nothing */
};

/* A key of the trie of networks that are never blocked: an address of 128 bits, IPv4 as ::ffff:0:0/96. */
struct tenfold_allow_key {
  __u32 bits;
  __be32 address[4];
};

struct tenfold_settings {
  __u32 lengths;
};

/* Listeners' ports, a bit each: nothing else is ever dropped. */
#define TENFOLD_PORT_WORDS (65536 / 64)

/* What became of packets; one of these a processor. Packets to ports that are not the listeners' are not counted. */
struct tenfold_counts {
  __u64 dropped_packets[TENFOLD_LENGTHS]; /* by length of the prefix */
  __u64 dropped_bytes;
  __u64 allowed_packets; /* blocked, but for the allow list */
  __u64 expired_packets; /* of a block whose time was over, until Tenfold took it out */
};

#define TENFOLD_MOST_BLOCKS 500000
#define TENFOLD_MOST_ALLOWED 4096

#endif
