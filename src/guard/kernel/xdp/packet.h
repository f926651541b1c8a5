/* From a frame to the source and the port of its TCP segment. Whatever is not understood to the end is no segment, and
 * passes: fragments after the first (they bear no port), headers cut short, more than TENFOLD_MOST_TAGS tags or
 * TENFOLD_MOST_EXTENSIONS extension headers, encrypted and tunnelled packets. */
#ifndef TENFOLD_GUARD_KERNEL_XDP_PACKET_H
#define TENFOLD_GUARD_KERNEL_XDP_PACKET_H

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#define TENFOLD_MOST_TAGS 2 /* of VLANs: 802.1ad has two */
#define TENFOLD_MOST_EXTENSIONS 6

struct segment {
  __be32 source[4]; /* IPv4 as ::ffff:0:0/96 */
  __u16 to_port;
  _Bool is_v4;
};

struct vlan_tag {
  __be16 tag;
  __be16 type;
};

struct ports {
  __be16 from;
  __be16 to;
};

/* RFC 8200, section 4: all but the fragment's and the authentication header's begin like this. */
struct extension {
  __u8 next;
  __u8 units;      /* of 8 bytes after the first 8 (RFC 4302: of 4 bytes, less 2) */
  __be16 fragment; /* of the fragment header: offset in 8 bytes << 3, more << 0 */
  __be32 rest;
};

static __always_inline _Bool read_ports(void* at, void* end, struct segment* segment) {
  struct ports* ports = at;
  if ((void*)(ports + 1) > end) return 0;
  segment->to_port = bpf_ntohs(ports->to);
  return 1;
}

static __always_inline _Bool read_v4(void* at, void* end, struct segment* segment) {
  struct iphdr* ip = at;
  if ((void*)(ip + 1) > end || ip->version != 4 || ip->ihl < 5) return 0;
  if (ip->protocol != IPPROTO_TCP) return 0;
  if (ip->frag_off & bpf_htons(0x1fff)) return 0; /* the offset: not the first fragment */
  segment->source[0] = 0;
  segment->source[1] = 0;
  segment->source[2] = bpf_htonl(0xffff);
  segment->source[3] = ip->saddr;
  segment->is_v4 = 1;
  return read_ports(at + ip->ihl * 4, end, segment);
}

static __always_inline _Bool read_v6(void* at, void* end, struct segment* segment) {
  struct ipv6hdr* ip = at;
  int i;
  if ((void*)(ip + 1) > end || ip->version != 6) return 0;
  __u8 next = ip->nexthdr;
  for (i = 0; i < 4; ++i) segment->source[i] = ip->saddr.in6_u.u6_addr32[i];
  segment->is_v4 = 0;
  at = ip + 1;
#pragma GCC unroll 8
  for (i = 0; i < TENFOLD_MOST_EXTENSIONS; ++i) {
    struct extension* extension = at;
    if (next == IPPROTO_TCP) break;
    if ((void*)(extension + 1) > end) return 0;
    switch (next) {
      case IPPROTO_HOPOPTS:
      case IPPROTO_ROUTING:
      case IPPROTO_DSTOPTS: at += (extension->units + 1) * 8; break;
      case IPPROTO_AH: at += (extension->units + 2) * 4; break;
      case IPPROTO_FRAGMENT:
        if (extension->fragment & bpf_htons(0xfff8)) return 0;
        at += 8;
        break;
      default: return 0;
    }
    next = extension->next;
  }
  return next == IPPROTO_TCP && read_ports(at, end, segment);
}

static __always_inline _Bool read_segment(void* at, void* end, struct segment* segment) {
  struct ethhdr* ethernet = at;
  int i;
  if ((void*)(ethernet + 1) > end) return 0;
  __be16 type = ethernet->h_proto;
  at = ethernet + 1;
#pragma GCC unroll 4
  for (i = 0; i < TENFOLD_MOST_TAGS; ++i) {
    struct vlan_tag* vlan = at;
    if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD)) break;
    if ((void*)(vlan + 1) > end) return 0;
    type = vlan->type;
    at = vlan + 1;
  }
  if (type == bpf_htons(ETH_P_IP)) return read_v4(at, end, segment);
  if (type == bpf_htons(ETH_P_IPV6)) return read_v6(at, end, segment);
  return 0;
}

#endif
