; groovy: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (block_comment)
] @comment
(string) @string
(number) @number
(func) @definition
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
