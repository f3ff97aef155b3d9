; erlang: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (char)
] @string
[
  (integer)
  (float)
] @number
[
  (fun_decl)
  (record_decl)
  (pp_define)
  (type_alias)
] @definition
[
  (import_attribute)
  (pp_include)
  (pp_include_lib)
] @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
