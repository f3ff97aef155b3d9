; elm: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (block_comment)
] @comment
[
  (string_constant_expr)
  (char_constant_expr)
] @string
(number_constant_expr) @number
[
  (value_declaration)
  (type_declaration)
  (type_alias_declaration)
] @definition
(import_clause) @import
(file (_) @item)
(ERROR) @error
(MISSING) @missing
