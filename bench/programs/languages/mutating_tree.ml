type tree = Leaf | Node of node
and node = { mutable left : tree; mutable right : tree; number : int }

let seed = ref 42

let random_below bound =
  seed := !seed * 16807 mod 2147483647;
  !seed mod bound

let rec make depth number =
  let left = if depth > 0 then Node (make (depth - 1) (number + 1)) else Leaf in
  let right = if depth > 0 then Node (make (depth - 1) (number + 2)) else Leaf in
  { left; right; number }

let rec sum = function
  | Leaf -> 0
  | Node node -> (node.number + (2 * sum node.left) + (3 * sum node.right)) mod 1000003

let rec walk node path depth =
  if depth = 0 then node
  else
    match if path mod 2 = 1 then node.right else node.left with
    | Node next -> walk next (path / 2) (depth - 1)
    | Leaf -> assert false

let trade tree depth =
  let place = random_below (depth - 2) in
  let node = walk tree (random_below (1 lsl 20)) place in
  let left = node.left in
  node.left <- node.right;
  node.right <- left

let replace tree depth =
  let node = walk tree (random_below (1 lsl 20)) (depth - 4) in
  let number = random_below 1000 in
  node.left <- Node (make 3 number)

let () =
  let size = int_of_string Sys.argv.(1) in
  let depth = if size < 1000 then 8 else 18 in
  let tree = make depth 1 in
  for _ = 1 to size do
    trade tree depth;
    trade tree depth;
    replace tree depth
  done;
  Printf.printf "%d changes, sum %d\n" size (sum (Node tree))
