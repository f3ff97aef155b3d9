; r: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
[
  (integer)
  (float)
] @number
(function_definition) @definition
((call function: (identifier) @_i) @import (#any-of? @_i "library" "require" "source" "requireNamespace"))
(program [(call) (binary_operator) (for_statement) (while_statement) (if_statement)] @toplevel)
(ERROR) @error
(MISSING) @missing
