; fortran: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string_literal) @string
(number_literal) @number
[
  (function)
  (subroutine)
  (module)
  (program)
  (derived_type_definition)
  (submodule)
] @definition
[
  (use_statement)
  (include_statement)
] @import
(translation_unit (_) @item)
(ERROR) @error
(MISSING) @missing
