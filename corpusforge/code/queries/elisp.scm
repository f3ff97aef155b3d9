; elisp: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (char)
] @string
[
  (integer)
  (float)
] @number
[
  (function_definition)
  (macro_definition)
] @definition
((list . (symbol) @_d) @definition (#match? @_d "^(defvar|defcustom|defconst|defgroup|cl-defun)$"))
((list . (symbol) @_i) @import (#any-of? @_i "require" "provide"))
(function_definition docstring: (string) @docstring)
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
