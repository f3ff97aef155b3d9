; kotlin: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (multiline_comment)
] @comment
[
  (string_literal)
  (character_literal)
] @string
[
  (integer_literal)
  (hex_literal)
  (bin_literal)
  (long_literal)
  (real_literal)
  (unsigned_literal)
] @number
[
  (class_declaration)
  (object_declaration)
  (function_declaration)
  (anonymous_function)
  (secondary_constructor)
  (lambda_literal)
] @definition
(import_header) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
