// Full collections of a tree of two-field objects in Go; see pairs.c.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"time"
)

type pair struct{ left, right *pair }

func shuffle(array []*pair) {
	random := uint64(88172645463325252)
	for i := len(array); i > 1; i-- {
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		j := random % uint64(i)
		array[i-1], array[j] = array[j], array[i-1]
	}
}

func link(array []*pair) *pair {
	if len(array) == 0 {
		return nil
	}
	left := (len(array) - 1) / 2
	array[0].left, array[0].right = link(array[1:1+left]), link(array[1+left:])
	return array[0]
}

func size(root *pair) int {
	if root == nil {
		return 0
	}
	return 1 + size(root.left) + size(root.right)
}

//go:noinline
func makeTree(count int, shuffled bool) *pair {
	array := make([]*pair, count)
	for i := range array {
		array[i] = new(pair)
	}
	if shuffled {
		shuffle(array)
	}
	return link(array)
}

func argument(n, otherwise int) int {
	if len(os.Args) <= n {
		return otherwise
	}
	value, err := strconv.Atoi(os.Args[n])
	if err != nil || value <= 0 {
		fmt.Fprintln(os.Stderr, "not a number:", os.Args[n])
		os.Exit(2)
	}
	return value
}

func main() {
	count, collections := argument(1, 33554432), argument(3, 5)
	root := makeTree(count, len(os.Args) > 2 && os.Args[2] == "shuffled")
	runtime.GC()
	times := make([]int64, collections)
	for i := range times {
		start := time.Now()
		runtime.GC()
		times[i] = time.Since(start).Nanoseconds()
	}
	sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
	if size(root) != count {
		fmt.Fprintln(os.Stderr, "the tree has lost some of its objects")
		os.Exit(1)
	}
	fmt.Printf("version %s\ncollection %d\nleast %d\n", runtime.Version(), times[collections/2], times[0])
}
