; starlark: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
[
  (integer)
  (float)
] @number
(function_definition) @definition
(module (expression_statement [(call) (assignment)] @toplevel))
(ERROR) @error
(MISSING) @missing
