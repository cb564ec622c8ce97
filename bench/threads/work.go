// Work that threads divide, in Go; see work.c. A thread is a goroutine, and as many run at once as there are processors, at most as many as
// there are threads.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	depth  = 12
	ring   = 1024
	parts  = 64
	chains = parts * 64 * 32
	keys   = 200000
	list   = 1000
)

type node struct{ left, right *node }
type message struct {
	number uint64
	text   [56]byte
}
type entry struct {
	next       *entry
	key, value uint64
}

var (
	threads, size int
	found         atomic.Uint64
)

func share(all, thread, count int) int {
	if thread < all%count {
		return all/count + 1
	}
	return all / count
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func count(n *node) uint64 {
	if n == nil {
		return 0
	}
	return 1 + count(n.left) + count(n.right)
}

func buildTrees(n int) {
	for i := 0; i < n; i++ {
		found.Add(count(tree(depth)))
	}
}

func doTrees(thread int) { buildTrees(share(20*size, thread, threads)) }

var (
	messages   [ring]*message
	put, taken int
	ringLock   sync.Mutex
	changed    = sync.NewCond(&ringLock)
)

func putMessage(number uint64) {
	m := &message{number: number}
	m.text[0] = 'm'
	ringLock.Lock()
	for put-taken == ring {
		changed.Wait()
	}
	messages[put%ring] = m
	put++
	if put-taken == 1 {
		changed.Broadcast()
	}
	ringLock.Unlock()
}

func takeMessage() {
	ringLock.Lock()
	for put == taken {
		changed.Wait()
	}
	at := taken % ring
	taken++
	m := messages[at]
	messages[at] = nil
	if put-taken == ring-1 {
		changed.Broadcast()
	}
	ringLock.Unlock()
	found.Add(m.number)
}

func doQueue(thread int) {
	n, producers := 20000*size, threads/2
	if threads > 1 && thread%2 == 1 {
		n = share(n, thread/2, producers)
	} else if threads > 1 {
		n = share(n, thread/2, threads-producers)
	}
	for i := 0; i < n; i++ {
		if threads == 1 || thread%2 == 1 {
			putMessage(3)
		}
		if thread%2 == 0 {
			takeMessage()
		}
	}
}

var (
	table [chains]*entry
	locks [parts]sync.Mutex
)

func without(chain *entry, key uint64) *entry {
	if chain == nil {
		return nil
	}
	if chain.key == key {
		return chain.next
	}
	chain.next = without(chain.next, key)
	return chain
}

func useMap(number uint64) {
	key := number % keys
	at := key % chains
	lock := &locks[at%parts]
	lock.Lock()
	switch number / keys % 8 {
	case 0:
		table[at] = without(table[at], key)
	case 1, 2, 3:
		table[at] = &entry{without(table[at], key), key, key * 3}
	default:
		e := table[at]
		for e != nil && e.key != key {
			e = e.next
		}
		if e != nil && e.value != key*3 {
			panic("map: another value")
		}
	}
	lock.Unlock()
}

func doMap(thread int) {
	state := uint64(88172645463325252) + uint64(thread)*7919
	n := share(40000*size, thread, threads)
	for i := 0; i < n; i++ {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		useMap(state >> 8)
	}
	found.Add(uint64(n))
}

func liveShortly(done *sync.WaitGroup) {
	var l *node
	for i := 0; i < list; i++ {
		l = &node{left: l}
	}
	found.Add(count(l))
	done.Done()
}

func doShortLived(thread int) {
	for n := share(40*size, thread, threads); n > 0; n-- {
		var done sync.WaitGroup
		done.Add(1)
		go liveShortly(&done)
		done.Wait()
	}
}

var reader, writer *os.File

func doBlocked(thread int) {
	if thread == 0 {
		buildTrees(20 * size)
		writer.Close()
		return
	}
	reader.Read(make([]byte, 1))
}

func number(n int) int {
	value, err := strconv.Atoi(os.Args[n])
	if err != nil || value <= 0 {
		fmt.Fprintln(os.Stderr, "not a number:", os.Args[n])
		os.Exit(2)
	}
	return value
}

func main() {
	works := map[string]func(int){"trees": doTrees, "queue": doQueue, "map": doMap, "short-lived": doShortLived, "blocked": doBlocked}
	if len(os.Args) != 4 || works[os.Args[1]] == nil {
		os.Exit(2)
	}
	threads, size = number(2), number(3)
	expected := map[string]int{"trees": 20 * size * (1<<(depth+1) - 1), "queue": 60000 * size, "map": 40000 * size,
		"short-lived": 40 * size * list, "blocked": 20 * size * (1<<(depth+1) - 1)}
	if threads < runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(threads)
	}
	reader, writer, _ = os.Pipe()
	var all sync.WaitGroup
	began := time.Now()
	for i := 0; i < threads; i++ {
		all.Add(1)
		go func(i int) {
			works[os.Args[1]](i)
			all.Done()
		}(i)
	}
	all.Wait()
	total := time.Since(began)
	if found.Load() != uint64(expected[os.Args[1]]) {
		fmt.Fprintln(os.Stderr, os.Args[1], found.Load(), "found,", expected[os.Args[1]], "expected")
		os.Exit(1)
	}
	fmt.Printf("version %s\ntotal %d\n", runtime.Version(), total.Nanoseconds())
}
