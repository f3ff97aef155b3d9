; llvm: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (cstring)
] @string
[
  (float)
  (number)
] @number
[
  (fn_define)
  (declare)
] @definition
(module (_) @item)
(ERROR) @error
(MISSING) @missing
