; lua: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
(number) @number
[
  (function_declaration)
  (function_definition)
] @definition
((function_call name: (identifier) @_i) @import (#eq? @_i "require"))
(chunk [(function_call) (assignment_statement) (variable_declaration) (for_statement) (while_statement) (if_statement)] @toplevel)
(ERROR) @error
(MISSING) @missing
