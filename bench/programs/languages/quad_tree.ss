(let ()
  (define seed 42)
  (define (random-below bound)
    (set! seed (fxmodulo (fx* seed 16807) 2147483647))
    (fxmodulo seed bound))
  (define (checksum sum value) (fxmodulo (fx+ (fx* sum 31) value) 1000000007))

  (define-record-type point (fields x y (mutable next)))
  (define-record-type quad (fields (mutable quarter) (mutable points) x y size (mutable count)))
  (define (empty-quad x y size) (make-quad #f #f x y size 0))
  (define (quarter-of quad point)
    (let ([half (fxquotient (quad-size quad) 2)])
      (vector-ref (quad-quarter quad)
                  (fx+ (if (fx>= (point-x point) (fx+ (quad-x quad) half)) 1 0)
                       (if (fx>= (point-y point) (fx+ (quad-y quad) half)) 2 0)))))
  (define (divide quad)
    (let ([half (fxquotient (quad-size quad) 2)] [x (quad-x quad)] [y (quad-y quad)])
      (quad-quarter-set! quad
        (vector (empty-quad x y half) (empty-quad (fx+ x half) y half)
                (empty-quad x (fx+ y half) half) (empty-quad (fx+ x half) (fx+ y half) half)))
      (let loop ([point (quad-points quad)])
        (when point
          (let ([following (point-next point)])
            (insert (quarter-of quad point) point)
            (loop following))))
      (quad-points-set! quad #f)))
  (define (insert quad point)
    (cond
      [(quad-quarter quad)
       (quad-count-set! quad (fx+ (quad-count quad) 1))
       (insert (quarter-of quad point) point)]
      [else
       (point-next-set! point (quad-points quad))
       (quad-points-set! quad point)
       (quad-count-set! quad (fx+ (quad-count quad) 1))
       (when (and (fx> (quad-count quad) 4) (fx> (quad-size quad) 1)) (divide quad))]))
  (define (random-tree x y size count)
    (let ([quad (empty-quad x y size)])
      (do ([i 0 (fx+ i 1)])
          ((fx= i count) quad)
        (let* ([px (fx+ x (random-below size))] [py (fx+ y (random-below size))])
          (insert quad (make-point px py #f))))))
  (define (sum-of quad)
    (if (not quad)
        0
        (let points ([sum (quad-count quad)] [point (quad-points quad)])
          (if point
              (points (checksum sum (fx+ (point-x point) (point-y point))) (point-next point))
              (let quarters ([i 0] [sum sum])
                (if (fx= i 4)
                    sum
                    (quarters (fx+ i 1)
                              (checksum sum (sum-of (and (quad-quarter quad) (vector-ref (quad-quarter quad) i)))))))))))
  (let* ([rounds (string->number (cadr (command-line)))]
         [points (if (fx< rounds 10) 500 60000)]
         [stays (random-tree 0 0 1048576 points)]
         [world (random-tree 0 0 1048576 points)])
    (do ([i 0 (fx+ i 1)])
        ((fx= i rounds))
      (let ([quad (vector-ref (quad-quarter world) (fxlogand i 3))])
        (vector-set! (quad-quarter world) (fxlogand i 3)
                     (random-tree (quad-x quad) (quad-y quad) (quad-size quad) (quad-count quad)))))
    (printf "~a rounds, checksums ~a ~a\n" rounds (sum-of stays) (sum-of world))))
