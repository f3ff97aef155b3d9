; fish: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (double_quote_string)
  (single_quote_string)
] @string
[
  (integer)
  (float)
] @number
(function_definition) @definition
(program [(command) (for_statement) (while_statement) (if_statement) (switch_statement)] @toplevel)
(ERROR) @error
(MISSING) @missing
