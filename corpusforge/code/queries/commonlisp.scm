; commonlisp: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (block_comment)
] @comment
[
  (str_lit)
  (char_lit)
] @string
(num_lit) @number
(defun) @definition
((list_lit . (sym_lit) @_d) @definition (#match? @_d "^(defvar|defparameter|defconstant|defclass|defstruct|deftype|lambda|deftest)$"))
((list_lit . (sym_lit) @_i) @import (#any-of? @_i "require" "in-package" "use-package" "load" "defpackage" "requires"))
(defun . (defun_header) . (str_lit) @docstring)
(source (_) @item)
(ERROR) @error
(MISSING) @missing
