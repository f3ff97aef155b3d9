; dart: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (documentation_comment)
] @comment
(string_literal) @string
[
  (decimal_integer_literal)
  (hex_integer_literal)
  (decimal_floating_point_literal)
] @number
[
  (class_definition)
  (function_signature)
  (enum_declaration)
  (mixin_declaration)
  (extension_declaration)
  (constructor_signature)
] @definition
(import_or_export) @import
(program (_) @item)
(ERROR) @error
(MISSING) @missing
