; ada: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (character_literal)
] @string
(numeric_literal) @number
[
  (subprogram_body)
  (subprogram_declaration)
  (package_declaration)
  (package_body)
  (full_type_declaration)
  (task_body)
] @definition
[
  (with_clause)
  (use_clause)
] @import
(compilation (_) @item)
(ERROR) @error
(MISSING) @missing
