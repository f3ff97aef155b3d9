"""Formulas to TeX: MathML by structure, raw delimiters as dollars."""
