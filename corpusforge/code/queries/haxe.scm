; haxe: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(string) @string
[
  (integer)
  (float)
] @number
[
  (class_declaration)
  (interface_declaration)
  (typedef_declaration)
  (function_declaration)
] @definition
[
  (import_statement)
  (using_statement)
] @import
(module (_) @item)
(ERROR) @error
(MISSING) @missing
