; zig: node kinds of tree-sitter-language-pack 0.13.0
[
  (line_comment)
  (doc_comment)
  (container_doc_comment)
] @comment
[
  (STRINGLITERALSINGLE)
  (LINESTRING)
  (CHAR_LITERAL)
] @string
[
  (INTEGER)
  (FLOAT)
] @number
[
  (FnProto)
  (TestDecl)
  (ContainerDecl)
] @definition
(source_file (_) @item)
(ERROR) @error
(MISSING) @missing
