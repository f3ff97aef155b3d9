; pascal: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (literalString)
  (literalChar)
] @string
(literalNumber) @number
[
  (defProc)
  (declProc)
  (declClass)
  (declType)
  (declIntf)
] @definition
(declUses) @import
(root (_) @item)
(ERROR) @error
(MISSING) @missing
