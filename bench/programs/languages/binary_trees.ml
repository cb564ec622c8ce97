type tree = Leaf | Node of { left : tree; right : tree }

let rec make depth =
  if depth = 0 then Node { left = Leaf; right = Leaf }
  else
    let left = make (depth - 1) in
    let right = make (depth - 1) in
    Node { left; right }

let rec count = function Leaf -> 0 | Node { left; right } -> 1 + count left + count right

let () =
  let deepest = max 6 (int_of_string Sys.argv.(1)) in
  Printf.printf "stretch tree of depth %d\t check: %d\n" (deepest + 1) (count (make (deepest + 1)));
  let long_lived = make deepest in
  let depth = ref 4 in
  while !depth <= deepest do
    let trees = 1 lsl (deepest - !depth + 4) in
    let check = ref 0 in
    for _ = 1 to trees do check := !check + count (make !depth) done;
    Printf.printf "%d\t trees of depth %d\t check: %d\n" trees !depth !check;
    depth := !depth + 2
  done;
  Printf.printf "long lived tree of depth %d\t check: %d\n" deepest (count long_lived)
