; matlab: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
(number) @number
[
  (function_definition)
  (class_definition)
] @definition
(source_file [(assignment) (function_call) (for_statement) (while_statement) (if_statement) (command)] @toplevel)
(ERROR) @error
(MISSING) @missing
