; asm: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (block_comment)
] @comment
(string) @string
[
  (int)
  (float)
] @number
(label) @definition
(program (_) @item)
(ERROR) @error
(MISSING) @missing
