# The sliding window for PyPy; see window.c.
import sys
from array import array
from time import perf_counter_ns

MESSAGE_BYTES = 1024


def push(window, at, fill):
    message = bytearray(MESSAGE_BYTES)
    for i in range(MESSAGE_BYTES):
        message[i] = fill
    window[at] = message


def argument(n, otherwise):
    return int(sys.argv[n]) if len(sys.argv) > n else otherwise


def main():
    size, pushes = argument(1, 200000), argument(2, 1000000)
    window, times = [None] * size, array('q', [1]) * pushes
    began = perf_counter_ns()
    for i in range(pushes):
        start = perf_counter_ns()
        push(window, i % size, i & 255)
        times[i] = perf_counter_ns() - start
    total = perf_counter_ns() - began
    ordered = sorted(times)
    print('version pypy %d.%d.%d' % sys.pypy_version_info[:3])
    print('worst %d\np999 %d\nmedian %d\ntotal %d' % (ordered[-1], ordered[-1 - pushes // 1000],
                                                      ordered[pushes // 2], total))


main()
