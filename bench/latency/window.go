// The sliding window in Go; see window.c.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"time"
)

const messageBytes = 1024

type message = []byte

func push(window []message, at int, fill byte) {
	m := make(message, messageBytes)
	for i := range m {
		m[i] = fill
	}
	window[at] = m
}

func argument(n, otherwise int) int {
	if len(os.Args) <= n {
		return otherwise
	}
	value, err := strconv.Atoi(os.Args[n])
	if err != nil || value <= 0 {
		fmt.Fprintln(os.Stderr, "not a size:", os.Args[n])
		os.Exit(2)
	}
	return value
}

func main() {
	size, pushes := argument(1, 200000), argument(2, 1000000)
	window, times := make([]message, size), make([]uint32, pushes)
	for i := range times {
		times[i] = 1
	}
	began := time.Now()
	for i := 0; i < pushes; i++ {
		start := time.Now()
		push(window, i%size, byte(i))
		times[i] = uint32(time.Since(start))
	}
	total := time.Since(began)
	sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
	fmt.Printf("version %s\nworst %d\np999 %d\nmedian %d\ntotal %d\n", runtime.Version(), times[pushes-1],
		times[pushes-1-pushes/1000], times[pushes/2], total.Nanoseconds())
}
