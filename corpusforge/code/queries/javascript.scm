; javascript: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (html_comment)
] @comment
[
  (string)
  (template_string)
  (regex)
] @string
(number) @number
[
  (function_declaration)
  (function_expression)
  (generator_function_declaration)
  (generator_function)
  (arrow_function)
  (class_declaration)
  (method_definition)
] @definition
(import_statement) @import
(program [(for_statement) (for_in_statement) (while_statement) (if_statement) (try_statement) (lexical_declaration) (variable_declaration)] @toplevel)
(program (expression_statement [(call_expression) (await_expression) (assignment_expression)] @toplevel))
(ERROR) @error
(MISSING) @missing
