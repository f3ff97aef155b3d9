"""Quality signals and the rule sets that judge them."""
