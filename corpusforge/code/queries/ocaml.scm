; ocaml: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (character)
] @string
(number) @number
[
  (let_binding)
  (type_binding)
  (module_binding)
  (class_binding)
  (exception_definition)
  (value_specification)
] @definition
[
  (open_module)
  (include_module)
] @import
(compilation_unit (expression_item) @toplevel)
(ERROR) @error
(MISSING) @missing
