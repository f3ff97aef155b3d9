; squirrel: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (verbatim_string)
  (char)
] @string
[
  (integer)
  (float)
] @number
[
  (function_declaration)
  (class_declaration)
  (enum_declaration)
  (anonymous_function)
] @definition
(script (_) @item)
(ERROR) @error
(MISSING) @missing
