; verilog: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(double_quoted_string) @string
[
  (unsigned_number)
  (hex_number)
  (binary_number)
  (decimal_number)
] @number
[
  (module_declaration)
  (function_declaration)
  (task_declaration)
  (class_declaration)
  (interface_declaration)
  (package_declaration)
  (always_construct)
] @definition
[
  (package_import_declaration)
  (include_compiler_directive)
] @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
