; objc: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string_literal)
  (char_literal)
  (system_lib_string)
] @string
(number_literal) @number
[
  (function_definition)
  (preproc_function_def)
  (type_definition)
  (method_definition)
  (class_interface)
  (class_implementation)
  (protocol_declaration)
] @definition
[
  (preproc_include)
  (module_import)
] @import
(struct_specifier body: (_)) @definition
(enum_specifier body: (_)) @definition
(union_specifier body: (_)) @definition
(translation_unit (_) @item)
(ERROR) @error
(MISSING) @missing
