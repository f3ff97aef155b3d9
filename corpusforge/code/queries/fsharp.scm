; fsharp: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (block_comment)
] @comment
[
  (string)
  (triple_quoted_string)
  (verbatim_string)
  (format_string)
  (char)
] @string
[
  (int)
  (float)
] @number
[
  (function_or_value_defn)
  (member_defn)
  (type_definition)
  (exception_definition)
  (module_defn)
] @definition
(import_decl) @import
(file (_) @item)
(ERROR) @error
(MISSING) @missing
