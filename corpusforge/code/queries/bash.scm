; bash: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (raw_string)
  (ansi_c_string)
  (heredoc_body)
] @string
(number) @number
(function_definition) @definition
((command name: (command_name) @_i) @import (#any-of? @_i "source" "."))
(program [(command) (variable_assignment) (for_statement) (while_statement) (if_statement) (case_statement) (pipeline) (redirected_statement) (list)] @toplevel)
(ERROR) @error
(MISSING) @missing
