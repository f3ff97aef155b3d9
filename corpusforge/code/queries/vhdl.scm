; vhdl: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (character_literal)
] @string
(integer_decimal) @number
[
  (entity_declaration)
  (architecture_body)
  (function_body)
  (procedure_body)
  (package_declaration)
  (process_statement)
] @definition
[
  (library_clause)
  (use_clause)
] @import
(design_file (_) @item)
(ERROR) @error
(MISSING) @missing
