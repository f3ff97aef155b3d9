; haskell: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (haddock)
] @comment
[
  (string)
  (char)
] @string
[
  (integer)
  (float)
] @number
[
  (function)
  (bind)
  (data_type)
  (newtype)
  (class)
  (instance)
  (type_synomym)
  (signature)
] @definition
(import) @import
(haskell (_) @item)
(ERROR) @error
(MISSING) @missing
