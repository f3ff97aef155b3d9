; odin: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (block_comment)
] @comment
[
  (string)
  (character)
] @string
[
  (number)
  (float)
] @number
[
  (procedure_declaration)
  (struct_declaration)
  (enum_declaration)
  (union_declaration)
] @definition
(import_declaration) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
