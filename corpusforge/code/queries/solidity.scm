; solidity: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (hex_string_literal)
  (unicode_string_literal)
] @string
(number_literal) @number
[
  (contract_declaration)
  (interface_declaration)
  (library_declaration)
  (function_definition)
  (constructor_definition)
  (modifier_definition)
  (struct_declaration)
  (event_definition)
  (enum_declaration)
  (error_declaration)
] @definition
(import_directive) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
