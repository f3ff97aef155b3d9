; gdscript: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
[
  (integer)
  (float)
] @number
[
  (function_definition)
  (class_definition)
  (constructor_definition)
  (enum_definition)
] @definition
(extends_statement) @import
(source (_) @item)
(ERROR) @error
(MISSING) @missing
