; purescript: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (triple_quote_string)
  (char)
] @string
[
  (integer)
  (number)
] @number
[
  (function)
  (class_declaration)
  (class_instance)
  (data)
  (newtype)
  (type_alias)
  (signature)
] @definition
(import) @import
(purescript (_) @item)
(ERROR) @error
(MISSING) @missing
