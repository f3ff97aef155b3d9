; sql: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (marginalia)
] @comment
(literal) @string
[
  (create_function)
  (create_table)
  (create_view)
  (create_index)
  (create_trigger)
  (cte)
] @definition
(program (statement) @toplevel)
(ERROR) @error
(MISSING) @missing
