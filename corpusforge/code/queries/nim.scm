; nim: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (block_comment)
  (documentation_comment)
  (block_documentation_comment)
] @comment
[
  (interpreted_string_literal)
  (raw_string_literal)
  (long_string_literal)
  (char_literal)
  (generalized_string)
] @string
[
  (integer_literal)
  (float_literal)
] @number
[
  (proc_declaration)
  (func_declaration)
  (method_declaration)
  (iterator_declaration)
  (template_declaration)
  (macro_declaration)
  (converter_declaration)
  (type_declaration)
] @definition
[
  (import_statement)
  (import_from_statement)
  (include_statement)
] @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
