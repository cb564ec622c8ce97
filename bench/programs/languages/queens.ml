let rec append list rest = match list with [] -> rest | row :: more -> row :: append more rest

let rec is_safe row distance = function
  | [] -> true
  | taken :: more ->
      taken <> row && taken <> row + distance && taken <> row - distance && is_safe row (distance + 1) more

let rec count_solutions untried tried taken =
  match untried with
  | [] -> if tried = [] then 1 else 0
  | row :: more ->
      let count = if is_safe row 1 taken then count_solutions (append more tried) [] (row :: taken) else 0 in
      count + count_solutions more (row :: tried) taken

let () =
  let size = int_of_string Sys.argv.(1) in
  let rec rows row = if row > size then [] else row :: rows (row + 1) in
  Printf.printf "%d queens: %d solutions\n" size (count_solutions (rows 1) [] [])
