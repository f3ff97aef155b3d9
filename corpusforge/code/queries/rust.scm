; rust: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (block_comment)
] @comment
[
  (string_literal)
  (raw_string_literal)
  (char_literal)
] @string
[
  (integer_literal)
  (float_literal)
] @number
[
  (function_item)
  (struct_item)
  (enum_item)
  (trait_item)
  (impl_item)
  (macro_definition)
  (type_item)
  (union_item)
  (mod_item)
  (closure_expression)
] @definition
[
  (use_declaration)
  (extern_crate_declaration)
] @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
