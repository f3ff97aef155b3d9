; go: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (interpreted_string_literal)
  (raw_string_literal)
  (rune_literal)
] @string
[
  (int_literal)
  (float_literal)
  (imaginary_literal)
] @number
[
  (function_declaration)
  (method_declaration)
  (type_declaration)
  (func_literal)
] @definition
(import_declaration) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
