type point = { px : int; py : int; next : point option }
type quad = { mutable quarters : quad array; mutable points : point option; x : int; y : int; size : int; mutable count : int }

let seed = ref 42

let random_below bound =
  seed := !seed * 16807 mod 2147483647;
  !seed mod bound

let checksum sum value = ((sum * 31) + value) mod 1000000007
let make x y size = { quarters = [||]; points = None; x; y; size; count = 0 }

let quarter_of quad point =
  let half = quad.size / 2 in
  let right = if point.px >= quad.x + half then 1 else 0 and below = if point.py >= quad.y + half then 2 else 0 in
  quad.quarters.(right + below)

let rec insert quad point =
  if Array.length quad.quarters > 0 then begin
    quad.count <- quad.count + 1;
    insert (quarter_of quad point) point
  end
  else begin
    quad.points <- Some { point with next = quad.points };
    quad.count <- quad.count + 1;
    if quad.count > 4 && quad.size > 1 then divide quad
  end

and divide quad =
  let half = quad.size / 2 in
  quad.quarters <- Array.init 4 (fun i -> make (quad.x + (i mod 2 * half)) (quad.y + (i / 2 * half)) half);
  let rec move = function
    | None -> ()
    | Some point ->
        insert (quarter_of quad point) point;
        move point.next
  in
  move quad.points;
  quad.points <- None

let random_tree x y size count =
  let quad = make x y size in
  for _ = 1 to count do
    let px = x + random_below size in
    let py = y + random_below size in
    insert quad { px; py; next = None }
  done;
  quad

let rec sum quad =
  let rec points total = function
    | None -> total
    | Some point -> points (checksum total (point.px + point.py)) point.next
  in
  let own = points quad.count quad.points in
  if quad.quarters = [||] then checksum (checksum (checksum (checksum own 0) 0) 0) 0
  else Array.fold_left (fun total quarter -> checksum total (sum quarter)) own quad.quarters

let () =
  let rounds = int_of_string Sys.argv.(1) in
  let points = if rounds < 10 then 500 else 60000 and world = 1 lsl 20 in
  let stays = random_tree 0 0 world points in
  let moves = random_tree 0 0 world points in
  for i = 0 to rounds - 1 do
    let quarter = moves.quarters.(i mod 4) in
    moves.quarters.(i mod 4) <- random_tree quarter.x quarter.y quarter.size quarter.count
  done;
  Printf.printf "%d rounds, checksums %d %d\n" rounds (sum stays) (sum moves)
