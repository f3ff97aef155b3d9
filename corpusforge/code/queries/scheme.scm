; scheme: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (block_comment)
] @comment
[
  (string)
  (character)
] @string
(number) @number
((list . (symbol) @_d) @definition (#match? @_d "^(define|define-syntax|define-record-type|define-values|lambda|let|struct|define-struct|define/contract)$"))
((list . (symbol) @_i) @import (#any-of? @_i "require" "import" "use-modules" "library" "load"))
(program (_) @item)
(ERROR) @error
(MISSING) @missing
