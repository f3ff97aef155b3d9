; nix: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_expression)
  (indented_string_expression)
] @string
[
  (integer_expression)
  (float_expression)
] @number
(function_expression) @definition
(source_code (_) @item)
(ERROR) @error
(MISSING) @missing
