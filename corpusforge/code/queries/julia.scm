; julia: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (block_comment)
] @comment
[
  (string_literal)
  (prefixed_string_literal)
  (command_literal)
  (character_literal)
] @string
[
  (integer_literal)
  (float_literal)
] @number
[
  (function_definition)
  (macro_definition)
  (struct_definition)
  (abstract_definition)
  (module_definition)
  (arrow_function_expression)
] @definition
[
  (import_statement)
  (using_statement)
] @import
(source_file (string_literal) @docstring . [(function_definition) (struct_definition) (macro_definition) (assignment) (module_definition) (abstract_definition)])
(source_file [(assignment) (call_expression) (for_statement) (while_statement) (if_statement) (macrocall_expression)] @toplevel)
(assignment . (call_expression)) @definition
(ERROR) @error
(MISSING) @missing
