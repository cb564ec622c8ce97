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

var seed = 42

func randomBelow(bound int) int {
	seed = seed * 16807 % 2147483647
	return seed % bound
}

func makeTree(depth, number int) *node {
	var left, right *node
	if depth > 0 {
		left = makeTree(depth-1, number+1)
		right = makeTree(depth-1, number+2)
	}
	return &node{left, right, number}
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return (n.number + 2*n.left.sum() + 3*n.right.sum()) % 1000003
}

func (n *node) walk(path, depth int) *node {
	for ; depth > 0; depth, path = depth-1, path/2 {
		if path%2 == 1 {
			n = n.right
		} else {
			n = n.left
		}
	}
	return n
}

func trade(tree *node, depth int) {
	place := randomBelow(depth - 2)
	n := tree.walk(randomBelow(1<<20), place)
	n.left, n.right = n.right, n.left
}

func replace(tree *node, depth int) {
	n := tree.walk(randomBelow(1<<20), depth-4)
	number := randomBelow(1000)
	n.left = makeTree(3, number)
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	depth := 18
	if size < 1000 {
		depth = 8
	}
	tree := makeTree(depth, 1)
	for i := 0; i < size; i++ {
		trade(tree, depth)
		trade(tree, depth)
		replace(tree, depth)
	}
	fmt.Printf("%d changes, sum %d\n", size, tree.sum())
}
