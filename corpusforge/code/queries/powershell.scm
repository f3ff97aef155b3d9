; powershell: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string_literal) @string
[
  (integer_literal)
  (real_literal)
] @number
[
  (function_statement)
  (class_statement)
  (class_method_definition)
] @definition
(program (statement_list [(pipeline) (if_statement) (foreach_statement) (while_statement)] @toplevel))
(ERROR) @error
(MISSING) @missing
