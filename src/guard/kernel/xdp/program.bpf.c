/* Drops what comes from a blocked prefix to a listener's port, and passes all else. A block's time is looked at here,
 * with the packet: it ends on time whether Tenfold lives or not. */
#include "guard/kernel/xdp/abi.h"
#include "guard/kernel/xdp/packet.h"

/* The kernel's functions that are called, by number. Not those of bpf_helpers.h: before libbpf 1.4 these are variables,
 * and gcc-bpf makes indirect calls of them, which the kernel does not take. */
#ifdef __clang__
static void* (*const look_up)(void* map, const void* key) = (void*)BPF_FUNC_map_lookup_elem;
static __u64 (*const coarse_time_ns)(void) = (void*)BPF_FUNC_ktime_get_coarse_ns;
#else
void* look_up(void* map, const void* key) __attribute__((kernel_helper(BPF_FUNC_map_lookup_elem)));
__u64 coarse_time_ns(void) __attribute__((kernel_helper(BPF_FUNC_ktime_get_coarse_ns)));
#endif

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __type(key, struct tenfold_block_key);
  __type(value, struct tenfold_block);
  __uint(max_entries, TENFOLD_MOST_BLOCKS);
  __uint(map_flags, BPF_F_NO_PREALLOC);
} blocks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __type(key, struct tenfold_allow_key);
  __type(value, __u8);
  __uint(max_entries, TENFOLD_MOST_ALLOWED);
  __uint(map_flags, BPF_F_NO_PREALLOC); /* a trie knows no other way */
} allowed SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __type(key, __u32);
  __type(value, struct tenfold_settings);
  __uint(max_entries, 1);
} settings SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __type(key, __u32);
  __type(value, __u64);
  __uint(max_entries, TENFOLD_PORT_WORDS);
} ports_served SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __type(key, __u32);
  __type(value, struct tenfold_counts);
  __uint(max_entries, 1);
} counts SEC(".maps");

static __always_inline _Bool is_served(__u16 port) {
  __u32 word = port / 64;
  __u64* bits = look_up(&ports_served, &word);
  return bits && (*bits >> (port % 64) & 1);
}

static __always_inline _Bool is_allowed(const struct segment* segment) {
  struct tenfold_allow_key key = {.bits = 128};
  int i;
  for (i = 0; i < 4; ++i) key.address[i] = segment->source[i];
  return look_up(&allowed, &key) != 0;
}

enum found { FOUND_NOTHING, FOUND_EXPIRED, FOUND_BLOCK };

static __always_inline enum found find(__u32 lengths, __u32 length, __be32 high, __be32 low) {
  struct tenfold_block_key key = {.length = length, .address = {high, low}};
  struct tenfold_block* block;
  if (!(lengths >> length & 1)) return FOUND_NOTHING;
  block = look_up(&blocks, &key);
  if (!block) return FOUND_NOTHING;
  return coarse_time_ns() < block->until_ns ? FOUND_BLOCK : FOUND_EXPIRED;
}

/* The prefix by which the source is blocked; TENFOLD_LENGTHS: by none. Each length has its own look-up, and so a narrow
 * block that is over hides no wide one that is not. */
static __always_inline __u32 blocked_by(__u32 lengths, const struct segment* segment, _Bool* expired) {
  __be32 high = segment->is_v4 ? 0 : segment->source[0];
  __be32 low = segment->is_v4 ? segment->source[3] : segment->source[1];
  __u32 first = segment->is_v4 ? TENFOLD_V4_CLIENT : TENFOLD_V6_CLIENT;
  __u32 i;
#pragma GCC unroll 4
  for (i = 0; i < 3; ++i) { /* client, network, block: 8 bits less each */
    enum found found = find(lengths, first + i, high, low & bpf_htonl(0xffffffffU << (8 * i)));
    if (found == FOUND_BLOCK) return first + i;
    if (found == FOUND_EXPIRED) *expired = 1;
  }
  return TENFOLD_LENGTHS;
}

SEC("xdp.frags")
int tenfold_guard(struct xdp_md* context) {
  void* data = (void*)(long)context->data;
  void* end = (void*)(long)context->data_end;
  struct segment segment;
  __u32 zero = 0;
  _Bool expired = 0;
  if (!read_segment(data, end, &segment) || !is_served(segment.to_port)) return XDP_PASS;
  struct tenfold_settings* set = look_up(&settings, &zero);
  struct tenfold_counts* count = look_up(&counts, &zero);
  if (!set || !count) return XDP_PASS;

  __u32 length = blocked_by(set->lengths, &segment, &expired);
  if (expired) ++count->expired_packets;
  if (length >= TENFOLD_LENGTHS) return XDP_PASS;
  if (is_allowed(&segment)) {
    ++count->allowed_packets;
    return XDP_PASS;
  }
  ++count->dropped_packets[length];
  count->dropped_bytes += end - data;
  return XDP_DROP;
}

char program_license[] SEC("license") = "Apache-2.0";
