let syllables = [| "ba"; "con"; "de"; "er"; "for"; "gra"; "in"; "ly"; "men"; "ness"; "pre"; "tion" |]
let seed = ref 42

let random_below bound =
  seed := !seed * 16807 mod 2147483647;
  !seed mod bound

let checksum sum value = ((sum * 31) + value) mod 1000000007

let word number =
  let rec more text number = if number = 0 then text else more (text ^ syllables.(number mod 12)) (number / 12) in
  more syllables.(number mod 12) (number / 12)

let random_line () =
  let line = ref "" in
  for _ = 1 to 12 do
    let next = word (random_below 20000) in
    let longer = !line ^ " " in
    line := longer ^ next
  done;
  !line

let () =
  let size = int_of_string Sys.argv.(1) and lines = Array.make 4000 "" and letters = ref 0 and sum = ref 0 in
  for i = 0 to size - 1 do
    let line = random_line () in
    letters := !letters + String.length line;
    lines.(i mod 4000) <- line
  done;
  let sum_of line = String.fold_left (fun sum letter -> checksum sum (Char.code letter)) 0 line in
  Array.iter (fun line -> if line <> "" then sum := checksum !sum (sum_of line)) lines;
  Printf.printf "%d lines, %d letters, checksum %d\n" size !letters !sum
