; elixir: node kinds of tree-sitter-language-pack 0.13.0
(comment) @comment
[
  (string)
  (charlist)
  (sigil)
  (char)
] @string
[
  (integer)
  (float)
] @number
((call target: (identifier) @_d) @definition (#any-of? @_d "def" "defp" "defmodule" "defmacro" "defmacrop" "defstruct" "defprotocol" "defimpl" "defguard"))
((call target: (identifier) @_i) @import (#any-of? @_i "import" "alias" "require" "use"))
(unary_operator operator: "@" operand: (call target: (identifier) @_a (arguments [(string) (sigil)] @docstring)) (#any-of? @_a "doc" "moduledoc" "typedoc"))
(source (_) @item)
(ERROR) @error
(MISSING) @missing
