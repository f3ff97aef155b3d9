; php: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (encapsed_string)
  (heredoc)
  (nowdoc)
] @string
[
  (integer)
  (float)
] @number
[
  (function_definition)
  (class_declaration)
  (interface_declaration)
  (trait_declaration)
  (method_declaration)
  (anonymous_function)
  (arrow_function)
  (enum_declaration)
] @definition
[
  (namespace_use_declaration)
  (include_expression)
  (include_once_expression)
  (require_expression)
  (require_once_expression)
] @import
(text) @markup
(program [(expression_statement) (echo_statement) (if_statement) (for_statement) (foreach_statement) (while_statement) (try_statement)] @toplevel)
(ERROR) @error
(MISSING) @missing
