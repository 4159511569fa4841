"""How the cross-encoder is made: lessons, cases from them, learning."""
