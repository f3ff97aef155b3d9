; gleam: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (module_comment)
  (statement_comment)
] @comment
(string) @string
[
  (integer)
  (float)
] @number
[
  (function)
  (type_definition)
  (type_alias)
  (external_function)
  (anonymous_function)
] @definition
(import) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
