; wat: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment_line)
  (comment_block)
] @comment
(string) @string
[
  (dec_float)
  (hex_float)
] @number
[
  (module_field_func)
  (module_field_type)
] @definition
(module_field_import) @import
(ROOT (_) @item)
(ERROR) @error
(MISSING) @missing
