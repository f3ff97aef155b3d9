; ruby: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (string_array)
  (heredoc_body)
  (regex)
  (chained_string)
  (character)
] @string
[
  (integer)
  (float)
] @number
[
  (method)
  (singleton_method)
  (class)
  (module)
  (singleton_class)
  (lambda)
] @definition
((call method: (identifier) @_m) @import (#any-of? @_m "require" "require_relative" "load"))
(program [(call) (assignment) (if) (unless) (while) (for) (case) (begin)] @toplevel)
(ERROR) @error
(MISSING) @missing
