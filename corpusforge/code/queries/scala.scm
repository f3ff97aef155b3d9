; scala: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (block_comment)
] @comment
[
  (string)
  (interpolated_string_expression)
  (character_literal)
] @string
[
  (integer_literal)
  (floating_point_literal)
] @number
[
  (class_definition)
  (object_definition)
  (trait_definition)
  (function_definition)
  (enum_definition)
  (type_definition)
  (given_definition)
  (extension_definition)
  (lambda_expression)
] @definition
(import_declaration) @import
(compilation_unit (_) @item)
(ERROR) @error
(MISSING) @missing
