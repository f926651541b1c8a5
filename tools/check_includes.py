"""Checks that headers include what they use of the standard library, and sources at least through headers of ours: what
one standard library lends by chance (std::uint64_t behind <string>), the next version or another one does not.

A header names the standard header of each std:: name directly. A source may get it from a header of ours that it
includes. Names that are not in the table below are not judged. Prints file:line: what is missing; exit 1 if anything is.

  check_includes.py          checks src/, bench/ and fuzz/
  check_includes.py --mend   writes the missing lines into the files too (clang-format sorts them afterwards)
"""

import pathlib
import re
import sys

from cpp_text import blanked

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "bench", "fuzz")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>]+)>|"([^"]+)")', re.M)
NAME = re.compile(r"\bstd::(?:ranges::)?([A-Za-z_]\w*)")

# Each header with the names that it alone is asked for; the first header of a name in more than one is what is asked for.
NAMES = {
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intmax_t uintmax_t intptr_t uintptr_t",
    "cstddef": "max_align_t byte to_integer",
    "string": "string u8string to_string getline stoi stol stoll stoul stoull stof stod basic_string char_traits string_literals",
    "string_view": "string_view u8string_view basic_string_view string_view_literals",
    "vector": "vector", "array": "array to_array", "deque": "deque", "list": "list", "forward_list": "forward_list",
    "map": "map multimap", "set": "set multiset", "unordered_map": "unordered_map unordered_multimap",
    "unordered_set": "unordered_set unordered_multiset", "queue": "queue priority_queue", "stack": "stack",
    "span": "span dynamic_extent as_bytes as_writable_bytes", "bitset": "bitset",
    "optional": "optional nullopt nullopt_t make_optional bad_optional_access",
    "variant": "variant monostate visit holds_alternative get_if variant_size_v variant_alternative_t",
    "expected": "expected unexpected unexpect",
    "tuple": "tuple tie make_tuple forward_as_tuple ignore apply tuple_size_v tuple_element_t",
    "utility": "move forward exchange swap pair make_pair as_const declval in_place in_place_type cmp_less cmp_greater "
               "unreachable to_underlying index_sequence make_index_sequence piecewise_construct",
    "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared make_unique_for_overwrite enable_shared_from_this "
              "addressof construct_at destroy_at allocator allocator_traits to_address static_pointer_cast "
              "dynamic_pointer_cast default_delete owner_less start_lifetime_as uninitialized_copy",
    "functional": "function move_only_function bind bind_front ref cref invoke reference_wrapper not_fn plus minus "
                  "less less_equal greater greater_equal equal_to not_equal_to identity",
    "algorithm": "min max minmax clamp sort stable_sort partial_sort nth_element find find_if find_if_not find_end "
                 "adjacent_find search count count_if all_of any_of none_of for_each for_each_n copy copy_n copy_if "
                 "copy_backward move_backward transform replace replace_if fill fill_n generate remove remove_if "
                 "unique reverse rotate shuffle sample partition stable_partition lower_bound upper_bound equal_range "
                 "binary_search merge includes set_difference set_intersection set_union push_heap pop_heap make_heap "
                 "sort_heap min_element max_element minmax_element equal mismatch lexicographical_compare "
                 "lexicographical_compare_three_way is_sorted contains starts_with ends_with next_permutation is_permutation",
    "numeric": "accumulate reduce iota partial_sum inner_product gcd lcm midpoint transform_reduce adjacent_difference",
    "numbers": "numbers", "ranges": "views subrange range view iota_view",
    "iterator": "back_inserter front_inserter inserter next prev advance distance istreambuf_iterator "
                "ostreambuf_iterator istream_iterator iterator_traits reverse_iterator make_reverse_iterator "
                "input_iterator_tag forward_iterator_tag random_access_iterator_tag make_move_iterator move_iterator",
    "chrono": "chrono chrono_literals", "ratio": "ratio",
    "atomic": "atomic atomic_ref atomic_flag atomic_bool memory_order memory_order_relaxed memory_order_acquire "
              "memory_order_release memory_order_acq_rel memory_order_seq_cst atomic_thread_fence atomic_signal_fence",
    "mutex": "mutex recursive_mutex timed_mutex lock_guard unique_lock scoped_lock once_flag call_once lock try_lock",
    "shared_mutex": "shared_mutex shared_lock", "condition_variable": "condition_variable condition_variable_any cv_status",
    "thread": "thread jthread this_thread", "stop_token": "stop_token stop_source stop_callback",
    "future": "future promise async packaged_task shared_future launch future_status",
    "semaphore": "counting_semaphore binary_semaphore", "latch": "latch", "barrier": "barrier",
    "coroutine": "coroutine_handle suspend_always suspend_never noop_coroutine noop_coroutine_handle coroutine_traits",
    "exception": "exception exception_ptr current_exception rethrow_exception make_exception_ptr terminate "
                 "uncaught_exceptions set_terminate",
    "stdexcept": "runtime_error logic_error invalid_argument out_of_range length_error domain_error overflow_error",
    "new": "bad_alloc nothrow align_val_t launder hardware_destructive_interference_size", "source_location": "source_location",
    "system_error": "error_code errc error_condition system_error generic_category system_category make_error_code error_category",
    "limits": "numeric_limits", "type_traits":
        "is_same is_same_v is_convertible_v is_constructible_v is_default_constructible_v is_nothrow_move_constructible_v "
        "is_void_v is_integral_v is_signed_v is_unsigned_v is_floating_point_v is_enum_v is_base_of_v is_invocable_v "
        "is_invocable_r_v is_trivially_copyable_v is_copy_constructible_v is_move_constructible_v is_trivially_destructible_v "
        "is_reference_v is_const_v is_pointer_v is_array_v is_class_v decay_t remove_cvref_t remove_const_t remove_reference_t "
        "remove_pointer_t conditional_t enable_if_t make_unsigned_t make_signed_t invoke_result_t underlying_type_t common_type_t "
        "true_type false_type integral_constant bool_constant void_t is_constant_evaluated type_identity_t add_const_t",
    "concepts": "same_as derived_from convertible_to integral signed_integral unsigned_integral floating_point invocable "
                "regular_invocable predicate constructible_from default_initializable movable copyable regular equality_comparable",
    "compare": "strong_ordering weak_ordering partial_ordering compare_three_way is_eq is_lt is_gt",
    "initializer_list": "initializer_list", "typeinfo": "type_info", "typeindex": "type_index", "any": "any any_cast",
    "bit": "bit_cast bit_ceil bit_floor bit_width popcount countl_zero countr_zero countl_one countr_one rotl rotr "
           "has_single_bit endian byteswap",
    "charconv": "from_chars to_chars from_chars_result to_chars_result chars_format", "filesystem": "filesystem",
    "random": "mt19937 mt19937_64 random_device uniform_int_distribution uniform_real_distribution normal_distribution "
              "exponential_distribution bernoulli_distribution discrete_distribution poisson_distribution minstd_rand",
    "fstream": "ifstream ofstream fstream", "sstream": "stringstream istringstream ostringstream", "iomanip":
        "setw setprecision setfill put_time get_time quoted", "iostream": "cout cerr cin clog",
    "ostream": "ostream endl flush", "istream": "istream ws", "ios": "streamsize streamoff streampos ios ios_base hex dec fixed",
    "regex": "regex smatch regex_match regex_search", "locale": "locale", "string.h": "",
    "cstring": "memcpy memmove memset memcmp memchr strlen strcmp strncmp strchr strrchr strstr strerror strcpy strncpy strspn strcspn",
    "cstdlib": "abort exit getenv malloc calloc realloc free atoi atol atof strtol strtoul strtoll strtoull strtod "
               "quick_exit atexit system aligned_alloc _Exit div qsort mkstemp",
    "cstdio": "FILE printf fprintf snprintf vsnprintf sprintf fopen fclose fread fwrite fputs fputc fflush puts putchar "
              "rename fgets ferror feof fseek ftell tmpfile perror sscanf",
    "cmath": "sqrt pow exp exp2 log log2 log10 log1p expm1 floor ceil round lround llround trunc rint nearbyint fmod modf "
             "ldexp frexp sin cos tan asin acos atan atan2 sinh cosh tanh isnan isinf isfinite signbit hypot cbrt erf erfc "
             "tgamma lgamma fabs fmin fmax fma copysign nextafter lerp isnormal",
    "cctype": "isdigit isalpha isalnum isspace isupper islower isxdigit isprint ispunct iscntrl toupper tolower",
    "ctime": "time time_t tm gmtime localtime mktime strftime difftime clock_t timespec",
    "csignal": "signal raise sig_atomic_t", "cassert": "", "cerrno": "", "climits": "", "cinttypes": "", "cfloat": "",
    "version": "",
}
CONTAINERS = ("string", "string_view", "vector", "array", "deque", "list", "map", "set", "unordered_map", "unordered_set",
              "span", "forward_list")
