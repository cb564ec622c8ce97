type node = { mutable left : node option; mutable right : node option; mutable number : int }

let rec make depth =
  let left = if depth > 0 then Some (make (depth - 1)) else None in
  let right = if depth > 0 then Some (make (depth - 1)) else None in
  { left; right; number = depth }

let rec populate node depth =
  node.number <- depth;
  if depth > 0 then begin
    let left = { left = None; right = None; number = 0 } in
    node.left <- Some left;
    let right = { left = None; right = None; number = 0 } in
    node.right <- Some right;
    populate left (depth - 1);
    populate right (depth - 1)
  end

let populated depth =
  let node = { left = None; right = None; number = 0 } in
  populate node depth;
  node

let rec sum node = node.number + sum_of node.left + sum_of node.right
and sum_of = function None -> 0 | Some node -> sum node

let checksum sum value = ((sum * 31) + value) mod 1000000007

let many_trees depth deepest =
  let count = 2 lsl (deepest - depth) and down = ref 0 and up = ref 0 in
  for _ = 1 to count do
    down := checksum !down (sum (populated depth));
    up := checksum !up (sum (make depth))
  done;
  Printf.printf "%d trees of depth %d: %d %d\n" count depth !down !up

let () =
  let deepest = int_of_string Sys.argv.(1) in
  Printf.printf "stretch tree: %d\n" (sum (make deepest));
  let kept = populated (deepest - 1) in
  let numbers = Array.make 500000 0.0 in
  for i = 1 to 499999 do numbers.(i) <- 1.0 /. float_of_int i done;
  let depth = ref 4 in
  while !depth <= deepest do
    many_trees !depth deepest;
    depth := !depth + 2
  done;
  Printf.printf "tree that stayed: %d, array: %.6f\n" (sum kept) numbers.(1000)
