(* The sliding window in OCaml; see window.c. *)
external now : unit -> (int[@untagged]) = "monotonic_clock_byte" "monotonic_clock" [@@noalloc]

let message_bytes = 1024

let push window at fill =
  let message = Bytes.create message_bytes in
  for i = 0 to message_bytes - 1 do Bytes.unsafe_set message i fill done;
  window.(at) <- message

let argument n otherwise = if Array.length Sys.argv > n then int_of_string Sys.argv.(n) else otherwise

let () =
  let size = argument 1 200_000 and pushes = argument 2 1_000_000 in
  let window = Array.make size Bytes.empty in
  (* Outside the heap, as the C program has it: the collector does not scan it. *)
  let times = Bigarray.(Array1.create int c_layout pushes) in
  Bigarray.Array1.fill times 1;
  let began = now () in
  for i = 0 to pushes - 1 do
    let start = now () in
    push window (i mod size) (Char.unsafe_chr (i land 255));
    times.{i} <- now () - start
  done;
  let total = now () - began in
  let sorted = Array.init pushes (fun i -> times.{i}) in
  Array.sort compare sorted;
  Printf.printf "version ocaml %s\nworst %d\np999 %d\nmedian %d\ntotal %d\n" Sys.ocaml_version sorted.(pushes - 1)
    sorted.(pushes - 1 - pushes / 1000) sorted.(pushes / 2) total
