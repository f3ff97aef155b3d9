; vim: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (heredoc)
] @string
[
  (integer_literal)
  (float_literal)
] @number
(function_definition) @definition
(source_statement) @import
(script_file (_) @item)
(ERROR) @error
(MISSING) @missing
