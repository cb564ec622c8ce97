(* Full collections of a tree of two-field objects in OCaml; see pairs.c. *)
external now : unit -> (int[@untagged]) = "monotonic_clock_byte" "monotonic_clock" [@@noalloc]

type pair = Nil | Pair of { mutable left : pair; mutable right : pair }

(* 62 bits of the generator of the others: the order differs, its randomness does not. *)
let shuffle array =
  let random = ref 88172645463325252 in
  for i = Array.length array downto 2 do
    random := !random lxor (!random lsl 13);
    random := !random lxor (!random lsr 7);
    random := !random lxor (!random lsl 17);
    let j = (!random land max_int) mod i in
    let pair = array.(i - 1) in
    array.(i - 1) <- array.(j);
    array.(j) <- pair
  done

let rec link array from count =
  if count = 0 then Nil
  else begin
    let left = (count - 1) / 2 in
    let root = array.(from) in
    (match root with
     | Nil -> ()
     | Pair p ->
       p.left <- link array (from + 1) left;
       p.right <- link array (from + 1 + left) (count - 1 - left));
    root
  end

let rec size = function Nil -> 0 | Pair { left; right } -> 1 + size left + size right

let[@inline never] make_tree count shuffled =
  let array = Array.make count Nil in
  for i = 0 to count - 1 do array.(i) <- Pair { left = Nil; right = Nil } done;
  if shuffled then shuffle array;
  link array 0 count

let argument n otherwise = if Array.length Sys.argv > n then int_of_string Sys.argv.(n) else otherwise

let () =
  let count = argument 1 33_554_432 and collections = argument 3 5 in
  let root = make_tree count (Array.length Sys.argv > 2 && Sys.argv.(2) = "shuffled") in
  Gc.full_major ();
  (* Gc.major is one cycle; Gc.full_major is up to three. *)
  let times = Array.init collections (fun _ -> let start = now () in Gc.major (); now () - start) in
  Array.sort compare times;
  if size root <> count then failwith "the tree has lost some of its objects";
  Printf.printf "version ocaml %s\ncollection %d\nleast %d\n" Sys.ocaml_version times.(collections / 2) times.(0)
