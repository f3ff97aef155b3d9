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
(ERROR) @error
(MISSING) @missing
