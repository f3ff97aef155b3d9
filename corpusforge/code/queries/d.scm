; d: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (char_literal)
] @string
[
  (int_literal)
  (float_literal)
] @number
[
  (function_declaration)
  (class_declaration)
  (struct_declaration)
  (interface_declaration)
  (enum_declaration)
  (template_declaration)
  (constructor)
] @definition
(import_declaration) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
