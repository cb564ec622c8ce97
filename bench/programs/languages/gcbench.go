package main

import (
	"fmt"
	"os"
	"strconv"
)

type node struct {
	left, right *node
	number      int
}

func makeTree(depth int) *node {
	var left, right *node
	if depth > 0 {
		left = makeTree(depth - 1)
		right = makeTree(depth - 1)
	}
	return &node{left, right, depth}
}

func (n *node) populate(depth int) {
	n.number = depth
	if depth > 0 {
		n.left = new(node)
		n.right = new(node)
		n.left.populate(depth - 1)
		n.right.populate(depth - 1)
	}
}

func populated(depth int) *node {
	n := new(node)
	n.populate(depth)
	return n
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.number + n.left.sum() + n.right.sum()
}

func checksum(sum, value int) int { return (sum*31 + value) % 1000000007 }

func manyTrees(depth, deepest int) {
	count, down, up := 2<<(deepest-depth), 0, 0
	for i := 0; i < count; i++ {
		down = checksum(down, populated(depth).sum())
		up = checksum(up, makeTree(depth).sum())
	}
	fmt.Printf("%d trees of depth %d: %d %d\n", count, depth, down, up)
}

func main() {
	deepest, _ := strconv.Atoi(os.Args[1])
	fmt.Printf("stretch tree: %d\n", makeTree(deepest).sum())
	kept := populated(deepest - 1)
	numbers := make([]float64, 500000)
	for i := 1; i < len(numbers); i++ {
		numbers[i] = 1 / float64(i)
	}
	for depth := 4; depth <= deepest; depth += 2 {
		manyTrees(depth, deepest)
	}
	fmt.Printf("tree that stayed: %d, array: %.6f\n", kept.sum(), numbers[1000])
}
