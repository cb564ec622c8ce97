type value = { number : int }
type entry = Nothing | Entry of { mutable next : entry; mutable value : value; key : int }
type table = { mutable buckets : entry array; mutable count : int }

let seed = ref 42

let random_below bound =
  seed := !seed * 16807 mod 2147483647;
  !seed mod bound

let place_of key length = key * 7919 mod 1000003 mod length

let grow table =
  let length = 2 * Array.length table.buckets in
  let buckets = Array.make length Nothing in
  let rec move = function
    | Nothing -> ()
    | Entry e as entry ->
        let next = e.next and place = place_of e.key length in
        e.next <- buckets.(place);
        buckets.(place) <- entry;
        move next
  in
  Array.iter move table.buckets;
  table.buckets <- buckets

let rec find entry key = match entry with Entry e when e.key <> key -> find e.next key | _ -> entry
let chain table key = table.buckets.(place_of key (Array.length table.buckets))

let insert table key value =
  if table.count = Array.length table.buckets then grow table;
  let place = place_of key (Array.length table.buckets) in
  table.buckets.(place) <- Entry { next = table.buckets.(place); value; key };
  table.count <- table.count + 1

let remove table key =
  let rec search before entry =
    match entry with
    | Nothing -> ()
    | Entry e when e.key = key ->
        (match before with
        | Entry b -> b.next <- e.next
        | Nothing -> table.buckets.(place_of key (Array.length table.buckets)) <- e.next);
        table.count <- table.count - 1
    | Entry e -> search entry e.next
  in
  search Nothing (chain table key)

let count_up table key =
  match find (chain table key) key with
  | Entry e -> e.value <- { number = e.value.number + 1 }
  | Nothing -> insert table key { number = 1 }

let () =
  let size = int_of_string Sys.argv.(1) and table = { buckets = Array.make 16 Nothing; count = 0 } and sum = ref 0 in
  for i = 0 to size - 1 do
    count_up table (random_below 200000);
    if i mod 2 = 1 then remove table (random_below 200000)
  done;
  let rec add = function
    | Nothing -> ()
    | Entry e ->
        sum := (!sum + (e.key * e.value.number)) mod 1000000007;
        add e.next
  in
  Array.iter add table.buckets;
  Printf.printf "%d changes, %d entries, sum %d\n" size table.count !sum
