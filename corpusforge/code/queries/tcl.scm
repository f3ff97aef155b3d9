; tcl: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
(quoted_word) @string
(number) @number
(procedure) @definition
(source_file [(command) (set) (if) (foreach) (while)] @toplevel)
(ERROR) @error
(MISSING) @missing