# Names that several headers bring by the standard's own words, or in every library there is.
SHARED = {
    "size_t": ("cstddef", *CONTAINERS, "cstdio", "cstdlib", "cstring", "ctime", "memory", "bitset", "queue", "utility",
               "functional", "initializer_list", "optional", "tuple", "atomic", "algorithm", "new"),
    "ptrdiff_t": ("cstddef", *CONTAINERS, "iterator"),
    "nullptr_t": ("cstddef", "memory"),
    "erase_if": ("vector", *CONTAINERS), "erase": ("vector", "string", "deque", "list", "forward_list"),
    "size": ("iterator", *CONTAINERS), "ssize": ("iterator", *CONTAINERS), "data": ("iterator", *CONTAINERS),
    "begin": ("iterator", *CONTAINERS), "end": ("iterator", *CONTAINERS), "empty": ("iterator", *CONTAINERS),
    "get": ("tuple", "variant", "array", "utility", "ranges"),
    "hash": ("functional", "string", "string_view", "memory", "optional", "variant", "system_error", "coroutine"),
    "swap": ("utility", "memory", "string", "vector", "array"),
    "abs": ("cmath", "cstdlib"), "isnan": ("cmath",),
    "milli": ("chrono", "ratio"), "micro": ("chrono", "ratio"), "nano": ("chrono", "ratio"),
    "move": ("utility", "algorithm"), "pair": ("utility", "map", "unordered_map"),
    "initializer_list": ("initializer_list", *CONTAINERS),
    "remove": ("algorithm", "cstdio"),
    "tuple_size": ("tuple", "array", "utility"),
    "monostate": ("variant",),
    "ostream": ("ostream", "iostream", "sstream", "fstream"), "endl": ("ostream", "iostream", "sstream", "fstream"),
    "flush": ("ostream", "iostream", "sstream", "fstream"),
    "istream": ("istream", "iostream", "sstream", "fstream"), "getline": ("string", "istream"),
    "ios": ("ios", "fstream", "sstream", "iostream", "ostream", "istream"),
    "streamsize": ("ios", "fstream", "sstream", "iostream", "ostream", "istream"),
    "subrange": ("ranges",), "greater": ("functional",), "distance": ("iterator", "ranges"),
    "next": ("iterator", "ranges"), "prev": ("iterator", "ranges"),
    "chrono_literals": ("chrono",), "time_t": ("ctime",),
}


