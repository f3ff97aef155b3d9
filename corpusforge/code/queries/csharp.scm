; csharp: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (character_literal)
  (interpolated_string_expression)
  (verbatim_string_literal)
  (raw_string_literal)
] @string
[
  (integer_literal)
  (real_literal)
] @number
[
  (class_declaration)
  (struct_declaration)
  (interface_declaration)
  (enum_declaration)
  (record_declaration)
  (delegate_declaration)
  (method_declaration)
  (constructor_declaration)
  (operator_declaration)
  (property_declaration)
  (local_function_statement)
] @definition
(using_directive) @import
(compilation_unit (global_statement) @toplevel)
(ERROR) @error
(MISSING) @missing
