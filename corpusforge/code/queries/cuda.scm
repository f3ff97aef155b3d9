; cuda: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (char_literal)
  (system_lib_string)
  (raw_string_literal)
] @string
(number_literal) @number
[
  (function_definition)
  (preproc_function_def)
  (type_definition)
  (lambda_expression)
  (namespace_definition)
  (alias_declaration)
] @definition
[
  (preproc_include)
  (using_declaration)
] @import
(struct_specifier body: (_)) @definition
(enum_specifier body: (_)) @definition
(union_specifier body: (_)) @definition
(class_specifier body: (_)) @definition
(declaration declarator: (function_declarator)) @declaration
(translation_unit (_) @item)
(ERROR) @error
(MISSING) @missing
