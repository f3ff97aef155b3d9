; python: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
[
  (integer)
  (float)
] @number
[
  (function_definition)
  (class_definition)
] @definition
[
  (import_statement)
  (import_from_statement)
  (future_import_statement)
] @import
(module . (comment)* . (string) @docstring)
(class_definition body: (block . (string) @docstring))
(function_definition body: (block . (string) @docstring))
(module [(for_statement) (while_statement) (if_statement) (with_statement) (try_statement) (assert_statement) (call) (assignment) (augmented_assignment)] @toplevel)
(ERROR) @error
(MISSING) @missing