def headers_by_name():
    """{name: headers of which one is asked for, the one to add first}."""
    table = {}
    for header, names in NAMES.items():
        for name in names.split():
            table.setdefault(name, (header,))
    table.update(SHARED)
    return table


HEADERS = headers_by_name()


class Tree:
    """The files below a root, each read once; what a file includes of ours is followed."""

    def __init__(self, root):
        self.root = root
        self.files = {}

    def text(self, path):
        return self._read(path)[0]

    def includes(self, path):
        """(standard and library headers, paths of ours) that the file names itself."""
        return self._read(path)[1:]

    def _read(self, path):
        if path not in self.files:
            text = blanked(path.read_text(errors="replace"))
            library, ours = set(), []
            for angle, quoted in INCLUDE.findall(text):
                target = self._find(path, quoted) if quoted else None
                if target:
                    ours.append(target)
                elif angle:
                    library.add(angle)
            self.files[path] = (INCLUDE.sub("", text), library, ours)
        return self.files[path]

    def _find(self, path, name):
        for folder in (self.root / "src", path.parent):
            if (folder / name).is_file():
                return folder / name
        return None

    def reached(self, path):
        """Every library header that the file or a header of ours behind it names."""
        seen, waiting, found = set(), [path], set()
        while waiting:
            file = waiting.pop()
            if file in seen:
                continue
            seen.add(file)
            library, ours = self.includes(file)
            found |= library
            waiting += ours
        return found


def missing(tree, path):
    """[(line, name, header to add)] of one file: each header once, at its first use."""
    there = tree.includes(path)[0] if path.suffix == ".hpp" else tree.reached(path)
    found = {}
    for number, line in enumerate(tree.text(path).splitlines(), 1):
        for match in NAME.finditer(line):
            headers = HEADERS.get(match.group(1))
            if headers and not there.intersection(headers):
                found.setdefault(headers[0], (number, match.group(0), headers[0]))
    return sorted(found.values())


def with_includes(text, headers):
    """The text with lines added to its block of standard includes, in order; without one, above its first include."""
    lines = text.splitlines(keepends=True)
    standard = re.compile(r"#include <[a-z0-9_]+>")
    for header in headers:
        new = f"#include <{header}>\n"
        places = [index for index, line in enumerate(lines) if standard.match(line)]
        after = [index for index in places if lines[index] < new]
        if places:
            lines.insert(after[-1] + 1 if after else places[0], new)
            continue
        first = next((index for index, line in enumerate(lines) if line.startswith("#include")), None)
        if first is None:
            first = next((index for index, line in enumerate(lines) if line.startswith("#pragma once")), -1) + 1
            lines[first:first] = ["\n", new]
        else:
            lines[first:first] = [new, "\n"]
    return "".join(lines)


def main(arguments):
    tree = Tree(ROOT)
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".hpp", ".cpp")]
    status = 0
    for path in files:
        found = missing(tree, path)
        for number, name, header in found:
            print(f"{path.relative_to(ROOT)}:{number}: {name} without #include <{header}>")
            status = 1
        if found and "--mend" in arguments:
            path.write_text(with_includes(path.read_text(), [header for _, _, header in found]))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
