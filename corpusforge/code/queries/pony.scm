; pony: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
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
  (actor_definition)
  (class_definition)
  (primitive_definition)
  (trait_definition)
  (interface_definition)
  (constructor)
  (method)
  (struct_definition)
] @definition
(use_statement) @import
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
