; clojure: node kinds of tree-sitter-language-pack 0.13.0
[
  (comment)
  (dis_expr)
] @comment
[
  (str_lit)
  (regex_lit)
  (char_lit)
] @string
(num_lit) @number
((list_lit . (sym_lit) @_d) @definition (#match? @_d "^(defn-?|def|defmacro|defmulti|defmethod|defprotocol|defrecord|deftype|fn)$"))
((list_lit . (sym_lit) @_i) @import (#any-of? @_i "ns" "require" "use" "import"))
(source (_) @item)
(ERROR) @error
(MISSING) @missing
