; v: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (interpreted_string_literal)
  (raw_string_literal)
  (c_string_literal)
  (rune_literal)
] @string
[
  (int_literal)
  (float_literal)
] @number
[
  (function_declaration)
  (struct_declaration)
  (interface_declaration)
  (enum_declaration)
  (type_declaration)
] @definition
(import_declaration) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
