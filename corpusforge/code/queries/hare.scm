; hare: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (raw_string)
] @string
[
  (number)
  (float)
] @number
[
  (function_declaration)
  (type_declaration)
] @definition
(use_statement) @import
(module (_) @item)
(ERROR) @error
(MISSING) @missing
