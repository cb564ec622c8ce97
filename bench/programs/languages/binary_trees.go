package main

import (
	"fmt"
	"os"
	"strconv"
)

type node struct{ left, right *node }

func makeTree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	left := makeTree(depth - 1)
	return &node{left, makeTree(depth - 1)}
}

func (n *node) count() int {
	if n.left == nil {
		return 1
	}
	return 1 + n.left.count() + n.right.count()
}

func main() {
	deepest, _ := strconv.Atoi(os.Args[1])
	if deepest < 6 {
		deepest = 6
	}
	fmt.Printf("stretch tree of depth %d\t check: %d\n", deepest+1, makeTree(deepest+1).count())
	longLived := makeTree(deepest)
	for depth := 4; depth <= deepest; depth += 2 {
		trees, check := 1<<(deepest-depth+4), 0
		for i := 0; i < trees; i++ {
			check += makeTree(depth).count()
		}
		fmt.Printf("%d\t trees of depth %d\t check: %d\n", trees, depth, check)
	}
	fmt.Printf("long lived tree of depth %d\t check: %d\n", deepest, longLived.count())
}
